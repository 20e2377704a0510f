package dev.fairlead.metrics;

import java.util.concurrent.atomic.LongAdder;

/// A number that only grows. Any thread; striped, so that loops do not fight over its cache line.
public final class Counter {
    private final LongAdder sum = new LongAdder();

    public void increment() {
        sum.increment();
    }

    public void add(long amount) {
        sum.add(amount);
    }

    public long value() {
        return sum.sum();
    }
}
