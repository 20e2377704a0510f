package dev.fairlead.http;

import dev.fairlead.config.GrpcStatus;
import dev.fairlead.http.codec.Tunnels;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.l4.RelayEnd;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// Counts the exchanges of one listener. Any thread.
final class ExchangeMetrics {
    private final String listener;
    private final Metrics metrics;
    private final Counter[] statuses = new Counter[6];
    private final Map<Fault, Counter> faults = new EnumMap<>(Fault.class);
    private final Map<String, Counter> tunnelEnds = new HashMap<>();
    /// By status; made at the first call that ends so, for few listeners have any.
    private final AtomicReferenceArray<Counter> calls = new AtomicReferenceArray<>(GrpcStatus.values().length);
    private final Histogram seconds;
    private final Counter requestBytes;
    private final Counter responseBytes;

    ExchangeMetrics(String listener, Metrics metrics) {
        this.listener = listener;
        this.metrics = metrics;
        for (int i = 0; i < statuses.length; i++) {
            // A client that left before it was answered has no status.
            statuses[i] = metrics.counter(Metric.HTTP_EXCHANGES, listener, i == 0 ? "none" : i + "xx");
        }
        for (Fault fault : Fault.values()) {
            faults.put(
                    fault,
                    metrics.counter(Metric.HTTP_FAULTS, listener, fault.name().toLowerCase(Locale.ROOT)));
        }
        for (RelayEnd end : RelayEnd.values()) {
            String word = Tunnels.word(end);
            tunnelEnds.put(word, metrics.counter(Metric.HTTP_TUNNELS, listener, word));
        }
        seconds = metrics.histogram(Metric.HTTP_EXCHANGE_SECONDS, listener);
        requestBytes = metrics.counter(Metric.HTTP_REQUEST_BYTES, listener);
        responseBytes = metrics.counter(Metric.HTTP_RESPONSE_BYTES, listener);
    }

    void count(Exchange exchange, long nowNanos) {
        String tunnelEnd = exchange.tunnelEnd();
        if (tunnelEnd != null) {
            statuses[1].increment();
            Objects.requireNonNull(tunnelEnds.get(tunnelEnd)).increment();
            return;
        }
        statuses[exchange.status() / 100].increment();
        seconds.record(nowNanos - exchange.startNanos());
        Fault fault = exchange.fault();
        if (fault != null) {
            Objects.requireNonNull(faults.get(fault)).increment();
        }
        GrpcStatus call = exchange.grpcStatus();
        if (call != null) {
            calls(call).increment();
        }
        if (exchange.requestBytes() > 0) {
            requestBytes.add(exchange.requestBytes());
        }
        if (exchange.responseBytes() > 0) {
            responseBytes.add(exchange.responseBytes());
        }
    }

    /// The look-up by name takes a lock. Two loops that do it at once find the same.
    private Counter calls(GrpcStatus status) {
        Counter counter = calls.get(status.ordinal());
        if (counter == null) {
            counter = metrics.counter(Metric.GRPC_CALLS, listener, status.label());
            calls.set(status.ordinal(), counter);
        }
        return counter;
    }
}
