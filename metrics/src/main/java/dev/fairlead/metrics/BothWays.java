package dev.fairlead.metrics;

import java.util.Arrays;

/// A number in two directions: `in` is what goes from a client to an endpoint, `out` what comes back.
public record BothWays(Counter in, Counter out) {
    /// Of a metric whose last label is the direction.
    public static BothWays of(Metrics metrics, Metric metric, String... subject) {
        String[] labels = Arrays.copyOf(subject, subject.length + 1);
        labels[subject.length] = "in";
        Counter in = metrics.counter(metric, labels);
        labels[subject.length] = "out";
        return new BothWays(in, metrics.counter(metric, labels));
    }
}
