package dev.fairlead.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What series are about: the process, a listener, an upstream, or an endpoint or a source of an upstream. It has its
/// series side by side, for there may be a hundred thousand endpoints, and the subjects that are part of it; who
/// forgets it has forgotten them all. Any thread.
public final class Subject {
    private static final Object[] NO_ROWS = {};

    /// In the first array, which grows by half: of most endpoints no more than these is counted.
    private static final int ROWS_FIRST = 3;

    // immutable
    private final @Nullable Subject whole;
    private final String label;
    private final String name;

    // written under the lock, read by any
    private volatile Map<String, Parts> parts = Map.of();
    private volatile @Nullable Standing standing;

    /// Metric, further labels, series; one row behind the other, in the order of metrics and labels. Guarded by this.
    private Object[] rows = NO_ROWS;

    private int count;

    /// Somebody reads this very array: it is copied before it is changed.
    private boolean isRead;

    private Subject(@Nullable Subject whole, String label, String name) {
        this.whole = whole;
        this.label = label;
        this.name = name;
    }

    static Subject process() {
        return new Subject(null, "", "");
    }

    /// The series, which is made when it was not there. `labels`: those of the metric that do not name the subject.
    public Counter counter(Metric metric, String... labels) {
        return counter(metric, List.of(labels));
    }

    /// As above; subjects of one kind may share their labels.
    Counter counter(Metric metric, List<String> labels) {
        return (Counter) series(metric, Metric.Kind.COUNTER, labels, Counter::new);
    }

    /// As [#counter].
    public Histogram histogram(Metric metric, String... labels) {
        return (Histogram) series(metric, Metric.Kind.HISTOGRAM, List.of(labels), Histogram::new);
    }

    /// Reports what `value` says at each scrape. Called from the scraper's thread.
    public void gauge(Metric metric, DoubleSupplier value, String... labels) {
        put(metric, List.of(labels), value);
    }

    private synchronized void put(Metric metric, List<String> labels, DoubleSupplier gauge) {
        check(metric, Metric.Kind.GAUGE, labels);
        int at = find(metric, labels);
        if (at < 0) {
            insert(~at, metric, labels, gauge);
        } else {
            own();
            rows[at + 2] = gauge;
        }
    }

    /// What is told of it from now on besides what was asked for. Of a metric of which a series was asked for, that one
    /// is told.
    public void standing(Standing values) {
        standing = values;
    }

    private synchronized Object series(Metric metric, Metric.Kind kind, List<String> labels, Supplier<Object> fresh) {
        check(metric, kind, labels);
        int at = find(metric, labels);
        if (at >= 0) {
            return rows[at + 2];
        }
        Object made = fresh.get();
        insert(~at, metric, labels, made);
        return made;
    }

    private static void check(Metric metric, Metric.Kind kind, List<String> labels) {
        if (metric.kind() != kind
                || metric.subject().size() + labels.size() != metric.labels().size()) {
            throw new IllegalArgumentException(metric + " is a " + metric.kind() + " with labels " + metric.labels());
        }
    }

    synchronized void remove(Metric metric, String... labels) {
        int at = find(metric, List.of(labels));
        if (at >= 0) {
            own();
            System.arraycopy(rows, at + 3, rows, at, 3 * count - at - 3);
            count--;
            Arrays.fill(rows, 3 * count, 3 * count + 3, null);
        }
    }

    /// Where the row stands; when it is not there, the complement of where it would.
    private int find(Metric metric, List<String> labels) {
        return find(rows, count, metric, labels);
    }

    private static int find(Object[] rows, int count, Metric metric, List<String> labels) {
        if (count == 0 || ((Metric) rows[3 * count - 3]).ordinal() < metric.ordinal()) {
            return ~(3 * count);
        }
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = metric.ordinal() - ((Metric) rows[3 * middle]).ordinal();
            if (order == 0) {
                order = compare(labels, labels(rows, 3 * middle));
            }
            if (order == 0) {
                return 3 * middle;
            }
            if (order < 0) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return ~(3 * low);
    }

    private static int compare(List<String> some, List<String> others) {
        for (int i = 0; i < Math.min(some.size(), others.size()); i++) {
            int order = some.get(i).compareTo(others.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(some.size(), others.size());
    }

    @SuppressWarnings("unchecked") // As #insert has put it there.
    private static List<String> labels(Object[] rows, int at) {
        return (List<String>) rows[at + 1];
    }

    private void insert(int at, Metric metric, List<String> labels, Object series) {
        int used = 3 * count;
        Object[] target = rows;
        if (isRead || used == rows.length) {
            int room = used < rows.length ? rows.length : 3 * Math.max(ROWS_FIRST, count + count / 2);
            target = Arrays.copyOf(rows, room);
        }
        System.arraycopy(rows, at, target, at + 3, used - at);
        target[at] = metric;
        target[at + 1] = labels;
        target[at + 2] = series;
        rows = target;
        isRead = false;
        count++;
    }

    private void own() {
        if (isRead) {
            rows = rows.clone();
            isRead = false;
        }
    }

    /// Shows the series of a metric, in the order of their labels.
    void each(Metric metric, Row row) {
        Object[] seen;
        int seenCount;
        synchronized (this) {
            isRead = true;
            seen = rows;
            seenCount = count;
        }
        int at = find(seen, seenCount, metric, List.of());
        int first = at < 0 ? ~at : at;
        for (int i = first; i < 3 * seenCount && seen[i] == metric; i += 3) {
            row.show(this, labels(seen, i), seen[i + 2]);
        }
        Standing always = standing;
        if (always != null && (first == 3 * seenCount || seen[first] != metric)) {
            for (List<String> labels : always.labels(metric)) {
                row.show(this, labels, always);
            }
        }
    }

    /// Sees a series: a [Counter], a [Histogram], a [DoubleSupplier], or the [Standing] that tells it.
    @FunctionalInterface
    interface Row {
        void show(Subject subject, List<String> labels, Object series);
    }

    /// For all that is counted of an endpoint, of an upstream.
    public Subject endpoint(String endpoint) {
        return fresh(named("endpoint"), "endpoint", endpoint);
    }

    /// The part with this name, made when it was not there.
    Subject part(String partLabel, String partName) {
        Parts named = named(partLabel);
        Subject known = named.known(partName);
        return known == null ? fresh(named, partLabel, partName) : known;
    }

    private Subject fresh(Parts named, String partLabel, String partName) {
        return named.put(partName, new Subject(this, partLabel, partName));
    }

    private Parts named(String partLabel) {
        Parts named = parts.get(partLabel);
        return named == null ? begin(partLabel) : named;
    }

    private synchronized Parts begin(String partLabel) {
        if (parts.isEmpty()) {
            parts = new ConcurrentHashMap<>();
        }
        return parts.computeIfAbsent(partLabel, _ -> new Parts());
    }

    /// Those that are there now, by name.
    List<Subject> parts(String partLabel) {
        Parts named = parts.get(partLabel);
        return named == null ? List.of() : named.all();
    }

    /// Null when it is not there.
    @Nullable
    Subject known(String partLabel, String partName) {
        Parts named = parts.get(partLabel);
        return named == null ? null : named.known(partName);
    }

    void forget(String partLabel, String partName) {
        Parts named = parts.get(partLabel);
        if (named != null) {
            named.remove(partName);
        }
    }

    /// What it is part of; null for the process.
    @Nullable
    Subject whole() {
        return whole;
    }

    /// The label that names it.
    String label() {
        return label;
    }

    String name() {
        return name;
    }
}
