package dev.fairlead.kernel;

import dev.fairlead.config.ListenerSpec;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.FlowOrder;
import dev.fairlead.upstream.LiveFlow;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Share;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A Layer 4 listener that Linux carries: client and endpoint have one connection, whose packets are given other
/// addresses on their way. Here tables are written and counters are read; no packet comes by.
final class KernelPlane implements Plane {
    private static final Logger LOG = LoggerFactory.getLogger(KernelPlane.class);

    // immutable
    private final KernelCarrier carrier;
    private final Upstreams upstreams;
    private final Metrics metrics;
    private final Runnable follow = this::onUpstreamChanged;

    // control thread only
    private @Nullable Service service;
    private int firstSource;

    // written by the control thread, read by any
    private volatile Terms terms;
    private volatile @Nullable Roll roll;
    private volatile boolean isLeft;
    private volatile boolean isServing;

    KernelPlane(ListenerSpec spec, KernelCarrier carrier, Upstreams upstreams, Metrics metrics) {
        this.carrier = carrier;
        this.upstreams = upstreams;
        this.metrics = metrics;
        this.terms = Terms.of(spec);
    }

    @Override
    public ListenerSpec spec() {
        return terms.spec();
    }

    @Override
    public void start() throws IOException {
        Engine engine = carrier.engine(terms.family());
        Found.Listener found = engine.claim(terms);
        int number = found == null ? engine.takeService() : found.number();
        Roll started = new Roll(
                number, terms, engine, new Tally(terms.spec().name(), metrics), carrier.journal(), found != null);
        roll = started;
        try {
            begin(engine, number, found);
            carrier.announce(terms.address().getAddress());
        } catch (IOException failed) {
            engine.giveBack(
                    number, firstSource, service == null ? 0 : service.sources().size());
            throw failed;
        }
        carrier.sweeper().add(started);
        upstream().follow(follow);
        metrics.gauge(
                Metric.LISTENER_CONNECTIONS_OPEN, started::open, terms.spec().name());
        metrics.gauge(Metric.KERNEL_FLOWS, started::open, terms.spec().name());
        metrics.gauge(Metric.KERNEL_FLOWS_MAX, engine::maxFlows);
    }

    private void begin(Engine engine, int number, Found.@Nullable Listener found) throws IOException {
        boolean hasSources = false;
        if (found != null && found.sources().equals(terms.sources())) {
            hasSources = true;
            firstSource = found.firstSource();
        } else {
            firstSource = engine.takeSources(terms.sources().size());
        }
        Upstream upstream = upstream();
        service = new Service(
                number,
                terms.address(),
                terms.transport(),
                Slots.choice(upstream.spec().balancer()),
                terms.sources(),
                terms.sources().isEmpty() ? new Service.PortRange(0, 1) : PortRanges.free());
        writeTable(engine, upstream);
        put(engine, service, firstSource);
        if (found != null && !hasSources) {
            engine.giveBackSources(found.firstSource(), found.sources().size());
        }
        isServing = true;
    }

    private static void put(Engine engine, Service service, int firstSource) throws IOException {
        engine.need(Set.of(), Features.of(service));
        engine.tables().putService(service, firstSource);
    }

    private Upstream upstream() {
        return upstreams.get(terms.upstream());
    }

    @Override
    public InetSocketAddress boundAddress() {
        return terms.address();
    }

    /// Flows keep what they began with, but for their timeouts.
    @Override
    public void update(ListenerSpec changed) {
        upstream().unfollow(follow);
        terms = Terms.of(changed);
        roll().terms(terms);
        upstream().follow(follow);
        Service before = service;
        if (before != null && !before.sources().equals(terms.sources())) {
            moveSources(before);
        }
        onUpstreamChanged();
    }

    /// Source addresses that are new have other places: until the service names them, flows begin with the old ones.
    private void moveSources(Service before) {
        Engine engine = roll().engine();
        try {
            int first = engine.takeSources(terms.sources().size());
            Service after = new Service(
                    before.id(),
                    before.address(),
                    before.transport(),
                    before.choice(),
                    terms.sources(),
                    terms.sources().isEmpty() ? before.ports() : PortRanges.free());
            put(engine, after, first);
            engine.giveBackSources(firstSource, before.sources().size());
            firstSource = first;
            service = after;
        } catch (IOException failed) {
            complain(failed);
        }
    }

    private void onUpstreamChanged() {
        Service before = service;
        if (before == null || !isServing) {
            return;
        }
        Upstream upstream = upstream();
        Roll here = roll();
        try {
            writeTable(here.engine(), upstream);
            int choice = Slots.choice(upstream.spec().balancer());
            if (choice != before.choice()) {
                service = new Service(
                        before.id(), before.address(), before.transport(), choice, before.sources(), before.ports());
                put(here.engine(), service, firstSource);
            }
        } catch (IOException failed) {
            complain(failed);
        }
        if (terms.transport() == Transport.UDP) {
            here.leaveBehind(upstream.isPanicking());
            carrier.sweeper().sweepSoon();
        }
    }

    private void complain(IOException failed) {
        LOG.atError()
                .addKeyValue("listener", terms.spec().name())
                .addKeyValue("reason", failed.getMessage())
                .log("Linux did not take a change: new flows are spread as before");
    }

    /// Another look through the flows is done: where the balancer goes by what they tell, the table follows.
    @Override
    public synchronized void look(long nowNanos) {
        Roll here = roll;
        if (here == null || !isServing || !Slots.followsLoad(upstream().spec().balancer())) {
            return;
        }
        try {
            writeTable(here.engine(), upstream());
        } catch (IOException failed) {
            complain(failed);
        }
    }

    private synchronized void writeTable(Engine engine, Upstream upstream) throws IOException {
        Roll here = roll();
        List<Share> shares = upstream.shares().stream()
                .filter(share -> Family.of(share.endpoint().address().getAddress()) == terms.family())
                .toList();
        List<Endpoint> endpoints = shares.stream().map(Share::endpoint).toList();
        int[] numbers = here.numbers(endpoints);
        here.writeUsable(endpoints);
        int[] slots = Slots.of(upstream.spec().balancer(), shares, here.seen(shares));
        for (int i = 0; i < slots.length; i++) {
            slots[i] = numbers[slots[i]];
        }
        engine.tables().putTable(here.service(), slots);
    }

    @Override
    public void drain() {
        stopServing();
        roll().terms(terms.ofDrain());
        roll().recount();
        carrier.sweeper().sweepSoon();
    }

    private synchronized void stopServing() {
        Service serving = service;
        if (isServing && serving != null) {
            isServing = false;
            upstream().unfollow(follow);
            roll().engine()
                    .tables()
                    .removeService(serving.address(), serving.transport().number());
        }
    }

    /// Where Linux goes on without this process, nothing is waited for.
    @Override
    public void leave() {
        if (!carrier.outlives()) {
            drain();
            return;
        }
        isLeft = true;
        isServing = false;
        upstream().unfollow(follow);
        carrier.sweeper().forget(roll());
    }

    @Override
    public int open() {
        Roll here = roll;
        return here == null || isLeft ? 0 : here.open();
    }

    @Override
    public CompletableFuture<List<LiveFlow>> flows(FlowOrder order, int count) {
        Roll here = roll;
        return here == null
                ? Plane.super.flows(order, count)
                : carrier.sweeper().flows(here, order, count);
    }

    @Override
    public void cut(Endpoint endpoint) {
        roll().cut(endpoint);
        carrier.sweeper().sweepSoon();
    }

    @Override
    public int close() {
        Roll here = roll;
        if (here == null || isLeft) {
            return 0;
        }
        stopServing();
        int cut = here.open();
        Service gone = service;
        carrier.sweeper()
                .remove(
                        here,
                        () -> here.engine()
                                .giveBack(
                                        here.service(),
                                        firstSource,
                                        gone == null ? 0 : gone.sources().size()));
        return cut;
    }

    private Roll roll() {
        Roll here = roll;
        if (here == null) {
            throw new IllegalStateException("not started: " + terms.spec().name());
        }
        return here;
    }
}
