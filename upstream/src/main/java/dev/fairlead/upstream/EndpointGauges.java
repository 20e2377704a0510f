package dev.fairlead.upstream;

import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.function.DoubleSupplier;

/// What the metrics page says of how an endpoint is now.
final class EndpointGauges {
    private EndpointGauges() {}

    static void of(Endpoint endpoint, Metrics metrics) {
        gauge(endpoint, metrics, Metric.ENDPOINT_UP, () -> endpoint.isUsable() ? 1 : 0);
        gauge(endpoint, metrics, Metric.ENDPOINT_ACTIVE, endpoint::active);
        gauge(endpoint, metrics, Metric.ENDPOINT_CONNECTIONS_OPEN, endpoint::connections);
        gauge(endpoint, metrics, Metric.ENDPOINT_EJECTED, () -> endpoint.isEjected() ? 1 : 0);
        gauge(endpoint, metrics, Metric.ENDPOINT_MANUAL, () -> endpoint.manual().number());
        gauge(endpoint, metrics, Metric.ENDPOINT_WEIGHT, endpoint::weight);
        gauge(endpoint, metrics, Metric.ENDPOINT_SLOW_START, () -> endpoint.slowStartPercent() / 100.0);
        gauge(endpoint, metrics, Metric.ENDPOINT_CONCURRENCY_LIMIT, endpoint::limit);
    }

    private static void gauge(Endpoint endpoint, Metrics metrics, Metric metric, DoubleSupplier value) {
        metrics.gauge(metric, value, endpoint.upstream(), endpoint.name());
    }
}
