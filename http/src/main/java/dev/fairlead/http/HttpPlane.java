package dev.fairlead.http;

import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.http.codec.Tunnels;
import dev.fairlead.http.codec.Upgrades;
import dev.fairlead.http.exchange.Identity;
import dev.fairlead.http.explain.Explanation;
import dev.fairlead.http.explain.Question;
import dev.fairlead.http.filter.FieldTerms;
import dev.fairlead.http.filter.HeaderRules;
import dev.fairlead.http.route.RouteTable;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Acceptor;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstreams;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A Layer 7 listener: requests are understood, routed and forwarded.
public final class HttpPlane implements Plane {
    // immutable
    private final Loops loops;
    private final Upstreams upstreams;
    private final Acceptor acceptor;
    private final List<HttpLane> lanes;
    private final Tunnels tunnels;

    // written by the control thread, read by any
    private volatile Terms terms;
    private volatile boolean draining;
    private volatile @Nullable InetSocketAddress bound;

    /// What an exchange that begins now follows. Limits and time-outs of the client's connection are those of the
    /// moment it came.
    record Terms(
            HttpListenerSpec spec,
            RouteTable routes,
            Upgrades upgrades,
            FieldTerms fields,
            Identity identity,
            @Nullable HeaderRules requestRules,
            @Nullable HeaderRules responseRules) {
        Terms(HttpListenerSpec spec, Upstreams upstreams) {
            this(
                    spec,
                    new RouteTable(spec, upstreams),
                    new Upgrades(spec.upgrades()),
                    new FieldTerms(spec.headers()),
                    new Identity(spec),
                    HeaderRules.of(spec.requestHeaders()),
                    HeaderRules.of(spec.responseHeaders()));
        }
    }

    public HttpPlane(
            HttpListenerSpec spec,
            Loops loops,
            Forwarders forwarders,
            Upstreams upstreams,
            Metrics metrics,
            AccessLog accessLog) {
        this.loops = loops;
        this.upstreams = upstreams;
        this.terms = new Terms(spec, upstreams);
        this.acceptor = new Acceptor(loops, spec.name(), spec.maxConnections(), false, metrics, this::onArrived);
        this.tunnels = new Tunnels(spec.name(), metrics);
        acceptor.entrance(spec.proxyProtocol(), spec.clients());
        var exchanges = new ExchangeMetrics(spec.name(), metrics);
        List<HttpLane> perLoop = new ArrayList<>();
        for (Loop loop : loops.all()) {
            perLoop.add(new HttpLane(this, loop, forwarders.of(loop), exchanges, accessLog));
        }
        this.lanes = List.copyOf(perLoop);
    }

    Terms terms() {
        return terms;
    }

    Tunnels tunnels() {
        return tunnels;
    }

    boolean isDraining() {
        return draining;
    }

    @Override
    public ListenerSpec spec() {
        return terms.spec;
    }

    /// What would become of a request now. Changes and counts nothing. Any thread.
    public Explanation explain(Question question) {
        return new Explainer(terms, System.nanoTime()).explain(question);
    }

    /// The same of a listener that need not run.
    public static Function<Question, Explanation> explaining(HttpListenerSpec spec, Upstreams upstreams) {
        var terms = new Terms(spec, upstreams);
        return question -> new Explainer(terms, System.nanoTime()).explain(question);
    }

    @Override
    public void start() throws IOException {
        bound = acceptor.bind(terms.spec.address().socketAddress());
    }

    @Override
    public InetSocketAddress boundAddress() {
        InetSocketAddress address = bound;
        if (address == null) {
            throw new IllegalStateException("not started: " + terms.spec.name());
        }
        return address;
    }

    @Override
    public void update(ListenerSpec spec) {
        var http = (HttpListenerSpec) spec;
        terms = new Terms(http, upstreams);
        acceptor.entrance(http.proxyProtocol(), http.clients());
        acceptor.maxConnections(http.maxConnections());
    }

    @Override
    public void drain() {
        draining = true;
        acceptor.drain();
        onEachLoop(HttpLane::drain);
    }

    @Override
    public int open() {
        return acceptor.open();
    }

    @Override
    public int openTunnels() {
        return tunnels.open();
    }

    @Override
    public int close() {
        draining = true;
        acceptor.close();
        int cut = acceptor.open();
        onEachLoop(HttpLane::close);
        return cut;
    }

    private void onArrived(Loop loop, SocketChannel channel) {
        lanes.get(loop.index()).onArrived(channel);
    }

    private void onEachLoop(Consumer<HttpLane> act) {
        for (Loop loop : loops.all()) {
            HttpLane lane = lanes.get(loop.index());
            loop.eventLoop().execute(() -> act.accept(lane));
        }
    }
}
