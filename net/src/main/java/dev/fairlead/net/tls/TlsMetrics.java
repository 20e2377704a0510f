package dev.fairlead.net.tls;

import dev.fairlead.config.pem.Credential;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Counts the handshakes of one listener, and says when its certificates run out.
final class TlsMetrics {
    private final String listener;
    private final Metrics metrics;
    private final Counter full13;
    private final Counter resumed13;
    private final Counter full12;
    private final Counter resumed12;
    private final Map<HandshakeFailure, Counter> failures = new EnumMap<>(HandshakeFailure.class);
    private final Histogram seconds;
    private final Counter used;
    private final Counter unusable;
    private Set<String> shown = Set.of();

    TlsMetrics(String listener, Metrics metrics) {
        this.listener = listener;
        this.metrics = metrics;
        full13 = metrics.counter(Metric.TLS_HANDSHAKES, listener, "1.3", "full");
        resumed13 = metrics.counter(Metric.TLS_HANDSHAKES, listener, "1.3", "resumed");
        full12 = metrics.counter(Metric.TLS_HANDSHAKES, listener, "1.2", "full");
        resumed12 = metrics.counter(Metric.TLS_HANDSHAKES, listener, "1.2", "resumed");
        for (HandshakeFailure failure : HandshakeFailure.values()) {
            failures.put(failure, metrics.counter(Metric.TLS_HANDSHAKE_FAILURES, listener, failure.label()));
        }
        seconds = metrics.histogram(Metric.TLS_HANDSHAKE_SECONDS, listener);
        used = metrics.counter(Metric.TLS_FILE_READS, listener, "used");
        unusable = metrics.counter(Metric.TLS_FILE_READS, listener, "unusable");
    }

    void completed(boolean is13, boolean isResumed, long nanos) {
        (is13 ? isResumed ? resumed13 : full13 : isResumed ? resumed12 : full12).increment();
        seconds.record(nanos);
    }

    void failed(HandshakeFailure failure) {
        Objects.requireNonNull(failures.get(failure)).increment();
    }

    void read(boolean isUsed) {
        (isUsed ? used : unusable).increment();
    }

    /// From now on these are the ones that are told of.
    void expiries(List<Credential> credentials) {
        Set<String> now = new HashSet<>();
        for (Credential each : credentials) {
            double end = each.notAfter().toEpochMilli() / 1e3;
            metrics.gauge(Metric.TLS_CERTIFICATE_EXPIRY, () -> end, listener, each.name());
            now.add(each.name());
        }
        for (String before : shown) {
            if (!now.contains(before)) {
                metrics.remove(Metric.TLS_CERTIFICATE_EXPIRY, listener, before);
            }
        }
        shown = now;
    }
}
