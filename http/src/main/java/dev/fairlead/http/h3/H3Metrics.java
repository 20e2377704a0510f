package dev.fairlead.http.h3;

import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts what a listener does over HTTP/3. Any thread.
public final class H3Metrics {
    private final AtomicInteger open = new AtomicInteger();
    private final Counter exchanges;
    private final Counter migrations;
    private final Map<Guard.Kind, Counter> tripped = new EnumMap<>(Guard.Kind.class);

    public H3Metrics(String listener, Metrics metrics) {
        metrics.gauge(Metric.HTTP3_CONNECTIONS_OPEN, open::get, listener);
        exchanges = metrics.counter(Metric.HTTP3_EXCHANGES, listener);
        migrations = metrics.counter(Metric.HTTP3_MIGRATIONS, listener);
        for (Guard.Kind kind : Guard.Kind.values()) {
            tripped.put(kind, metrics.counter(Metric.HTTP3_GUARDS, listener, kind.label()));
        }
    }

    void onOpened() {
        open.incrementAndGet();
    }

    void onClosed() {
        open.decrementAndGet();
    }

    void ended() {
        exchanges.increment();
    }

    void migrated() {
        migrations.increment();
    }

    void tripped(Guard.Kind kind) {
        Objects.requireNonNull(tripped.get(kind)).increment();
    }
}
