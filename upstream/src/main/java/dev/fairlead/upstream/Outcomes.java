package dev.fairlead.upstream;

import dev.fairlead.metrics.Counter;
import dev.fairlead.upstream.health.OutlierDetector.Seen;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What real traffic saw of one endpoint. Loops write, the control thread reads. As a [Counter], it takes its room when
/// there is something.
final class Outcomes {
    /// How long an endpoint that refused a connection is passed over while others are there. Then one flow may try
    /// it again.
    static final long REFUSED_NANOS = 1_000_000_000L;

    private static final Seen NOTHING = new Seen(0, 0, 0, 0, 0);

    private volatile @Nullable Traffic traffic;

    private static final class Traffic {
        // any thread
        final AtomicInteger connectFailuresInRow = new AtomicInteger();
        final AtomicInteger faultsInRow = new AtomicInteger();
        final Counter successes = new Counter();
        final Counter failures = new Counter();
        final Counter latencyNanos = new Counter();
        final Counter latencies = new Counter();
        volatile long refusedUntilNanos;
        volatile boolean refused;

        // control thread: what was there when the interval began
        long successesBefore;
        long failuresBefore;
        long latencyNanosBefore;
        long latenciesBefore;

        void broke() {
            faultsInRow.getAndIncrement();
            failures.increment();
        }

        Seen interval() {
            long good = successes.value();
            long bad = failures.value();
            long nanos = latencyNanos.value();
            long count = latencies.value();
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
    }

    private Traffic traffic() {
        Traffic seen = traffic;
        return seen == null ? begin() : seen;
    }

    private synchronized Traffic begin() {
        Traffic seen = traffic;
        if (seen == null) {
            seen = new Traffic();
            traffic = seen;
        }
        return seen;
    }

    void connected() {
        Traffic seen = traffic;
        if (seen == null) {
            return;
        }
        clear(seen.connectFailuresInRow);
        if (seen.refused) {
            seen.refused = false;
        }
    }

    void connectFailed(long nowNanos) {
        Traffic seen = traffic();
        seen.connectFailuresInRow.getAndIncrement();
        seen.failures.increment();
        seen.refusedUntilNanos = nowNanos + REFUSED_NANOS;
        seen.refused = true;
    }

    boolean isRefusing(long nowNanos) {
        Traffic seen = traffic;
        return seen != null && seen.refused && nowNanos - seen.refusedUntilNanos < 0;
    }

    void answered(long nanos, boolean isFault) {
        Traffic seen = traffic();
        seen.latencyNanos.add(nanos);
        seen.latencies.increment();
        if (isFault) {
            seen.broke();
        } else {
            clear(seen.faultsInRow);
            seen.successes.increment();
        }
    }

    void broke() {
        traffic().broke();
    }

    /// A row is mostly 0 already: reading does not take the cache line from the other loops.
    private static void clear(AtomicInteger row) {
        if (row.get() != 0) {
            row.set(0);
        }
    }

    /// The rows alone.
    Seen rows() {
        Traffic seen = traffic;
        return seen == null ? NOTHING : new Seen(seen.connectFailuresInRow.get(), seen.faultsInRow.get(), 0, 0, 0);
    }

    /// The rows, and all since the last such call.
    Seen interval() {
        Traffic seen = traffic;
        return seen == null ? NOTHING : seen.interval();
    }

    /// A new beginning, when it is ejected.
    void forgetRows() {
        Traffic seen = traffic;
        if (seen != null) {
            seen.connectFailuresInRow.set(0);
            seen.faultsInRow.set(0);
        }
    }
}
