package dev.fairlead.upstream;

import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.concurrent.atomic.LongAdder;

/// What is done over HTTP/2 on one endpoint, in numbers. Any thread.
public final class Http2Counts {
    private final LongAdder open = new LongAdder();
    private final Counter goAways;
    private final Counter refusals;
    private final Counter cancels;

    Http2Counts(String upstream, String endpoint, Metrics metrics) {
        metrics.gauge(Metric.ENDPOINT_HTTP2_STREAMS, open::sum, upstream, endpoint);
        goAways = metrics.counter(Metric.ENDPOINT_HTTP2_GOAWAYS, upstream, endpoint);
        refusals = metrics.counter(Metric.ENDPOINT_HTTP2_REFUSALS, upstream, endpoint);
        cancels = metrics.counter(Metric.ENDPOINT_HTTP2_CANCELS, upstream, endpoint);
    }

    /// An attempt has a stream now.
    public void opened() {
        open.increment();
    }

    /// One that had a stream is over.
    public void closed() {
        open.decrement();
    }

    /// The endpoint takes no more streams on a connection.
    public void wentAway() {
        goAways.increment();
    }

    /// The endpoint has not looked at a stream.
    public void refused() {
        refusals.increment();
    }

    /// A stream was taken back.
    public void cancelled() {
        cancels.increment();
    }
}
