package dev.fairlead.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;

/// All series of one process: a [Metric] with the values of its labels, at the [Subject] that the first of these name.
/// Asking for a series makes it; keep what you get, the look-up is for the control thread and not for loops.
public final class Metrics {
    private final Subject process = Subject.process();

    public Counter counter(Metric metric, String... labels) {
        return subject(metric, labels).counter(metric, others(metric, labels));
    }

    public Histogram histogram(Metric metric, String... labels) {
        return subject(metric, labels).histogram(metric, others(metric, labels));
    }

    /// Reports what `value` says at each scrape. Called from the scraper's thread.
    public void gauge(Metric metric, DoubleSupplier value, String... labels) {
        subject(metric, labels).gauge(metric, value, others(metric, labels));
    }

    /// For all that is counted of an upstream; its endpoints are parts of it.
    public Subject upstream(String upstream) {
        return process.part("upstream", upstream);
    }

    /// Forgets one series: what it was about is gone.
    public void remove(Metric metric, String... labels) {
        subject(metric, labels).remove(metric, others(metric, labels));
    }

    /// Forgets every series that is about this listener: it is gone.
    public void removeListener(String listener) {
        process.forget("listener", listener);
    }

    /// Forgets every series that is about this endpoint.
    public void removeEndpoint(String upstream, String endpoint) {
        removePart(upstream, "endpoint", endpoint);
    }

    /// Forgets every series that is about this source of endpoints.
    public void removeSource(String upstream, String source) {
        removePart(upstream, "source", source);
    }

    private void removePart(String upstream, String label, String name) {
        Subject whole = process.known("upstream", upstream);
        if (whole != null) {
            whole.forget(label, name);
        }
    }

    /// Forgets every series that is about this upstream, its endpoints included.
    public void removeUpstream(String upstream) {
        process.forget("upstream", upstream);
    }

    /// Shows all series of a metric, in the order of their labels.
    void each(Metric metric, Subject.Row row) {
        each(process, metric, 0, row);
    }

    private static void each(Subject whole, Metric metric, int depth, Subject.Row row) {
        if (depth == metric.subject().size()) {
            whole.each(metric, row);
            return;
        }
        for (Subject part : whole.parts(metric.subject().get(depth))) {
            each(part, metric, depth + 1, row);
        }
    }

    /// What the first of these labels name.
    Subject subject(Metric metric, String[] labels) {
        List<String> path = metric.subject();
        if (labels.length < path.size()) {
            throw new IllegalArgumentException(metric + " has labels " + metric.labels());
        }
        Subject subject = process;
        for (int i = 0; i < path.size(); i++) {
            subject = subject.part(path.get(i), labels[i]);
        }
        return subject;
    }

    /// The labels beyond those of the subject.
    private static String[] others(Metric metric, String[] labels) {
        return Arrays.copyOfRange(labels, metric.subject().size(), labels.length);
    }
}
