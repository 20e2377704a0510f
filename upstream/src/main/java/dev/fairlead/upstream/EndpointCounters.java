package dev.fairlead.upstream;

import dev.fairlead.metrics.BothWays;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;

/// What the metrics page says of what happened on an endpoint.
record EndpointCounters(
        Counter picks,
        Counter connects,
        Counter connectFailures,
        Counter limitHits,
        Histogram latency,
        BothWays bytes,
        Http2Counts http2) {
    static EndpointCounters of(String upstream, String endpoint, Metrics metrics) {
        return new EndpointCounters(
                metrics.counter(Metric.ENDPOINT_PICKS, upstream, endpoint),
                metrics.counter(Metric.ENDPOINT_CONNECTS, upstream, endpoint),
                metrics.counter(Metric.ENDPOINT_CONNECT_FAILURES, upstream, endpoint),
                metrics.counter(Metric.ENDPOINT_LIMIT_HITS, upstream, endpoint),
                metrics.histogram(Metric.ENDPOINT_LATENCY_SECONDS, upstream, endpoint),
                BothWays.of(metrics, Metric.ENDPOINT_BYTES, upstream, endpoint),
                new Http2Counts(upstream, endpoint, metrics));
    }
}
