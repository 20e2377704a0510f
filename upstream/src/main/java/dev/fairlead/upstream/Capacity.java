package dev.fairlead.upstream;

import dev.fairlead.config.AdaptiveSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.upstream.balance.Load;
import dev.fairlead.upstream.limit.AdaptiveLimit;
import dev.fairlead.upstream.limit.Gradient2;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// How much may be on one endpoint at once, exact over all loops. Any thread.
final class Capacity {
    private final Load load;
    private final AtomicInteger connections = new AtomicInteger();

    // written by the control thread, read by any
    private volatile int requestsMax;
    private volatile int connectionsMax;
    private volatile @Nullable AdaptiveLimit learned;

    Capacity(Load load, EndpointSpec spec) {
        this.load = load;
        update(spec);
    }

    /// Control thread.
    void update(EndpointSpec spec) {
        requestsMax = spec.maxRequests();
        connectionsMax = spec.maxConnections();
    }

    /// Control thread. What was learned is kept while it is asked for in the same way.
    void learns(@Nullable AdaptiveSpec wanted, boolean isChanged) {
        if (wanted == null) {
            learned = null;
        } else if (isChanged || learned == null) {
            learned = new AdaptiveLimit(
                    new Gradient2.Terms(wanted.min(), wanted.max(), wanted.initial(), wanted.tolerance()));
        }
    }

    /// Flows and exchanges; 0 is no bound.
    int limit() {
        int max = requestsMax;
        AdaptiveLimit adaptive = learned;
        if (adaptive == null) {
            return max;
        }
        return max == 0 ? adaptive.limit() : Math.min(max, adaptive.limit());
    }

    boolean tryBegin() {
        return load.tryBegin(limit());
    }

    boolean isFull() {
        int max = limit();
        return max > 0 && load.inFlight() >= max;
    }

    int connections() {
        return connections.get();
    }

    boolean hasAllConnections() {
        int max = connectionsMax;
        return max > 0 && connections.get() >= max;
    }

    boolean tryOpenConnection() {
        int max = connectionsMax;
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
        return false;
    }

    void connectionClosed() {
        int now = connections.decrementAndGet();
        assert now >= 0;
    }

    /// True when the limit has risen by it.
    boolean learn(long nanos, boolean isFault, long nowNanos) {
        AdaptiveLimit adaptive = learned;
        if (adaptive == null) {
            return false;
        }
        return isFault
                ? adaptive.failed(nanos, load.inFlight(), nowNanos)
                : adaptive.answered(nanos, load.inFlight(), nowNanos);
    }
}
