package dev.fairlead.http.compress;

import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/// Counts what is compressed for one listener. Any thread.
public final class CompressionMetrics {
    /// Of one coding.
    record Coded(Counter responses, Counter inBytes, Counter outBytes, Counter decoded) {}

    private final Map<Coding, Coded> coded = new EnumMap<>(Coding.class);
    private final Counter refusals;
    private final Counter failures;
    private final AtomicLong memory = new AtomicLong();

    public CompressionMetrics(String listener, Metrics metrics) {
        for (Coding each : Coding.values()) {
            coded.put(
                    each,
                    new Coded(
                            metrics.counter(Metric.COMPRESSION_RESPONSES, listener, each.word()),
                            metrics.counter(Metric.COMPRESSION_IN_BYTES, listener, each.word()),
                            metrics.counter(Metric.COMPRESSION_OUT_BYTES, listener, each.word()),
                            metrics.counter(Metric.DECOMPRESSION_RESPONSES, listener, each.word())));
        }
        refusals = metrics.counter(Metric.COMPRESSION_REFUSALS, listener);
        failures = metrics.counter(Metric.DECOMPRESSION_FAILURES, listener);
        metrics.gauge(Metric.COMPRESSION_MEMORY, memory::get, listener);
    }

    Coded of(Coding coding) {
        return Objects.requireNonNull(coded.get(coding));
    }

    void refused() {
        refusals.increment();
    }

    /// With what holds so many bytes.
    void begun(Coding coding, int bytes) {
        of(coding).responses().increment();
        memory.addAndGet(bytes);
    }

    /// The same, of one that is decoded.
    void decoded(Coding coding, int bytes) {
        of(coding).decoded().increment();
        memory.addAndGet(bytes);
    }

    /// What was decoded is broken, or a bomb.
    void failed() {
        failures.increment();
    }

    void ended(int bytes) {
        memory.addAndGet(-bytes);
    }
}
