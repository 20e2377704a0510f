package dev.fairlead.l4;

import dev.fairlead.config.AddressRange;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.TcpListenerSpec;
import dev.fairlead.metrics.BothWays;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Acceptor;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.Arrivals;
import dev.fairlead.net.BareSockets;
import dev.fairlead.net.Bindings;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import dev.fairlead.net.SocketTerms;
import dev.fairlead.net.Transport;
import dev.fairlead.net.tls.ClientHello;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.FlowClient;
import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.Forecast;
import dev.fairlead.upstream.LiveFlow;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/// A Layer 4 listener on sockets: every connection becomes a [Flow] to one endpoint.
public final class TcpPlane implements Plane {
    // immutable
    private final Loops loops;
    private final Upstreams upstreams;
    private final AccessLog accessLog;
    private final Acceptor acceptor;
    private final Bindings bindings;
    private final List<Flows> flows;
    private final Map<FlowOutcome, Counter> outcomes = new EnumMap<>(FlowOutcome.class);
    private final Map<ArrivalOutcome, Counter> arrivals = new EnumMap<>(ArrivalOutcome.class);
    private final BothWays bytes;
    private final Counter spliced;
    private final Counter sourceFailures;
    private final Histogram connectSeconds;

    // written by the control thread, read by any
    private volatile TcpListenerSpec spec;
    private volatile FlowRoutes routes;
    private volatile boolean closed;

    /// What a flow that begins now is given, and keeps to its end.
    record Terms(TcpListenerSpec spec, Upstream upstream, SocketTerms sockets) {}

    public TcpPlane(TcpListenerSpec spec, Loops loops, Upstreams upstreams, Metrics metrics, AccessLog accessLog) {
        this.loops = loops;
        this.upstreams = upstreams;
        this.accessLog = accessLog;
        this.spec = spec;
        this.routes = new FlowRoutes(spec, upstreams);
        this.acceptor = new Acceptor(loops, spec.name(), spec.maxConnections(), true, metrics, new Entering());
        this.bindings = new Bindings(acceptor);
        acceptor.entrance(spec.proxyProtocol(), spec.clients());
        for (ArrivalOutcome outcome : ArrivalOutcome.values()) {
            arrivals.put(outcome, metrics.counter(Metric.LISTENER_GREETINGS, spec.name(), outcome.word()));
        }
        List<Flows> perLoop = new ArrayList<>();
        loops.all().forEach(_ -> perLoop.add(new Flows()));
        this.flows = List.copyOf(perLoop);
        for (FlowOutcome outcome : FlowOutcome.values()) {
            outcomes.put(outcome, metrics.counter(Metric.FLOWS, spec.name(), outcome.word()));
        }
        this.bytes = BothWays.of(metrics, Metric.FLOW_BYTES, spec.name());
        this.spliced = metrics.counter(Metric.FLOW_SPLICED_BYTES, spec.name());
        this.sourceFailures = metrics.counter(Metric.FLOW_SOURCE_FAILURES, spec.name());
        this.connectSeconds = metrics.histogram(Metric.FLOW_CONNECT_SECONDS, spec.name());
    }

    @Override
    public ListenerSpec spec() {
        return spec;
    }

    @Override
    public void start() throws IOException {
        routes.sockets().check(loops.all().getFirst());
        bindings.widen(spec);
    }

    @Override
    public List<AddressRange> boundAddresses() {
        return bindings.ranges(spec);
    }

    @Override
    public void widen(ListenerSpec wider) throws IOException {
        bindings.widen(wider);
    }

    @Override
    public void narrow(ListenerSpec narrower) {
        bindings.narrow(narrower);
    }

    @Override
    public void update(ListenerSpec changed) {
        var tcp = (TcpListenerSpec) changed;
        routes = new FlowRoutes(tcp, upstreams);
        spec = tcp;
        bindings.narrow(tcp);
        acceptor.entrance(tcp.proxyProtocol(), tcp.clients());
        acceptor.maxConnections(tcp.maxConnections());
    }

    @Override
    public void drain() {
        acceptor.drain();
    }

    @Override
    public int open() {
        return acceptor.open();
    }

    /// Counted before they are cut: a flow that ends by itself in the same moment is counted too.
    @Override
    public int close() {
        closed = true;
        acceptor.close();
        int cut = acceptor.open();
        for (Loop loop : loops.all()) {
            loop.eventLoop().execute(() -> flows.get(loop.index()).cutAll());
        }
        return cut;
    }

    @Override
    public CompletableFuture<List<LiveFlow>> flows(FlowQuestion question) {
        return Greatest.of(loops, question, (loop, to) -> flows(loop).show(to, System.nanoTime()));
    }

    @Override
    public Forecast forecast(InetSocketAddress client) {
        return forecast(routes, client);
    }

    /// As a listener that does not run would forecast.
    public static Forecast forecast(TcpListenerSpec spec, Upstreams upstreams, InetSocketAddress client) {
        return forecast(new FlowRoutes(spec, upstreams), client);
    }

    /// Routes that ask for a name find none: nothing is known of what the client would send.
    private static Forecast forecast(FlowRoutes routes, InetSocketAddress client) {
        Terms given = routes.match(ClientHello.NONE, client.getAddress());
        return given == null
                ? new Forecast("socket", null, List.of(), "no route takes it, and the listener has no `upstream`")
                : new FlowClient(client).at(given.upstream, System.nanoTime());
    }

    @Override
    public void cut(Endpoint endpoint) {
        for (Loop loop : loops.all()) {
            loop.eventLoop().execute(() -> flows(loop).cut(endpoint));
        }
    }

    /// Those who come in.
    private final class Entering implements Arrivals {
        @Override
        public void onArrived(Loop loop, SocketChannel channel) {
            FlowRoutes now = routes;
            now.sockets().apply(channel.config());
            Terms only = now.only();
            if (only == null) {
                channel.pipeline().addLast(new Arrival(TcpPlane.this, loop, channel, now, spec.clientHello()));
            } else {
                channel.config().setAutoRead(false);
                channel.pipeline().addLast(new Flow(TcpPlane.this, loop, channel, only, ClientHello.NONE));
            }
        }

        @Override
        public boolean mayTakeSockets() {
            return true;
        }

        @Override
        public boolean takesSockets() {
            return routes.only() != null;
        }

        @Override
        public void onSocket(Loop loop, int socket, InetSocketAddress client, Runnable onClosed) {
            FlowRoutes now = routes;
            Terms only = now.only();
            if (only == null) {
                // Routes have come in this very moment, and its first bytes cannot be asked any more.
                BareSockets.ofThisLoop().reset(socket);
                onClosed.run();
                return;
            }
            BareSockets.ofThisLoop().configure(socket, now.sockets());
            new Flow(TcpPlane.this, loop, socket, client, onClosed, only).begin(null);
        }
    }

    /// Whether flows are bare sockets, as far as nothing is read of their clients first.
    boolean hasBareSockets() {
        return loops.transport() == Transport.EPOLL;
    }

    boolean isClosed() {
        return closed;
    }

    Flows flows(Loop loop) {
        return flows.get(loop.index());
    }

    AccessLog accessLog() {
        return accessLog;
    }

    RelayTerms relayTerms(Terms terms, Endpoint endpoint, long beganNanos) {
        TcpListenerSpec spec = terms.spec;
        Duration lifetime = spec.flows().maxLifetime();
        return new RelayTerms(
                beganNanos,
                spec.idleTimeout().toNanos(),
                spec.flows().finTimeout().toNanos(),
                lifetime == null ? 0 : lifetime.toNanos(),
                bytes,
                endpoint.bytes(),
                spliced);
    }

    void onNoSource() {
        sourceFailures.increment();
    }

    void onConnected(long connectNanos) {
        connectSeconds.record(connectNanos);
    }

    void onArrival(ArrivalOutcome outcome) {
        Objects.requireNonNull(arrivals.get(outcome)).increment();
    }

    void onEnded(FlowOutcome outcome) {
        Objects.requireNonNull(outcomes.get(outcome)).increment();
    }
}
