package dev.fairlead.metrics;

import java.util.List;

/// The series that all subjects of a kind have, in one object for each subject: there may be a hundred thousand
/// endpoints, and of most of them nothing is ever counted. Called from the scraper's thread.
public interface Standing {
    /// Of a metric with one series for each subject.
    List<List<String>> ONE = List.of(List.of());

    /// Of a metric that goes both ways: see [BothWays].
    List<List<String>> IN_AND_OUT = List.of(BothWays.IN, BothWays.OUT);

    /// The further labels of each series of the metric, in order; none when there is none.
    List<List<String>> labels(Metric metric);

    /// What a gauge says; of a counter 0, for one that has counted something was asked for.
    double value(Metric metric);
}
