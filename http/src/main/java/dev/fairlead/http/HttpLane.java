package dev.fairlead.http;

import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.http.codec.DownstreamConnection;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.FaultResponses;
import dev.fairlead.http.exchange.Identity;
import dev.fairlead.http.exchange.OwnResponse;
import dev.fairlead.http.exchange.Service;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.filter.HeaderRules;
import dev.fairlead.http.filter.Reception;
import dev.fairlead.http.filter.ResponseRules;
import dev.fairlead.http.filter.RouteActions;
import dev.fairlead.http.filter.ServerTiming;
import dev.fairlead.http.forward.Destination;
import dev.fairlead.http.forward.Forwarder;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.route.Route;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.Loop;
import dev.fairlead.upstream.Upstream;
import io.netty.channel.socket.SocketChannel;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one loop does of a Layer 7 listener: its client connections, and the way of their exchanges through routes
/// and filters to the forwarder. That loop only.
final class HttpLane implements Service {
    private final HttpPlane plane;
    private final Loop loop;
    private final ExchangeMetrics metrics;
    private final AccessLog accessLog;
    private final Bytes scratch = new Bytes(4096);
    /// For values that filters put together.
    private final Bytes values = new Bytes(1024);

    private final Reception reception = new Reception();
    private final ServerTiming serverTiming = new ServerTiming(System::nanoTime);
    private final Forwarder forwarder;
    private final Set<DownstreamConnection> connections = new LinkedHashSet<>();

    HttpLane(HttpPlane plane, Loop loop, ExchangeMetrics metrics, AccessLog accessLog) {
        this.plane = plane;
        this.loop = loop;
        this.metrics = metrics;
        this.accessLog = accessLog;
        this.forwarder = new Forwarder(loop, scratch);
    }

    void onArrived(SocketChannel channel) {
        HttpListenerSpec spec = plane.terms().spec();
        var connection = new DownstreamConnection(
                loop,
                channel,
                this,
                spec.limits(),
                spec.timeouts(),
                plane.terms().upgrades(),
                plane.tunnels(),
                scratch);
        connections.add(connection);
        channel.closeFuture().addListener(_ -> connections.remove(connection));
        channel.pipeline().addLast(connection);
        if (plane.isDraining()) {
            connection.drain();
        }
    }

    @Override
    public Identity identity() {
        return plane.terms().identity();
    }

    @Override
    public @Nullable Upload begin(Exchange exchange) {
        HttpPlane.Terms terms = plane.terms();
        RequestHead request = exchange.request();
        if (request.method() == Method.TRACE) {
            // RFC 9110 §9.3.8: the answer would hold what the request did, cookies and what we add included.
            return refuse(exchange, Fault.NOT_IMPLEMENTED, "TRACE is not offered");
        }
        if (Reception.isLoop(request.fields(), terms.fields())) {
            return refuse(exchange, Fault.LOOP, "via-max");
        }
        if (!Reception.mayForward(request)) {
            return new OwnResponse(exchange, 200).answer();
        }
        exchange.client(reception.receive(request, exchange.client(), terms.fields()));
        if (terms.spec().headers().serverTiming()) {
            exchange.filter(serverTiming);
        }
        Route route = terms.routes().match(request, exchange.client());
        if (route == null) {
            return refuse(exchange, Fault.NO_ROUTE, "no route takes the request");
        }
        exchange.routed(route.name(), "");
        RouteActions actions = route.actions();
        if (actions != null) {
            prepare(exchange, actions);
        }
        if (request.contentLength() > exchange.bodyBytesMax()) {
            return refuse(exchange, Fault.BODY_TOO_LARGE, "more than body-bytes");
        }
        if (actions != null && actions.isAnswering()) {
            return actions.answer(exchange, values).answer();
        }
        Destination destination = route.destination();
        if (destination == null) {
            throw new IllegalStateException("a route that does nothing: " + route.name());
        }
        Upstream upstream = destination.choose(exchange);
        exchange.routed(route.name(), upstream.name());
        return forwarder.begin(exchange, upstream, destination);
    }

    private void prepare(Exchange exchange, RouteActions actions) {
        if (actions.bodyBytesMax() > 0) {
            exchange.bodyBytesMax(actions.bodyBytesMax());
        }
        HeaderRules rules = actions.responseRules();
        if (rules != null) {
            exchange.filter(new ResponseRules(exchange.filter(), rules, values));
        }
        if (!actions.isAnswering()) {
            actions.change(exchange.request(), exchange.client(), values);
        }
    }

    private static @Nullable Upload refuse(Exchange exchange, Fault fault, String details) {
        exchange.fault(fault, details);
        FaultResponses.send(exchange, fault, details);
        return null;
    }

    @Override
    public void ended(Exchange exchange, long nowNanos) {
        metrics.count(exchange, nowNanos);
        if (accessLog.isOn()) {
            ExchangeRecord.write(exchange, plane.spec().name(), nowNanos, accessLog, loop);
        }
    }

    void drain() {
        List.copyOf(connections).forEach(DownstreamConnection::drain);
    }

    void close() {
        List.copyOf(connections).forEach(DownstreamConnection::cutForDrain);
        forwarder.closeIdle();
    }
}
