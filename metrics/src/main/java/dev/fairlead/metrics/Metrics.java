package dev.fairlead.metrics;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;

/// All series of one process: a [Metric] with the values of its labels. Asking for a series makes it; keep what you
/// get, the look-up is for the control thread and not for loops.
public final class Metrics {
    private final Map<Metric, Map<List<String>, Object>> series = new EnumMap<>(Metric.class);

    public Metrics() {
        for (Metric metric : Metric.values()) {
            series.put(metric, new ConcurrentHashMap<>());
        }
    }

    public Counter counter(Metric metric, String... labels) {
        return (Counter) of(metric, Metric.Kind.COUNTER, labels).computeIfAbsent(List.of(labels), _ -> new Counter());
    }

    public Histogram histogram(Metric metric, String... labels) {
        return (Histogram)
                of(metric, Metric.Kind.HISTOGRAM, labels).computeIfAbsent(List.of(labels), _ -> new Histogram());
    }

    /// Reports what `value` says at each scrape. Called from the scraper's thread.
    public void gauge(Metric metric, DoubleSupplier value, String... labels) {
        of(metric, Metric.Kind.GAUGE, labels).put(List.of(labels), value);
    }

    /// Forgets one series: what it was about is gone.
    public void remove(Metric metric, String... labels) {
        series(metric).remove(List.of(labels));
    }

    /// Forgets every series that is about this listener: it is gone.
    public void removeListener(String listener) {
        removeAll(labels -> labels.contains("listener"), List.of(listener));
    }

    /// Forgets every series that is about this endpoint.
    public void removeEndpoint(String upstream, String endpoint) {
        removeAll(labels -> labels.contains("endpoint"), List.of(upstream, endpoint));
    }

    /// Forgets every series that is about this source of endpoints.
    public void removeSource(String upstream, String source) {
        removeAll(labels -> labels.contains("source"), List.of(upstream, source));
    }

    /// Forgets every series that is about this upstream, its endpoints included.
    public void removeUpstream(String upstream) {
        removeAll(labels -> labels.contains("upstream"), List.of(upstream));
    }

    /// Subjects stand first among the labels of a metric.
    private void removeAll(Predicate<List<String>> about, List<String> subject) {
        for (Metric metric : Metric.values()) {
            if (about.test(metric.labels())) {
                series(metric)
                        .keySet()
                        .removeIf(labels -> labels.subList(0, subject.size()).equals(subject));
            }
        }
    }

    Map<List<String>, Object> series(Metric metric) {
        return Objects.requireNonNull(series.get(metric));
    }

    private Map<List<String>, Object> of(Metric metric, Metric.Kind kind, String[] labels) {
        if (metric.kind() != kind || metric.labels().size() != labels.length) {
            throw new IllegalArgumentException(metric + " is a " + metric.kind() + " with labels " + metric.labels());
        }
        return series(metric);
    }
}
