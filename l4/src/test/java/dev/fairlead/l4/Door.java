package dev.fairlead.l4;

import dev.fairlead.config.AccessLogSpec;
import dev.fairlead.config.Address;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.Cidr;
import dev.fairlead.config.ClientHelloSpec;
import dev.fairlead.config.ClientsSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.FlowSpec;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.ProxyProtocolInSpec;
import dev.fairlead.config.ProxyProtocolOutSpec;
import dev.fairlead.config.TcpListenerSpec;
import dev.fairlead.config.TcpMatchSpec;
import dev.fairlead.config.TcpRouteSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.Loops;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A tcp listener on loopback with whatever it asks of those who come, and the upstreams behind it.
final class Door implements AutoCloseable {
    final Metrics metrics = new Metrics();
    final Upstreams upstreams = new Upstreams(metrics);
    private final Loops loops = new Loops(2);
    private final Path logFile;
    private final AccessLog log;
    private final List<TcpRouteSpec> routes = new ArrayList<>();
    private @Nullable String fallback;
    private @Nullable TcpPlane plane;

    @Nullable
    ProxyProtocolInSpec proxied;

    @Nullable
    ClientsSpec clients;

    ClientHelloSpec hello = new ClientHelloSpec(Duration.ofSeconds(20), 1 << 16, ClientHelloSpec.NotTls.CLOSE);

    Door() throws IOException {
        logFile = Files.createTempFile("fairlead", ".log");
        log = AccessLog.open(new AccessLogSpec(logFile.toString(), AccessLogSpec.Format.JSON), metrics);
    }

    /// An upstream of one endpoint.
    Door upstream(String name, Peer peer) {
        return upstream(name, peer, null);
    }

    Door upstream(String name, Peer peer, @Nullable ProxyProtocolOutSpec told) {
        UpstreamSpec plain = new UpstreamSpec(
                name,
                List.of(new EndpointSpec(peer.address(), 1, 0)),
                BalancerSpec.ROUND_ROBIN,
                null,
                new UpstreamTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(10)),
                new PoolSpec(0, Duration.ofSeconds(1)),
                1);
        upstreams.put(plain.with(told));
        return this;
    }

    Door fallback(String upstream) {
        fallback = upstream;
        return this;
    }

    Door route(String upstream, @Nullable String sni, List<String> alpn, String... clients)
            throws UnknownHostException {
        List<Cidr> blocks = new ArrayList<>();
        for (String client : clients) {
            blocks.add(cidr(client));
        }
        var match = new TcpMatchSpec(sni, alpn, blocks);
        routes.add(new TcpRouteSpec("r" + routes.size(), match, upstream, List.of()));
        return this;
    }

    Door open() throws IOException {
        plane = new TcpPlane(spec(), loops, upstreams, metrics, log);
        plane.start();
        return this;
    }

    TcpListenerSpec spec() {
        return new TcpListenerSpec(
                "door",
                new Address(InetAddress.getLoopbackAddress(), 0),
                fallback,
                1000,
                Duration.ofMinutes(1),
                FlowSpec.DEFAULT,
                routes,
                hello,
                proxied,
                clients);
    }

    /// Follows what was changed since it was opened.
    void update() {
        plane.update(spec());
    }

    Socket connect() throws IOException {
        return connect("127.0.0.1");
    }

    Socket connect(String from) throws IOException {
        Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), plane.boundAddress().getPort(), InetAddress.getByName(from), 0);
        socket.setSoTimeout(20_000);
        return socket;
    }

    long count(Metric metric, String word) {
        return metrics.counter(metric, "door", word).value();
    }

    /// Flows that have ended, and so are in the access log.
    long ended() {
        return Stream.of(FlowOutcome.values())
                .mapToLong(outcome -> count(Metric.FLOWS, outcome.word()))
                .sum();
    }

    int connections() {
        return plane.open();
    }

    /// The access log so far; ends it.
    String log() throws IOException {
        log.close();
        return Files.readString(logFile);
    }

    static Cidr cidr(String text) throws UnknownHostException {
        String[] parts = text.split("/");
        return new Cidr(InetAddress.getByName(parts[0]), Integer.parseInt(parts[1]));
    }

    @Override
    public void close() throws IOException {
        if (plane != null) {
            plane.close();
        }
        log.close();
        loops.close();
        Files.deleteIfExists(logFile);
    }
}
