package dev.fairlead.kernel.nft;

import dev.fairlead.config.ListenerSpec;
import dev.fairlead.kernel.Family;
import dev.fairlead.kernel.Slots;
import dev.fairlead.kernel.Tally;
import dev.fairlead.kernel.Terms;
import dev.fairlead.kernel.Transport;
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
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A Layer 4 listener whose flows nftables begins and conntrack carries on: client and endpoint have one connection,
/// whose packets are given other addresses on their way. No packet comes by here.
final class NftPlane implements Plane {
    private static final Logger LOG = LoggerFactory.getLogger(NftPlane.class);

    // immutable
    private final NftCarrier carrier;
    private final Upstreams upstreams;
    private final Metrics metrics;
    private final Runnable follow = this::onUpstreamChanged;

    // written by the control thread, read by any
    private volatile Terms terms;
    private volatile @Nullable Ledger ledger;
    private volatile boolean isLeft;
    private volatile boolean isServing;

    NftPlane(ListenerSpec spec, NftCarrier carrier, Upstreams upstreams, Metrics metrics) {
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
        Table table = carrier.table(terms.family());
        Counts before = table.counts();
        boolean isFound = table.claim(Door.of(terms));
        Ledger started = new Ledger(terms, new Tally(terms.spec().name(), metrics), carrier.journal(), isFound, before);
        ledger = started;
        write(before);
        isServing = true;
        carrier.watch().add(started);
        upstream().follow(follow);
        metrics.gauge(
                Metric.LISTENER_CONNECTIONS_OPEN, started::open, terms.spec().name());
        metrics.gauge(Metric.KERNEL_FLOWS, started::open, terms.spec().name());
        metrics.gauge(Metric.KERNEL_FLOWS_MAX, ConntrackRoom::most);
    }

    private Upstream upstream() {
        return upstreams.get(terms.upstream());
    }

    @Override
    public InetSocketAddress boundAddress() {
        return terms.address();
    }

    /// Flows keep what they began with.
    @Override
    public void update(ListenerSpec changed) {
        upstream().unfollow(follow);
        terms = Terms.of(changed);
        ledger().terms(terms);
        upstream().follow(follow);
        onUpstreamChanged();
    }

    private void onUpstreamChanged() {
        if (!isServing) {
            return;
        }
        rewrite();
        if (terms.transport() == Transport.UDP) {
            ledger().leaveBehind(upstream().isPanicking());
            carrier.watch().lookSoon();
        }
    }

    private synchronized void rewrite() {
        try {
            if (isServing) {
                write(carrier.table(terms.family()).counts());
            }
        } catch (IOException failed) {
            LOG.atError()
                    .addKeyValue("listener", terms.spec().name())
                    .addKeyValue("reason", failed.getMessage())
                    .log("Linux did not take a change: new flows are spread as before");
        }
    }

    /// Another look through conntrack is done: where the balancer goes by what that tells, the table follows.
    @Override
    public void look(long nowNanos) {
        if (isServing && Slots.followsLoad(upstream().spec().balancer())) {
            rewrite();
        }
    }

    private synchronized void write(Counts now) throws IOException {
        Ledger here = ledger();
        Upstream upstream = upstream();
        List<Share> shares = upstream.shares().stream()
                .filter(share -> Family.of(share.endpoint().address().getAddress()) == terms.family())
                .toList();
        Choice choice = Choice.of(upstream.spec().balancer(), shares, here.seen(shares));
        Part part = new Part(here.door(), choice, terms.sources(), terms.ageing());
        carrier.table(terms.family()).put(part);
        here.list(shares, now);
        here.idleSeconds(part.idleSeconds());
    }

    @Override
    public void drain() {
        stopServing();
        ledger().terms(terms.ofDrain());
        ledger().recount();
        carrier.watch().lookSoon();
    }

    private synchronized void stopServing() {
        if (isServing) {
            isServing = false;
            upstream().unfollow(follow);
            try {
                carrier.table(terms.family()).remove(ledger().door());
            } catch (IOException failed) {
                LOG.atError()
                        .addKeyValue("listener", terms.spec().name())
                        .addKeyValue("reason", failed.getMessage())
                        .log("Linux did not let go of a listener: flows may begin there still");
            }
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
        carrier.watch().forget(ledger());
    }

    @Override
    public int open() {
        Ledger here = ledger;
        return here == null || isLeft ? 0 : here.open();
    }

    @Override
    public CompletableFuture<List<LiveFlow>> flows(FlowOrder order, int count) {
        Ledger here = ledger;
        return here == null ? Plane.super.flows(order, count) : carrier.watch().flows(here, order, count);
    }

    @Override
    public void cut(Endpoint endpoint) {
        ledger().cut(endpoint);
        carrier.watch().lookSoon();
    }

    @Override
    public int close() {
        Ledger here = ledger;
        if (here == null || isLeft) {
            return 0;
        }
        stopServing();
        int cut = here.open();
        carrier.watch().remove(here);
        return cut;
    }

    private Ledger ledger() {
        Ledger here = ledger;
        if (here == null) {
            throw new IllegalStateException("not started: " + terms.spec().name());
        }
        return here;
    }
}
