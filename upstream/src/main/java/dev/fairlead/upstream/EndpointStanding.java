package dev.fairlead.upstream;

import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Standing;
import java.util.List;

/// What the metrics page says of every endpoint: how it is now, and that nothing was counted of it yet.
record EndpointStanding(Endpoint endpoint) implements Standing {
    @Override
    public List<List<String>> labels(Metric metric) {
        return switch (metric) {
            case ENDPOINT_UP,
                    ENDPOINT_ACTIVE,
                    ENDPOINT_CONNECTIONS_OPEN,
                    ENDPOINT_PICKS,
                    ENDPOINT_CONNECTS,
                    ENDPOINT_CONNECT_FAILURES,
                    ENDPOINT_LIMIT_HITS,
                    ENDPOINT_EJECTED,
                    ENDPOINT_MANUAL,
                    ENDPOINT_WEIGHT,
                    ENDPOINT_SLOW_START,
                    ENDPOINT_CONCURRENCY_LIMIT,
                    ENDPOINT_HTTP2_STREAMS,
                    ENDPOINT_HTTP2_GOAWAYS,
                    ENDPOINT_HTTP2_REFUSALS,
                    ENDPOINT_HTTP2_CANCELS -> ONE;
            case ENDPOINT_BYTES -> IN_AND_OUT;
            default -> List.of();
        };
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
            case ENDPOINT_HTTP2_STREAMS -> endpoint.http2Streams();
            // A counter.
            default -> 0;
        };
    }
}
