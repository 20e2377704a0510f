package dev.fairlead.http;

import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.http.cache.Cache;
import dev.fairlead.http.cache.CacheLane;
import dev.fairlead.http.cache.Invalidation;
import dev.fairlead.http.cache.Keepers;
import dev.fairlead.http.cache.RouteCache;
import dev.fairlead.http.codec.ClientConnection;
import dev.fairlead.http.codec.DownstreamConnection;
import dev.fairlead.http.compress.RouteCompression;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Identity;
import dev.fairlead.http.exchange.OwnResponse;
import dev.fairlead.http.exchange.Service;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.forward.Destination;
import dev.fairlead.http.forward.Forwarder;
import dev.fairlead.http.h2.H2Connection;
import dev.fairlead.http.h3.H3Connection;
import dev.fairlead.http.route.Route;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Resets;
import dev.fairlead.net.tls.Termination;
import dev.fairlead.net.tls.TlsSession;
import dev.fairlead.upstream.Upstream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.quic.QuicChannel;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What one loop does of a Layer 7 listener: its client connections, and the way of their exchanges through routes
/// and filters to the forwarder. That loop only.
final class HttpLane implements Service {
    /// HTTP/2 over TLS, as ALPN calls it (RFC 9113 §3.2).
    private static final String H2 = "h2";

    private final HttpPlane plane;
    private final Loop loop;
    private final ExchangeMetrics metrics;
    private final AccessLog accessLog;
    private final Passage passage = new Passage();
    private final Forwarder forwarder;
    private final Cache cache;
    private final CacheLane caching;
    private final Map<Channel, ClientConnection> connections = new LinkedHashMap<>();
    /// Those on which TLS does not stand yet.
    private final Set<SocketChannel> handshaking = new LinkedHashSet<>();

    HttpLane(
            HttpPlane plane,
            Loop loop,
            Forwarder forwarder,
            Cache cache,
            ExchangeMetrics metrics,
            AccessLog accessLog) {
        this.plane = plane;
        this.loop = loop;
        this.metrics = metrics;
        this.accessLog = accessLog;
        this.forwarder = forwarder;
        this.cache = cache;
        this.caching =
                new CacheLane(loop, cache, forwarder, plane.terms().spec().name());
    }

    void onArrived(SocketChannel channel) {
        Termination tls = plane.tls();
        if (tls == null) {
            begin(channel);
            return;
        }
        handshaking.add(channel);
        channel.closeFuture().addListener(_ -> handshaking.remove(channel));
        tls.begin(loop, channel, (_, secured) -> {
            handshaking.remove(secured);
            begin(secured);
        });
    }

    private void begin(SocketChannel channel) {
        HttpListenerSpec spec = plane.terms().spec();
        TlsSession tls = TlsSession.of(channel);
        if (tls != null && H2.equals(tls.protocol())) {
            beginHttp2(channel, spec);
            return;
        }
        Consumer<ByteBuf> upgrade = tls == null && spec.http2().enabled() ? read -> goOn(channel, spec, read) : null;
        var connection = new DownstreamConnection(
                loop,
                channel,
                this,
                spec.limits(),
                spec.timeouts(),
                plane.terms().upgrades(),
                plane.tunnels(),
                forwarder.scratch(),
                upgrade);
        keep(channel, connection);
        channel.pipeline().addLast(connection);
    }

    /// A client has begun with HTTP/2: what was read of it is not lost.
    private void goOn(SocketChannel channel, HttpListenerSpec spec, ByteBuf read) {
        beginHttp2(channel, spec);
        channel.pipeline().fireChannelRead(read);
    }

    private void beginHttp2(SocketChannel channel, HttpListenerSpec spec) {
        var connection = new H2Connection(
                loop,
                channel,
                this,
                spec.limits(),
                spec.timeouts(),
                spec.http2(),
                plane.http2(),
                plane.terms().upgrades(),
                plane.tunnels(),
                forwarder.scratch());
        channel.pipeline().addLast(connection.handler());
        keep(channel, connection);
    }

    /// A connection of QUIC, on which TLS stands.
    void onArrived(QuicChannel channel, InetSocketAddress client) {
        HttpListenerSpec spec = plane.terms().spec();
        var connection = new H3Connection(
                loop,
                channel,
                client,
                this,
                spec.limits(),
                spec.timeouts(),
                plane.http3(),
                plane.terms().upgrades(),
                plane.tunnels(),
                forwarder.scratch());
        connection.begin();
        keep(channel, connection);
    }

    private void keep(Channel channel, ClientConnection connection) {
        ClientConnection before = connections.put(channel, connection);
        if (before == null) {
            channel.closeFuture().addListener(_ -> connections.remove(channel));
        }
        if (plane.isDraining()) {
            connection.drain();
        }
    }

    @Override
    public Identity identity() {
        return plane.terms().identity();
    }

    @Override
    public void onRefused(Exchange exchange) {
        passage.begin(exchange, plane.terms());
    }

    @Override
    public @Nullable Upload begin(Exchange exchange) {
        HttpPlane.Terms terms = plane.terms();
        OwnResponse proof = Proof.of(exchange, plane.issuer());
        if (proof != null) {
            return proof.answer();
        }
        if (!passage.receive(exchange, terms) || !passage.route(exchange, terms)) {
            return passage.answer();
        }
        Route route = passage.route();
        Destination destination = route == null ? null : route.destination();
        if (route == null || destination == null) {
            throw new IllegalStateException("a route that does nothing: " + route);
        }
        Upstream upstream = destination.choose(exchange);
        exchange.routed(route.name(), upstream.name());
        Keepers keepers = terms.routes().keepers();
        if (!keepers.isEmpty() && !exchange.request().method().isSafe()) {
            exchange.filter(new Invalidation(exchange.filter(), cache, keepers));
        }
        RouteCache kept = route.cache();
        if (kept == null) {
            return forwarder.begin(exchange, upstream, destination);
        }
        RouteCompression compression = destination.compression();
        if (compression != null) {
            compression.normalise(exchange.request());
        }
        return caching.begin(exchange, route.name(), kept, upstream, destination);
    }

    @Override
    public void ended(Exchange exchange, long nowNanos) {
        metrics.count(exchange, nowNanos);
        if (accessLog.isOn()) {
            ExchangeRecord.write(exchange, plane.spec().name(), nowNanos, accessLog, loop);
        }
    }

    void drain() {
        List.copyOf(connections.values()).forEach(ClientConnection::drain);
    }

    /// HTTP/3 is not spoken any longer.
    void drainHttp3() {
        http3().forEach(ClientConnection::drain);
    }

    void cutHttp3() {
        http3().forEach(ClientConnection::cutForDrain);
    }

    private List<H3Connection> http3() {
        return connections.values().stream()
                .flatMap(each -> each instanceof H3Connection connection ? Stream.of(connection) : Stream.empty())
                .toList();
    }

    void close() {
        List.copyOf(handshaking).forEach(Resets::close);
        List.copyOf(connections.values()).forEach(ClientConnection::cutForDrain);
    }
}
