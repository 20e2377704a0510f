package dev.fairlead.metrics;

import java.util.List;

/// A number in two directions: `in` is what goes from a client to an endpoint, `out` what comes back.
public record BothWays(Counter in, Counter out) {
    static final List<String> IN = List.of("in");
    static final List<String> OUT = List.of("out");

    /// Of a metric whose last label is the direction.
    public static BothWays of(Metrics metrics, Metric metric, String... labels) {
        return of(metrics.subject(metric, labels), metric);
    }

    /// As above, of a metric that has no other label beside those of its subject.
    public static BothWays of(Subject subject, Metric metric) {
        return new BothWays(subject.counter(metric, IN), subject.counter(metric, OUT));
    }
}
