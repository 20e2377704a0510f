package dev.fairlead.metrics;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// A number that only grows. Any thread; striped, so that loops do not fight over its cache line. Most of a hundred
/// thousand endpoints' counters count nothing for long: one takes its room when it is first counted on.
public final class Counter {
    private volatile @Nullable LongAdder sum;

    public void increment() {
        begun().increment();
    }

    public void add(long amount) {
        if (amount != 0) {
            begun().add(amount);
        }
    }

    public long value() {
        LongAdder seen = sum;
        return seen == null ? 0 : seen.sum();
    }

    private LongAdder begun() {
        LongAdder seen = sum;
        return seen == null ? begin() : seen;
    }

    private synchronized LongAdder begin() {
        LongAdder seen = sum;
        if (seen == null) {
            seen = new LongAdder();
            sum = seen;
        }
        return seen;
    }
}
