package dev.fairlead.l4.udp;

import dev.fairlead.config.AddressRange;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.QuicSpec;
import dev.fairlead.config.UdpClientsSpec;
import dev.fairlead.config.UdpListenerSpec;
import dev.fairlead.config.pem.HexKey;
import dev.fairlead.config.pem.Unusable;
import dev.fairlead.l4.Greatest;
import dev.fairlead.metrics.BothWays;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.Bindings;
import dev.fairlead.net.ClientLists;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import dev.fairlead.net.SourceAddresses;
import dev.fairlead.net.Transport;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.FlowClient;
import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.Forecast;
import dev.fairlead.upstream.LiveFlow;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A listener of datagrams: what comes from one client address and port becomes an [Association] to one endpoint.
public final class UdpPlane implements Plane {
    // immutable
    private static final Logger LOG = LoggerFactory.getLogger(UdpPlane.class);

    private final Upstreams upstreams;
    private final AccessLog accessLog;
    private final Loops loops;
    private final List<UdpLane> lanes;
    private final Bindings bindings = new Bindings(new Binding());
    private final Map<AssociationEnd, Counter> ends = new EnumMap<>(AssociationEnd.class);
    private final Map<Drop, Counter> drops = new EnumMap<>(Drop.class);
    private final BothWays bytes;
    private final BothWays datagrams;
    private final Counter evicted;
    private final Counter sourceFailures;
    private final Histogram responseSeconds;
    private final ConnectionIds learned;
    private final Counter routedByServerId;
    private final Counter routedByLearned;

    // any thread
    private final AtomicInteger open = new AtomicInteger();
    private final ClientCounts clients = new ClientCounts();

    // written by the control thread, read by any
    private volatile Terms terms;
    private volatile boolean draining;

    /// What an association that begins now is given, and keeps to its end.
    record Terms(
            UdpListenerSpec spec,
            Upstream upstream,
            long idleNanos,
            long responseNanos,
            SourceAddresses sources,
            @Nullable QuicRoutes quic,
            @Nullable ClientLists lists) {
        /// Whether it matters how many datagrams there are, and not only how many bytes.
        boolean countsDatagrams() {
            return spec.maxRate() > 0 || spec.requests() > 0 || spec.responses() > 0;
        }

        boolean admit(InetSocketAddress client) {
            return lists == null || lists.admit(client.getAddress());
        }
    }

    public UdpPlane(UdpListenerSpec spec, Loops loops, Upstreams upstreams, Metrics metrics, AccessLog accessLog) {
        String name = spec.name();
        this.loops = loops;
        this.upstreams = upstreams;
        this.accessLog = accessLog;
        this.learned = new ConnectionIds();
        this.routedByServerId = metrics.counter(Metric.QUIC_ROUTED, name, "server-id");
        this.routedByLearned = metrics.counter(Metric.QUIC_ROUTED, name, "learned");
        this.terms = termsOf(spec);
        long seed = new SecureRandom().nextLong();
        List<UdpLane> perLoop = new ArrayList<>();
        loops.all().forEach(loop -> perLoop.add(new UdpLane(this, loop, seed)));
        this.lanes = List.copyOf(perLoop);
        for (AssociationEnd end : AssociationEnd.values()) {
            ends.put(end, metrics.counter(Metric.FLOWS, name, end.word()));
        }
        for (Drop drop : Drop.values()) {
            drops.put(drop, metrics.counter(Metric.UDP_DROPPED, name, drop.word()));
        }
        this.bytes = BothWays.of(metrics, Metric.FLOW_BYTES, name);
        this.datagrams = BothWays.of(metrics, Metric.UDP_DATAGRAMS, name);
        this.sourceFailures = metrics.counter(Metric.FLOW_SOURCE_FAILURES, name);
        this.evicted = metrics.counter(Metric.UDP_FLOWS_EVICTED, name);
        this.responseSeconds = metrics.histogram(Metric.UDP_RESPONSE_SECONDS, name);
        metrics.gauge(Metric.UDP_FLOWS_OPEN, open::get, name);
        metrics.gauge(Metric.QUIC_LEARNED, learned::size, name);
    }

    private Terms termsOf(UdpListenerSpec spec) {
        QuicSpec quic = spec.quic();
        UdpClientsSpec clients = spec.clients();
        return new Terms(
                spec,
                upstreams.get(spec.upstream()),
                spec.idleTimeout().toNanos(),
                spec.responseTimeout().toNanos(),
                new SourceAddresses(spec.sources()),
                quic == null ? null : routes(quic, spec.name()),
                clients == null ? null : new ClientLists(clients.allow(), clients.deny()));
    }

    private QuicRoutes routes(QuicSpec quic, String listener) {
        String file = quic.keyFile();
        byte[] key = null;
        QuicSpec used = quic;
        if (file != null) {
            try {
                key = HexKey.read(file);
            } catch (Unusable unusable) {
                // It was usable when the config was checked.
                LOG.atWarn()
                        .addKeyValue("listener", listener)
                        .addKeyValue("cause", unusable.getMessage())
                        .log("server ids are not read");
                used = quic.withoutServerIds();
            }
        }
        return new QuicRoutes(
                ServerIdReader.of(used, key), quic.learnedMax(), learned, routedByServerId, routedByLearned);
    }

    @Override
    public ListenerSpec spec() {
        return terms.spec;
    }

    @Override
    public void start() throws IOException {
        bindings.widen(terms.spec);
    }

    /// A socket on every loop, or where there is no epoll, on the first.
    private final class Binding implements Bindings.Binder {
        @Override
        public InetSocketAddress bind(InetSocketAddress address) throws IOException {
            return loops.transport() == Transport.EPOLL
                    ? BatchedSockets.bind(address, loops, UdpPlane.this::lane)
                    : ChannelSockets.bind(address, loops, lanes.getFirst());
        }

        @Override
        public void release(InetSocketAddress address) {
            for (UdpLane lane : lanes) {
                lane.loop().eventLoop().execute(() -> lane.release(address));
            }
        }
    }

    private UdpLane lane(Loop loop) {
        return lanes.get(loop.index());
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

    /// Associations keep what they began with, but for the idle timeout, which holds for all at once.
    @Override
    public void update(ListenerSpec spec) {
        terms = termsOf((UdpListenerSpec) spec);
        bindings.narrow(spec);
        sweep();
    }

    /// Clients that have an association are served on until they have been silent for a second; the datagrams of
    /// others are dropped.
    @Override
    public void drain() {
        draining = true;
        sweep();
    }

    private void sweep() {
        for (UdpLane lane : lanes) {
            lane.loop().eventLoop().execute(() -> lane.sweep(System.nanoTime()));
        }
    }

    @Override
    public int open() {
        return open.get();
    }

    @Override
    public int close() {
        draining = true;
        int cut = open.get();
        for (UdpLane lane : lanes) {
            lane.loop().eventLoop().execute(lane::close);
        }
        return cut;
    }

    @Override
    public CompletableFuture<List<LiveFlow>> flows(FlowQuestion question) {
        return Greatest.of(loops, question, (loop, to) -> lane(loop).show(to, System.nanoTime()));
    }

    @Override
    public Forecast forecast(InetSocketAddress client) {
        return new FlowClient(client).at(terms.upstream, System.nanoTime());
    }

    @Override
    public void cut(Endpoint endpoint) {
        for (UdpLane lane : lanes) {
            lane.loop().eventLoop().execute(() -> lane.cut(endpoint));
        }
    }

    Terms terms() {
        return terms;
    }

    boolean isDraining() {
        return draining;
    }

    /// How long an association may be silent.
    long silenceNanos() {
        long idle = terms.idleNanos;
        return draining ? Math.min(idle, UdpLane.DRAINED_NANOS) : idle;
    }

    /// Connection ids that were learned of servers.
    int learned() {
        return learned.size();
    }

    ClientCounts clients() {
        return clients;
    }

    AccessLog accessLog() {
        return accessLog;
    }

    /// Exact over all loops. Given back with [#onLeft].
    boolean tryEnter(int max) {
        int now = open.get();
        while (now < max) {
            int seen = open.compareAndExchange(now, now + 1);
            if (seen == now) {
                return true;
            }
            now = seen;
        }
        return false;
    }

    void onLeft() {
        open.getAndDecrement();
    }

    void onNoSource() {
        sourceFailures.increment();
    }

    void onEvicted() {
        evicted.increment();
    }

    void onDropped(Drop why) {
        Objects.requireNonNull(drops.get(why)).increment();
    }

    void onPassedIn(Endpoint endpoint, int count, int size) {
        datagrams.in().add(count);
        bytes.in().add(size);
        endpoint.bytes().in().add(size);
    }

    void onPassedOut(Endpoint endpoint, int count, int size) {
        datagrams.out().add(count);
        bytes.out().add(size);
        endpoint.bytes().out().add(size);
    }

    void onAnswered(long nanos) {
        responseSeconds.record(nanos);
    }

    void onEnded(AssociationEnd how) {
        Objects.requireNonNull(ends.get(how)).increment();
    }
}
