package dev.fairlead.upstream;

import dev.fairlead.metrics.BothWays;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Subject;
import org.jspecify.annotations.Nullable;

/// What the metrics page says of what happened on an endpoint. Nothing ever does on most of a hundred thousand: there
/// is room for it once something is counted. Any thread.
final class EndpointCounters {
    private final Subject endpoint;
    private volatile @Nullable Counts counts;

    /// To count on.
    record Counts(
            Counter picks,
            Counter connects,
            Counter connectFailures,
            Counter limitHits,
            Histogram latency,
            BothWays bytes,
            Http2Counts http2) {
        private static Counts of(Subject endpoint) {
            return new Counts(
                    endpoint.counter(Metric.ENDPOINT_PICKS),
                    endpoint.counter(Metric.ENDPOINT_CONNECTS),
                    endpoint.counter(Metric.ENDPOINT_CONNECT_FAILURES),
                    endpoint.counter(Metric.ENDPOINT_LIMIT_HITS),
                    endpoint.histogram(Metric.ENDPOINT_LATENCY_SECONDS),
                    BothWays.of(endpoint, Metric.ENDPOINT_BYTES),
                    new Http2Counts(endpoint));
        }
    }

    EndpointCounters(Subject endpoint) {
        this.endpoint = endpoint;
    }

    Counts counts() {
        Counts seen = counts;
        return seen == null ? begin() : seen;
    }

    private synchronized Counts begin() {
        Counts seen = counts;
        if (seen == null) {
            seen = Counts.of(endpoint);
            counts = seen;
        }
        return seen;
    }

    Subject endpoint() {
        return endpoint;
    }

    long picks() {
        Counts seen = counts;
        return seen == null ? 0 : seen.picks.value();
    }

    long connectFailures() {
        Counts seen = counts;
        return seen == null ? 0 : seen.connectFailures.value();
    }

    @Nullable
    Histogram latency() {
        Counts seen = counts;
        return seen == null ? null : seen.latency;
    }

    long http2Streams() {
        Counts seen = counts;
        return seen == null ? 0 : seen.http2.open();
    }
}
