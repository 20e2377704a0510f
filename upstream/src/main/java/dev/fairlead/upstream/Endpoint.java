package dev.fairlead.upstream;

import dev.fairlead.config.EndpointSpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.health.Health;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/// One server of an upstream: what it is, how it is, and how much is on it now. It outlives a reload that keeps its
/// address.
public final class Endpoint {
    /// How long an endpoint that refused a connection is passed over while others are there. Then one flow may try
    /// it again.
    static final long REFUSED_NANOS = 1_000_000_000L;

    // immutable
    private final String upstream;
    private final String name;
    private final InetSocketAddress address;
    private final Counter picks;
    private final Counter connects;
    private final Counter connectFailures;
    private final Counter limitHits;
    private final Histogram latency;

    // written by the control thread, read by any
    private volatile EndpointSpec spec;
    private volatile Health health = Health.UNKNOWN;
    private volatile boolean gone;

    // any thread
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile long refusedUntilNanos;
    private volatile boolean refused;

    Endpoint(String upstream, EndpointSpec spec, Metrics metrics) {
        this.upstream = upstream;
        this.spec = spec;
        this.name = spec.address().toString();
        this.address = spec.address().socketAddress();
        this.picks = metrics.counter(Metric.ENDPOINT_PICKS, upstream, name);
        this.connects = metrics.counter(Metric.ENDPOINT_CONNECTS, upstream, name);
        this.connectFailures = metrics.counter(Metric.ENDPOINT_CONNECT_FAILURES, upstream, name);
        this.limitHits = metrics.counter(Metric.ENDPOINT_LIMIT_HITS, upstream, name);
        this.latency = metrics.histogram(Metric.ENDPOINT_LATENCY_SECONDS, upstream, name);
        metrics.gauge(Metric.ENDPOINT_UP, () -> health == Health.DOWN ? 0 : 1, upstream, name);
        metrics.gauge(Metric.ENDPOINT_ACTIVE, active::get, upstream, name);
        metrics.gauge(Metric.ENDPOINT_CONNECTIONS_OPEN, connections::get, upstream, name);
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

    public Health health() {
        return health;
    }

    /// True once the endpoint has left its upstream. Idle connections to it are not kept.
    public boolean isGone() {
        return gone;
    }

    /// Flows and exchanges on it now, over all loops.
    public int active() {
        return active.get();
    }

    /// Connections to it now, idle ones included, over all loops.
    public int connections() {
        return connections.get();
    }

    public long picks() {
        return picks.value();
    }

    public long connectFailures() {
        return connectFailures.value();
    }

    public Histogram latency() {
        return latency;
    }

    /// A flow or exchange begins on it. Ends with [#end].
    public void begin() {
        active.getAndIncrement();
        picks.increment();
    }

    public void end() {
        int now = active.decrementAndGet();
        assert now >= 0 : this;
    }

    /// Takes the right to open one connection, exact over all loops; false when `max-connections` are open. Given
    /// back with [#connectionClosed] once the connection is closed or could not be made.
    public boolean tryOpenConnection() {
        int max = spec.maxConnections();
        if (max == 0) {
            connections.getAndIncrement();
            return true;
        }
        int open = connections.get();
        while (open < max) {
            int seen = connections.compareAndExchange(open, open + 1);
            if (seen == open) {
                return true;
            }
            open = seen;
        }
        limitHits.increment();
        return false;
    }

    public void connectionClosed() {
        int now = connections.decrementAndGet();
        assert now >= 0 : this;
    }

    public void connected() {
        connects.increment();
        if (refused) {
            refused = false;
        }
    }

    /// A connection could not be made: the endpoint is passed over for a second, unless nothing else is there.
    public void connectFailed(long nowNanos) {
        connectFailures.increment();
        refusedUntilNanos = nowNanos + REFUSED_NANOS;
        refused = true;
    }

    boolean isRefusing(long nowNanos) {
        return refused && nowNanos - refusedUntilNanos < 0;
    }

    /// Control thread.
    void update(EndpointSpec newSpec) {
        spec = newSpec;
    }

    /// Control thread.
    void health(Health newHealth) {
        health = newHealth;
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
