package dev.fairlead.upstream;

import dev.fairlead.metrics.Gauges;
import dev.fairlead.metrics.Metric;

/// What the metrics page says of how an endpoint is now.
record EndpointGauges(Endpoint endpoint) implements Gauges {
    private static final Metric[] METRICS = {
        Metric.ENDPOINT_UP,
        Metric.ENDPOINT_ACTIVE,
        Metric.ENDPOINT_CONNECTIONS_OPEN,
        Metric.ENDPOINT_EJECTED,
        Metric.ENDPOINT_MANUAL,
        Metric.ENDPOINT_WEIGHT,
        Metric.ENDPOINT_SLOW_START,
        Metric.ENDPOINT_CONCURRENCY_LIMIT,
        Metric.ENDPOINT_HTTP2_STREAMS
    };

    static void of(Endpoint endpoint) {
        endpoint.series().gauges(new EndpointGauges(endpoint), METRICS);
    }

    @Override
    public double value(Metric metric) {
        return switch (metric) {
            case ENDPOINT_UP -> endpoint.isUsable() ? 1 : 0;
            case ENDPOINT_ACTIVE -> endpoint.active();
            case ENDPOINT_CONNECTIONS_OPEN -> endpoint.connections();
            case ENDPOINT_EJECTED -> endpoint.isEjected() ? 1 : 0;
            case ENDPOINT_MANUAL -> endpoint.manual().number();
            case ENDPOINT_WEIGHT -> endpoint.weight();
            case ENDPOINT_SLOW_START -> endpoint.slowStartPercent() / 100.0;
            case ENDPOINT_CONCURRENCY_LIMIT -> endpoint.limit();
            case ENDPOINT_HTTP2_STREAMS -> endpoint.http2().open();
            default -> throw new IllegalArgumentException(metric + " is no gauge of an endpoint");
        };
    }
}
