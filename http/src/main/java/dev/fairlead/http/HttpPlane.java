package dev.fairlead.http;

import dev.fairlead.config.AddressRange;
import dev.fairlead.config.Http3Spec;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.TlsSpec;
import dev.fairlead.http.cache.Cache;
import dev.fairlead.http.codec.Tunnels;
import dev.fairlead.http.codec.Upgrades;
import dev.fairlead.http.compress.CompressionMetrics;
import dev.fairlead.http.exchange.Identity;
import dev.fairlead.http.explain.Explanation;
import dev.fairlead.http.explain.Question;
import dev.fairlead.http.filter.Announcement;
import dev.fairlead.http.filter.FieldTerms;
import dev.fairlead.http.filter.HeaderRules;
import dev.fairlead.http.h2.H2Metrics;
import dev.fairlead.http.h3.H3Metrics;
import dev.fairlead.http.route.RouteTable;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Acceptor;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.Bindings;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import dev.fairlead.net.quic.QuicAcceptor;
import dev.fairlead.net.tls.Issuer;
import dev.fairlead.net.tls.Termination;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstreams;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.quic.QuicChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A Layer 7 listener: requests are understood, routed and forwarded.
public final class HttpPlane implements Plane {
    private static final Logger LOG = LoggerFactory.getLogger(HttpPlane.class);

    /// What is offered by ALPN, the best first.
    private static final List<String> BOTH = List.of("h2", "http/1.1");
    private static final List<String> HTTP1 = List.of("http/1.1");

    // immutable
    private final Loops loops;
    private final Metrics metrics;
    private final Upstreams upstreams;
    private final Cache cache;
    private final Issuer issuer;
    private final CompressionMetrics compression;
    private final Acceptor acceptor;
    private final Bindings bindings;
    private final List<HttpLane> lanes;
    private final Tunnels tunnels;
    private final H2Metrics http2;
    private final H3Metrics http3;

    // written by the control thread, read by any
    private volatile Terms terms;
    private volatile boolean draining;
    private volatile @Nullable Termination tls;
    private volatile @Nullable QuicAcceptor quic;

    /// What an exchange that begins now follows. Limits and time-outs of the client's connection are those of the
    /// moment it came.
    record Terms(
            HttpListenerSpec spec,
            RouteTable routes,
            Upgrades upgrades,
            FieldTerms fields,
            Identity identity,
            @Nullable HeaderRules requestRules,
            @Nullable HeaderRules responseRules,
            Announcement announcement) {
        Terms(HttpListenerSpec spec, Upstreams upstreams, @Nullable CompressionMetrics compression) {
            this(
                    spec,
                    new RouteTable(spec, upstreams, compression),
                    new Upgrades(spec.upgrades()),
                    new FieldTerms(spec.headers()),
                    new Identity(spec),
                    HeaderRules.of(spec.requestHeaders()),
                    HeaderRules.of(spec.responseHeaders()),
                    Announcement.of(spec));
        }
    }

    public HttpPlane(
            HttpListenerSpec spec,
            Loops loops,
            Forwarders forwarders,
            Cache cache,
            Issuer issuer,
            Upstreams upstreams,
            Metrics metrics,
            AccessLog accessLog) {
        this.issuer = issuer;
        this.loops = loops;
        this.metrics = metrics;
        this.upstreams = upstreams;
        this.cache = cache;
        this.compression = new CompressionMetrics(spec.name(), metrics);
        this.terms = new Terms(spec, upstreams, compression);
        this.acceptor = new Acceptor(loops, spec.name(), spec.maxConnections(), false, metrics, this::onArrived);
        this.bindings = new Bindings(new Binding());
        this.tunnels = new Tunnels(spec.name(), metrics);
        this.http2 = new H2Metrics(spec.name(), metrics);
        this.http3 = new H3Metrics(spec.name(), metrics);
        acceptor.entrance(spec.proxyProtocol(), spec.clients());
        var exchanges = new ExchangeMetrics(spec.name(), metrics);
        List<HttpLane> perLoop = new ArrayList<>();
        for (Loop loop : loops.all()) {
            perLoop.add(new HttpLane(this, loop, forwarders.of(loop), cache, exchanges, accessLog));
        }
        this.lanes = List.copyOf(perLoop);
    }

    Terms terms() {
        return terms;
    }

    /// How connections that come now are secured; null: not at all.
    @Nullable
    Termination tls() {
        return tls;
    }

    Issuer issuer() {
        return issuer;
    }

    Tunnels tunnels() {
        return tunnels;
    }

    H2Metrics http2() {
        return http2;
    }

    H3Metrics http3() {
        return http3;
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
        return new Explainer(terms, cache, System.nanoTime()).explain(question);
    }

    /// The same of a listener that need not run.
    public static Function<Question, Explanation> explaining(HttpListenerSpec spec, Upstreams upstreams) {
        var terms = new Terms(spec, upstreams, null);
        return question -> new Explainer(terms, null, System.nanoTime()).explain(question);
    }

    @Override
    public void start() throws IOException {
        TlsSpec secured = terms.spec.tls();
        tls = secured == null ? null : secure(secured);
        try {
            Http3Spec spoken = terms.spec.http3();
            quic = spoken == null ? null : quicAcceptor(spoken);
            bindings.widen(terms.spec);
        } catch (IOException taken) {
            acceptor.close();
            letGoOfTls();
            throw taken;
        }
    }

    private QuicAcceptor quicAcceptor(Http3Spec spoken) {
        return new QuicAcceptor(loops, acceptor, spoken, this::tls, this::onArrived, terms.spec.name(), metrics);
    }

    /// The port of TCP, and that of UDP with it where HTTP/3 is spoken.
    private final class Binding implements Bindings.Binder {
        @Override
        public InetSocketAddress bind(InetSocketAddress address) throws IOException {
            InetSocketAddress got = acceptor.bind(address);
            QuicAcceptor spoken = quic;
            try {
                if (spoken != null) {
                    spoken.bind(got);
                }
                return got;
            } catch (IOException taken) {
                acceptor.release(got);
                throw taken;
            }
        }

        @Override
        public void release(InetSocketAddress address) {
            acceptor.release(address);
            QuicAcceptor spoken = quic;
            if (spoken != null) {
                spoken.release(address);
            }
        }
    }

    @Override
    public List<AddressRange> boundAddresses() {
        return bindings.ranges(terms.spec);
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
    public void update(ListenerSpec spec) {
        var http = (HttpListenerSpec) spec;
        terms = new Terms(http, upstreams, compression);
        bindings.narrow(http);
        secureAnew(http.tls());
        speakHttp3(http.http3());
        acceptor.entrance(http.proxyProtocol(), http.clients());
        acceptor.maxConnections(http.maxConnections());
    }

    /// Turns it on or off: connections of it that are open come to their end.
    private void speakHttp3(@Nullable Http3Spec spoken) {
        QuicAcceptor now = quic;
        if (spoken == null) {
            if (now != null && now.drain()) {
                onEachLoop(HttpLane::drainHttp3);
            }
            return;
        }
        try {
            if (now != null && now.resume(spoken)) {
                return;
            }
            QuicAcceptor fresh = quicAcceptor(spoken);
            for (InetSocketAddress each : bindings.all()) {
                fresh.bind(each);
            }
            quic = fresh;
        } catch (IOException taken) {
            terms = new Terms(terms.spec.with((Http3Spec) null), upstreams, compression);
            LOG.atError()
                    .addKeyValue("listener", terms.spec.name())
                    .addKeyValue("reason", taken.getMessage())
                    .log("HTTP/3 is not spoken");
        }
    }

    private Termination secure(TlsSpec spec) throws IOException {
        boolean isQuic = terms.spec.http3() != null;
        return new Termination(terms.spec.name(), spec, offered(), isQuic, loops, issuer, metrics);
    }

    private List<String> offered() {
        return terms.spec.http2().enabled() ? BOTH : HTTP1;
    }

    /// Connections that are open stay as they are.
    private void secureAnew(@Nullable TlsSpec spec) {
        Termination before = tls;
        if (before != null && spec != null) {
            before.update(spec, offered(), terms.spec.http3() != null);
            return;
        }
        try {
            tls = spec == null ? null : secure(spec);
        } catch (IOException unusable) {
            // It was usable when the config was read, a moment ago. In the clear is what nobody asked for.
            LOG.atError()
                    .addKeyValue("listener", terms.spec.name())
                    .addKeyValue("reason", unusable.getMessage())
                    .log("the listener accepts nothing more: its certificates cannot be used");
            acceptor.close();
            return;
        }
        if (before != null) {
            before.close();
        }
    }

    @Override
    public void look(long nowNanos) {
        Termination now = tls;
        if (now != null) {
            now.look(nowNanos);
        }
        QuicAcceptor listening = quic;
        if (listening != null) {
            listening.look();
        }
    }

    @Override
    public void giveUpDatagrams() {
        QuicAcceptor listening = quic;
        if (listening != null) {
            onEachLoop(HttpLane::cutHttp3);
            listening.close();
        }
    }

    @Override
    public void drain() {
        draining = true;
        acceptor.drain();
        QuicAcceptor listening = quic;
        if (listening != null) {
            listening.drain();
        }
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
        QuicAcceptor listening = quic;
        if (listening != null) {
            listening.close();
        }
        letGoOfTls();
        return cut;
    }

    private void letGoOfTls() {
        Termination now = tls;
        if (now != null) {
            now.close();
        }
    }

    private void onArrived(Loop loop, SocketChannel channel) {
        lanes.get(loop.index()).onArrived(channel);
    }

    private void onArrived(Loop loop, QuicChannel channel, InetSocketAddress client) {
        lanes.get(loop.index()).onArrived(channel, client);
    }

    private void onEachLoop(Consumer<HttpLane> act) {
        for (Loop loop : loops.all()) {
            HttpLane lane = lanes.get(loop.index());
            loop.eventLoop().execute(() -> act.accept(lane));
        }
    }
}
