package dev.fairlead.metrics;

/// Several gauges of one [Subject], in one object.
@FunctionalInterface
public interface Gauges {
    /// Called from the scraper's thread, with one of the metrics that it was given for.
    double value(Metric metric);
}
