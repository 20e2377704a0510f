package dev.fairlead.upstream;

import dev.fairlead.config.AdaptiveSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.metrics.BothWays;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.metrics.Subject;
import dev.fairlead.upstream.balance.Load;
import dev.fairlead.upstream.health.CircuitBreaker;
import dev.fairlead.upstream.health.Ejection;
import dev.fairlead.upstream.health.Health;
import dev.fairlead.upstream.health.OutlierDetector.Cause;
import dev.fairlead.upstream.health.SlowStart;
import dev.fairlead.upstream.limit.WaitingQueue;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// One server of an upstream: what it is, how it is, what is on it. It outlives a reload that keeps its address.
public final class Endpoint {
    /// For [Upstream#weight(Endpoint, int)]: the weight is the config's.
    public static final int NO_WEIGHT = -1;

    // immutable
    private final String upstream;
    private final String name;
    private final InetSocketAddress address;
    private final EndpointCounters counters;
    private final WaitingQueue queue;

    // written by the control thread, read by any
    private volatile EndpointSpec spec;
    private volatile Origin origin = Origin.CONFIG;
    private volatile Health health = Health.UNKNOWN;
    private volatile boolean gone;
    private volatile Manual manual = Manual.AUTO;
    private volatile int manualWeight = NO_WEIGHT;
    private volatile @Nullable CircuitBreaker breaker;
    private volatile @Nullable Cause ejectedFor;

    // control thread
    private final Ejection ejection = new Ejection();
    private final SlowStart slowStart = new SlowStart();

    // any thread
    private final Load load;
    private final Outcomes outcomes = new Outcomes();
    private final Capacity capacity;

    Endpoint(String upstream, EndpointSpec spec, Load load, WaitingQueue queue, Subject upstreamSeries) {
        this.upstream = upstream;
        this.load = load;
        this.queue = queue;
        this.capacity = new Capacity(load, spec);
        this.spec = spec;
        this.name = spec.address().toString();
        this.address = spec.address().socketAddress();
        this.counters = new EndpointCounters(upstreamSeries.endpoint(name));
    }

    /// The upstream's name.
    public String upstream() {
        return upstream;
    }

    /// The address as text: how the endpoint is called in logs and metrics.
    public String name() {
        return name;
    }

    public InetSocketAddress address() {
        return address;
    }

    public EndpointSpec spec() {
        return spec;
    }

    public Origin origin() {
        return origin;
    }

    public Health health() {
        return health;
    }

    /// True once the endpoint has left its upstream. Idle connections to it are not kept.
    public boolean isGone() {
        return gone;
    }

    /// Flows and exchanges on it now, over all loops.
    public int active() {
        return load.inFlight();
    }

    /// Connections to it now, idle ones included, over all loops.
    public int connections() {
        return capacity.connections();
    }

    public long picks() {
        return counters.picks();
    }

    public long connectFailures() {
        return counters.connectFailures();
    }

    /// How long answers took; null while nothing was counted of it.
    public @Nullable Histogram latency() {
        return counters.latency();
    }

    /// Where whoever counts something else of it has its series.
    public Subject series() {
        return counters.endpoint();
    }

    /// What is passed to it and from it: who passes it on counts it here.
    public BothWays bytes() {
        return counters.counts().bytes();
    }

    public Http2Counts http2() {
        return counters.counts().http2();
    }

    long http2Streams() {
        return counters.http2Streams();
    }

    /// What an operator has said of it.
    public Manual manual() {
        return manual;
    }

    /// True while it is kept out because of what traffic saw of it.
    public boolean isEjected() {
        return ejectedFor != null;
    }

    /// Why it is ejected; null when it is not.
    public @Nullable Cause ejectedFor() {
        return ejectedFor;
    }

    /// Flows and exchanges that may be on it at once: `max-requests`, or a learned limit below it; 0 is no bound.
    public int limit() {
        return capacity.limit();
    }

    /// The part of its weight that it has, in percent: below 100 while it starts slowly.
    public int slowStartPercent() {
        return slowStart.percent();
    }

    /// Its weight: the operator's, or else the config's. Slow start not counted in.
    public int weight() {
        int wanted = manualWeight;
        return wanted == NO_WEIGHT ? spec.weight() : wanted;
    }

    /// Whether it takes new flows and exchanges, as long as not too few endpoints do.
    public boolean isUsable() {
        return switch (manual) {
            case AUTO -> health != Health.DOWN && ejectedFor == null;
            case UP -> true;
            case DRAIN, DOWN -> false;
        };
    }

    /// Whether a client that was here before may come back: also while it drains, and with weight 0.
    boolean keepsClients(boolean isPanicking, long nowNanos) {
        return !isRefusing(nowNanos) && !isFull() && keepsFlows(isPanicking);
    }

    /// Whether a flow that could go elsewhere at any time stays: as [#keepsClients], full or not.
    public boolean keepsFlows(boolean isPanicking) {
        boolean isWell = health != Health.DOWN && ejectedFor == null;
        return !gone
                && switch (manual) {
                    case AUTO -> isWell || isPanicking;
                    case UP -> true;
                    case DRAIN -> isWell;
                    case DOWN -> false;
                };
    }

    /// A flow or exchange begins on it, whatever `max-requests` says. Ends with [#end].
    public void begin() {
        load.begin();
        counters.counts().picks().increment();
    }

    /// As [#begin], exact over all loops; false when its limit of them are on it.
    public boolean tryBegin() {
        if (capacity.tryBegin()) {
            counters.counts().picks().increment();
            return true;
        }
        return passOver();
    }

    /// Whoever waits for room has a turn.
    public void end() {
        load.end();
        queue.freed();
    }

    public boolean isFull() {
        return capacity.isFull();
    }

    /// It was picked in vain, since it is full: false, as what was tried then.
    public boolean passOver() {
        counters.counts().limitHits().increment();
        passUnused();
        return false;
    }

    /// It was picked and then not asked, or its answer is not awaited any more: the breaker waits for no outcome.
    public void passUnused() {
        CircuitBreaker guard = breaker;
        if (guard != null) {
            guard.abandoned();
        }
    }

    /// Takes the right to open one connection, exact over all loops, until [#connectionClosed]; false when it is full.
    public boolean tryOpenConnection() {
        return (!capacity.isFull() && capacity.tryOpenConnection()) || passOver();
    }

    public void connectionClosed() {
        capacity.connectionClosed();
        queue.freed();
    }

    /// A connection that is open has room again.
    public void roomFreed() {
        queue.freed();
    }

    /// Whether an idle connection is better closed than kept: no more may be open, and another loop is the next to
    /// wait.
    public boolean isConnectionWantedElsewhere(Executor loop) {
        return capacity.hasAllConnections() && queue.isNextElsewhere(loop);
    }

    public void connected() {
        counters.counts().connects().increment();
        outcomes.connected();
    }

    /// A connection could not be made: the endpoint is passed over for a second, unless nothing else is there. One that
    /// keeps ports is not blamed when one of them `isRefused`, which says nothing of the others.
    public void connectFailed(long nowNanos, boolean isRefused) {
        counters.counts().connectFailures().increment();
        if (isRefused && spec.address().keepsPort()) {
            passUnused();
            return;
        }
        outcomes.connectFailed(nowNanos);
        load.failed(0, nowNanos);
        tellBreaker(false, nowNanos);
    }

    /// It answered, after this long: Layer 7 to the first byte of the response, Layer 4 to the connection. A fault
    /// is a status of 500 and above.
    public void answered(long latencyNanos, boolean isFault, long nowNanos) {
        counters.counts().latency().record(latencyNanos);
        outcomes.answered(latencyNanos, isFault);
        if (isFault) {
            load.failed(latencyNanos, nowNanos);
        } else {
            load.succeeded(latencyNanos, nowNanos);
        }
        learn(latencyNanos, isFault, nowNanos);
        tellBreaker(!isFault, nowNanos);
    }

    /// It did not answer: a timeout, or a connection that broke off while it was awaited for this long.
    public void broke(long waitedNanos, long nowNanos) {
        outcomes.broke();
        load.failed(waitedNanos, nowNanos);
        learn(waitedNanos, true, nowNanos);
        tellBreaker(false, nowNanos);
    }

    private void learn(long nanos, boolean isFault, long nowNanos) {
        if (capacity.learn(nanos, isFault, nowNanos)) {
            queue.freed();
        }
    }

    private void tellBreaker(boolean success, long nowNanos) {
        CircuitBreaker guard = breaker;
        if (guard != null) {
            guard.on(success, nowNanos);
        }
    }

    boolean isRefusing(long nowNanos) {
        return outcomes.isRefusing(nowNanos);
    }

    /// Control thread.
    void update(EndpointSpec newSpec, Origin newOrigin) {
        spec = newSpec;
        origin = newOrigin;
        capacity.update(newSpec);
    }

    Load load() {
        return load;
    }

    /// Control thread.
    void terms(
            @Nullable CircuitBreaker guard, @Nullable AdaptiveSpec adaptive, boolean learnsAnew, long slowStartNanos) {
        breaker = guard;
        capacity.learns(adaptive, learnsAnew);
        slowStart.window(slowStartNanos);
    }

    /// Control thread. One that was down and comes up begins slowly.
    void health(Health newHealth) {
        boolean rises = health == Health.DOWN && newHealth != Health.DOWN;
        health = newHealth;
        if (rises) {
            beginSlowly();
        }
    }

    /// Control thread.
    void manual(Manual wanted) {
        boolean rises = !isUsable();
        manual = wanted;
        if (wanted == Manual.UP) {
            pardon();
        }
        if (rises && isUsable()) {
            beginSlowly();
        }
    }

    /// Control thread.
    void manualWeight(int weight) {
        manualWeight = weight;
    }

    /// Control thread.
    void beginSlowly() {
        slowStart.begin();
    }

    /// Control thread. True when it has to be weighed anew.
    boolean tick(long nowNanos) {
        boolean changed = ejection.returns(nowNanos);
        if (changed) {
            ejectedFor = null;
            beginSlowly();
        }
        // Time in which it takes no traffic warms nothing up.
        if (isUsable()) {
            changed |= slowStart.tick(nowNanos);
        }
        return changed;
    }

    /// Control thread.
    void eject(Cause cause, long nowNanos, long baseNanos, long mostNanos) {
        ejection.eject(nowNanos, baseNanos, mostNanos);
        ejectedFor = cause;
        outcomes.forgetRows();
    }

    /// Control thread: outliers are no longer looked for, or an operator knows better.
    void pardon() {
        ejection.pardon();
        ejectedFor = null;
    }

    /// Control thread.
    Outcomes outcomes() {
        return outcomes;
    }

    /// Control thread.
    void leave() {
        gone = true;
    }

    @Override
    public String toString() {
        return upstream + "/" + name;
    }
}
