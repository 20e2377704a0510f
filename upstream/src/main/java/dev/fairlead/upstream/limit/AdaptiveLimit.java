package dev.fairlead.upstream.limit;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// The learned limit of one endpoint: latencies of all loops, gathered into windows for a [Gradient2]. Any thread;
/// allocates nothing. A latency at the edge of a window may be counted in the next: it is a mean.
public final class AdaptiveLimit {
    /// A window is at least this long and has at least so many latencies: soon enough to follow a burst, and not
    /// led by a single answer.
    static final long WINDOW_NANOS = 100_000_000;

    static final int SAMPLES_MIN = 10;

    private final LongAdder sumNanos = new LongAdder();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger inFlightMost = new AtomicInteger();
    private final AtomicBoolean isEnding = new AtomicBoolean();
    private volatile long beganNanos;
    private volatile boolean hasBegun;
    private volatile int limit;
    private volatile double longNanos;

    /// By whoever has set `isEnding`.
    private final Gradient2 gradient;

    public AdaptiveLimit(Gradient2.Terms terms) {
        gradient = new Gradient2(terms);
        limit = gradient.limit();
    }

    public int limit() {
        return limit;
    }

    /// An answer came after this long; `inFlight` exchanges are on the endpoint, this one included. True when the
    /// limit has risen.
    public boolean answered(long latencyNanos, int inFlight, long nowNanos) {
        sumNanos.add(latencyNanos);
        inFlightMost.accumulateAndGet(inFlight, Math::max);
        if (count.incrementAndGet() < SAMPLES_MIN || !isOver(nowNanos) || !isEnding.compareAndSet(false, true)) {
            return false;
        }
        try {
            return end(nowNanos);
        } finally {
            isEnding.set(false);
        }
    }

    /// No good answer came: that says something of how slow the endpoint is only when it took long.
    public boolean failed(long latencyNanos, int inFlight, long nowNanos) {
        return latencyNanos > longNanos && longNanos > 0 && answered(latencyNanos, inFlight, nowNanos);
    }

    private boolean isOver(long nowNanos) {
        if (!hasBegun) {
            beganNanos = nowNanos;
            hasBegun = true;
        }
        return nowNanos - beganNanos >= WINDOW_NANOS;
    }

    private boolean end(long nowNanos) {
        int samples = count.getAndSet(0);
        long sum = sumNanos.sumThenReset();
        int most = inFlightMost.getAndSet(0);
        beganNanos = nowNanos;
        if (samples < SAMPLES_MIN || sum <= 0) {
            // Another thread ended it a moment ago.
            return false;
        }
        gradient.window((double) sum / samples, most);
        longNanos = gradient.longNanos();
        int before = limit;
        limit = gradient.limit();
        return limit > before;
    }
}
