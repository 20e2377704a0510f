package dev.fairlead.upstream;

import dev.fairlead.upstream.health.OutlierDetector.Seen;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// What real traffic saw of one endpoint. Loops write, the control thread reads.
final class Outcomes {
    /// How long an endpoint that refused a connection is passed over while others are there. Then one flow may try
    /// it again.
    static final long REFUSED_NANOS = 1_000_000_000L;

    // any thread
    private final AtomicInteger connectFailuresInRow = new AtomicInteger();
    private final AtomicInteger faultsInRow = new AtomicInteger();
    private final LongAdder successes = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder latencyNanos = new LongAdder();
    private final LongAdder latencies = new LongAdder();
    private volatile long refusedUntilNanos;
    private volatile boolean refused;

    // control thread: what was there when the interval began
    private long successesBefore;
    private long failuresBefore;
    private long latencyNanosBefore;
    private long latenciesBefore;

    void connected() {
        clear(connectFailuresInRow);
        if (refused) {
            refused = false;
        }
    }

    void connectFailed(long nowNanos) {
        connectFailuresInRow.getAndIncrement();
        failures.increment();
        refusedUntilNanos = nowNanos + REFUSED_NANOS;
        refused = true;
    }

    boolean isRefusing(long nowNanos) {
        return refused && nowNanos - refusedUntilNanos < 0;
    }

    void answered(long nanos, boolean isFault) {
        latencyNanos.add(nanos);
        latencies.increment();
        if (isFault) {
            broke();
        } else {
            clear(faultsInRow);
            successes.increment();
        }
    }

    void broke() {
        faultsInRow.getAndIncrement();
        failures.increment();
    }

    /// A row is mostly 0 already: reading does not take the cache line from the other loops.
    private static void clear(AtomicInteger row) {
        if (row.get() != 0) {
            row.set(0);
        }
    }

    /// The rows alone.
    Seen rows() {
        return new Seen(connectFailuresInRow.get(), faultsInRow.get(), 0, 0, 0);
    }

    /// The rows, and all since the last such call.
    Seen interval() {
        long good = successes.sum();
        long bad = failures.sum();
        long nanos = latencyNanos.sum();
        long count = latencies.sum();
        long measured = count - latenciesBefore;
        Seen seen = new Seen(
                connectFailuresInRow.get(),
                faultsInRow.get(),
                good - successesBefore,
                bad - failuresBefore,
                measured == 0 ? 0 : (double) (nanos - latencyNanosBefore) / measured);
        successesBefore = good;
        failuresBefore = bad;
        latencyNanosBefore = nanos;
        latenciesBefore = count;
        return seen;
    }

    /// A new beginning, when it is ejected.
    void forgetRows() {
        connectFailuresInRow.set(0);
        faultsInRow.set(0);
    }
}
