package dev.fairlead.kernel;

import dev.fairlead.config.AddressRange;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.LiveFlow;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Share;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A Layer 4 listener that Linux carries: client and endpoint have one connection, whose packets are given other
/// addresses on their way. Here tables are written and counters are read; no packet comes by. Its kinds differ in how
/// Linux is told, and in what it is looked at by: a [Watcher] with a [Book] of each listener.
public abstract class NatPlane<B extends Book> implements Plane {
    private static final Logger LOG = LoggerFactory.getLogger(NatPlane.class);

    // immutable
    private final Upstreams upstreams;
    private final Metrics metrics;
    private final Runnable follow = this::onUpstreamChanged;

    // written by the control thread, read by any
    private volatile Terms terms;
    private volatile @Nullable B book;
    private volatile boolean isLeft;
    private volatile boolean isServing;

    // guarded by this
    private @Nullable String refusal;

    protected NatPlane(ListenerSpec spec, Upstreams upstreams, Metrics metrics) {
        this.upstreams = upstreams;
        this.metrics = metrics;
        this.terms = Terms.of(spec);
    }

    /// Lets flows begin, and gives [#book] what is kept of them. Throws, and leaves nothing behind, when Linux does not
    /// let it.
    protected abstract void begin() throws IOException;

    /// Throws when what the upstream will be does not fit.
    protected void checkUpstream(UpstreamSpec next) throws IOException {}

    /// Tells Linux of the listener as it is now, and of those that may be picked. Nobody else does meanwhile.
    protected abstract void write() throws IOException;

    /// No flow begins on any of its addresses; those that there are go on.
    protected abstract void stop() throws IOException;

    /// Cuts what there is of flows, and gives back what it has in Linux.
    protected abstract void remove(B its);

    protected abstract Watcher<B> watcher();

    /// Whether Linux goes on when the process ends.
    protected abstract boolean outlives();

    /// Room for flows, of all listeners together.
    protected abstract long flowsMax();

    @Override
    public final ListenerSpec spec() {
        return terms.spec();
    }

    @Override
    public final List<AddressRange> boundAddresses() {
        return spec().addresses();
    }

    @Override
    public final synchronized void start() throws IOException {
        tellOfStraySources(terms, List.of());
        begin();
        B started = book();
        isServing = true;
        watcher().add(started);
        upstream().follow(follow);
        metrics.gauge(Metric.LISTENER_CONNECTIONS_OPEN, started::open, spec().name());
        metrics.gauge(Metric.KERNEL_FLOWS, started::open, spec().name());
        metrics.gauge(Metric.KERNEL_FLOWS_MAX, this::flowsMax);
    }

    @Override
    public final void check(ListenerSpec changed, Map<String, UpstreamSpec> upstreams) throws IOException {
        UpstreamSpec upstream = upstreams.get(Terms.of(changed).upstream());
        if (upstream != null && !upstream.equals(upstream().spec())) {
            checkUpstream(upstream);
        }
    }

    /// Answers to such an address go elsewhere, and each connection hangs. It may be one that comes here when another
    /// node fails, so it is no reason not to start.
    private static void tellOfStraySources(Terms now, List<InetAddress> before) {
        for (InetAddress each : now.sources()) {
            if (!before.contains(each) && !Interfaces.isSource(each)) {
                LOG.atWarn()
                        .addKeyValue("listener", now.spec().name())
                        .addKeyValue("source", each.getHostAddress())
                        .log("its `source` is no address of this host: answers go elsewhere until it is");
            }
        }
    }

    /// Flows keep what they began with, but for what the kind says of their timeouts.
    @Override
    public final void update(ListenerSpec changed) {
        upstream().unfollow(follow);
        narrow(changed);
        Terms before = terms;
        terms = Terms.of(changed);
        tellOfStraySources(terms, before.sources());
        book().terms(terms);
        upstream().follow(follow);
        onUpstreamChanged();
    }

    private void onUpstreamChanged() {
        if (!isServing) {
            return;
        }
        rewrite();
        if (terms.transport() == Transport.UDP) {
            book().leaveBehind(upstream().isPanicking());
            watcher().lookSoon();
        }
    }

    /// Another look is done: where the balancer goes by what that tells, the table follows. What Linux did not take, it
    /// may take now.
    @Override
    public final void look(long nowNanos) {
        if (isServing && (isBehind() || Slots.followsLoad(upstream().spec().balancer()))) {
            rewrite();
        }
    }

    private synchronized boolean isBehind() {
        return refusal != null;
    }

    /// A reason is told once.
    private synchronized void rewrite() {
        try {
            if (isServing) {
                write();
            }
            refusal = null;
        } catch (IOException failed) {
            String reason = String.valueOf(failed.getMessage());
            if (!reason.equals(refusal)) {
                complain(failed, "Linux did not take a change: new flows are spread as before, until it does");
            }
            refusal = reason;
        }
    }

    protected final void complain(IOException failed, String what) {
        LOG.atError()
                .addKeyValue("listener", spec().name())
                .addKeyValue("reason", failed.getMessage())
                .log(what);
    }

    @Override
    public final void drain() {
        stopServing();
        book().terms(terms.ofDrain());
        book().recount();
        watcher().lookSoon();
    }

    private synchronized void stopServing() {
        if (!isServing) {
            return;
        }
        isServing = false;
        upstream().unfollow(follow);
        try {
            stop();
        } catch (IOException failed) {
            complain(failed, "Linux did not let go of a listener: flows may begin there still");
        }
    }

    /// Where Linux goes on without this process, nothing is waited for.
    @Override
    public final void leave() {
        if (!outlives()) {
            drain();
            return;
        }
        isLeft = true;
        isServing = false;
        upstream().unfollow(follow);
        watcher().forget(book());
    }

    @Override
    public final int open() {
        B here = book;
        return here == null || isLeft ? 0 : here.open();
    }

    @Override
    public final CompletableFuture<List<LiveFlow>> flows(FlowQuestion question) {
        B here = book;
        return here == null ? Plane.super.flows(question) : watcher().flows(here, question);
    }

    @Override
    public final void cut(Endpoint endpoint) {
        book().cut(endpoint);
        watcher().lookSoon();
    }

    @Override
    public final int close() {
        B here = book;
        if (here == null || isLeft) {
            return 0;
        }
        stopServing();
        int cut = here.open();
        remove(here);
        return cut;
    }

    protected final Terms terms() {
        return terms;
    }

    /// Whether flows may begin.
    protected final boolean isServing() {
        return isServing;
    }

    protected final Upstream upstream() {
        return upstreams.get(terms.upstream());
    }

    /// Who may be picked, of the listener's own version of IP.
    protected final List<Share> shares() {
        return upstream().shares().stream()
                .filter(share -> Family.of(share.endpoint().address().getAddress()) == terms.family())
                .toList();
    }

    protected final void book(B begun) {
        book = begun;
    }

    protected final B book() {
        B here = book;
        if (here == null) {
            throw new IllegalStateException("not started: " + spec().name());
        }
        return here;
    }

    protected final Tally tally() {
        return new Tally(spec().name(), metrics);
    }
}
