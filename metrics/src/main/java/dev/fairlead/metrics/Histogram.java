package dev.fairlead.metrics;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Counts durations by size, in buckets that double from 65.536 µs (2^16 ns): bucket `i` holds what took at most
/// 2^(16+i) ns, the last one everything longer. 20 of them reach 34 s, one shift and one count finds the bucket.
/// Any thread. As a [Counter], it takes its room when something is first recorded.
public final class Histogram {
    public static final int BUCKETS = 21;
    private static final int FIRST_SHIFT = 16;

    private volatile @Nullable Recorded recorded;

    private record Recorded(AtomicLongArray counts, LongAdder sumNanos) {}

    public void record(long nanos) {
        Recorded seen = recorded;
        if (seen == null) {
            seen = begin();
        }
        seen.counts.getAndAdd(bucket(nanos), 1);
        seen.sumNanos.add(nanos);
    }

    private synchronized Recorded begin() {
        Recorded seen = recorded;
        if (seen == null) {
            seen = new Recorded(new AtomicLongArray(BUCKETS), new LongAdder());
            recorded = seen;
        }
        return seen;
    }

    /// Whether nothing was ever recorded.
    boolean isEmpty() {
        return recorded == null;
    }

    static int bucket(long nanos) {
        if (nanos <= 1L << FIRST_SHIFT) {
            return 0;
        }
        return Math.min(BUCKETS - 1, 64 - Long.numberOfLeadingZeros(nanos - 1) - FIRST_SHIFT);
    }

    /// The greatest duration of a bucket, in seconds: `le` on the page. The last is infinite.
    static double boundSeconds(int bucket) {
        return bucket == BUCKETS - 1 ? Double.POSITIVE_INFINITY : (1L << (FIRST_SHIFT + bucket)) / 1e9;
    }

    long countIn(int bucket) {
        Recorded seen = recorded;
        return seen == null ? 0 : seen.counts.get(bucket);
    }

    /// Adds what each bucket holds to that of `counts`, which has [#BUCKETS].
    public void addTo(long[] counts) {
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] += countIn(i);
        }
    }

    double sumSeconds() {
        Recorded seen = recorded;
        return seen == null ? 0 : seen.sumNanos.sum() / 1e9;
    }

    public long count() {
        long all = 0;
        for (int i = 0; i < BUCKETS; i++) {
            all += countIn(i);
        }
        return all;
    }

    /// The bound of the bucket that holds the given quantile (0 to 1), in nanoseconds; 0 when nothing was recorded.
    /// Off by at most a factor of two, which is enough for a table on a screen.
    public long quantileNanos(double quantile) {
        long rank = (long) Math.ceil(quantile * count());
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += countIn(i);
            if (seen >= rank && rank > 0) {
                return 1L << (FIRST_SHIFT + i);
            }
        }
        return 0;
    }

    /// The given quantile (0 to 1) of what `counts` holds, in nanoseconds, as if the durations of a bucket lay evenly
    /// in it; of the last bucket, its beginning. 0 when nothing is held.
    public static long quantileNanos(long[] counts, double quantile) {
        double rank = quantile * Arrays.stream(counts).sum();
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            if (counts[i] > 0 && seen + counts[i] >= rank) {
                long from = i == 0 ? 0 : 1L << (FIRST_SHIFT + i - 1);
                long size = i == BUCKETS - 1 ? 0 : (1L << (FIRST_SHIFT + i)) - from;
                return from + (long) (size * (rank - seen) / counts[i]);
            }
            seen += counts[i];
        }
        return 0;
    }
}
