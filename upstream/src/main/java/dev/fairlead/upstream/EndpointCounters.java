package dev.fairlead.upstream;

import dev.fairlead.metrics.BothWays;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Subject;

/// What the metrics page says of what happened on an endpoint.
record EndpointCounters(
        Counter picks,
        Counter connects,
        Counter connectFailures,
        Counter limitHits,
        Histogram latency,
        BothWays bytes,
        Http2Counts http2) {
    static EndpointCounters of(Subject endpoint) {
        return new EndpointCounters(
                endpoint.counter(Metric.ENDPOINT_PICKS),
                endpoint.counter(Metric.ENDPOINT_CONNECTS),
                endpoint.counter(Metric.ENDPOINT_CONNECT_FAILURES),
                endpoint.counter(Metric.ENDPOINT_LIMIT_HITS),
                endpoint.histogram(Metric.ENDPOINT_LATENCY_SECONDS),
                BothWays.of(endpoint, Metric.ENDPOINT_BYTES),
                new Http2Counts(endpoint));
    }
}
