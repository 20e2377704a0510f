package dev.fairlead.upstream.limit;

import dev.fairlead.config.RetrySpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.concurrent.atomic.AtomicLong;

/// How many bytes of request bodies may be kept, to be sent again, for all exchanges of an upstream at once. Exact
/// over all loops. Any thread.
public final class ReplayRoom {
    private final AtomicLong kept = new AtomicLong();
    private final Counter large;
    private final Counter full;

    // written by the control thread, read by any
    private volatile int bodyMax;
    private volatile long totalMax;

    public ReplayRoom(String upstream, RetrySpec spec, Metrics metrics) {
        large = metrics.counter(Metric.UPSTREAM_REPLAY_OVER, upstream, "replay-bytes");
        full = metrics.counter(Metric.UPSTREAM_REPLAY_OVER, upstream, "replay-bytes-total");
        update(spec);
    }

    /// Control thread.
    public void update(RetrySpec spec) {
        bodyMax = spec.replayBytes();
        totalMax = spec.replayBytesTotal();
    }

    /// Takes room for `bytes` more of a body of which `before` are kept; false when there is none. Given back with
    /// [#giveBack].
    public boolean tryTake(int before, int bytes) {
        if (bytes > bodyMax - before) {
            large.increment();
            return false;
        }
        if (kept.addAndGet(bytes) > totalMax) {
            kept.addAndGet(-bytes);
            full.increment();
            return false;
        }
        return true;
    }

    public void giveBack(int bytes) {
        kept.addAndGet(-bytes);
    }

    /// Bytes kept now.
    public long kept() {
        return kept.get();
    }
}
