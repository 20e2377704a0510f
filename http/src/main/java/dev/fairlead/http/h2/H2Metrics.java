package dev.fairlead.http.h2;

import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts what a listener does over HTTP/2. Any thread.
public final class H2Metrics {
    private final AtomicInteger open = new AtomicInteger();
    private final Counter exchanges;
    private final Map<Guard.Kind, Counter> tripped = new EnumMap<>(Guard.Kind.class);

    public H2Metrics(String listener, Metrics metrics) {
        metrics.gauge(Metric.HTTP2_CONNECTIONS_OPEN, open::get, listener);
        exchanges = metrics.counter(Metric.HTTP2_EXCHANGES, listener);
        for (Guard.Kind kind : Guard.Kind.values()) {
            tripped.put(kind, metrics.counter(Metric.HTTP2_GUARDS, listener, kind.label()));
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

    void tripped(Guard.Kind kind) {
        Objects.requireNonNull(tripped.get(kind)).increment();
    }
}
