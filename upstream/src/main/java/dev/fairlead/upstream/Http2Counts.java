package dev.fairlead.upstream;

import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Subject;

/// What is done over HTTP/2 on one endpoint, in numbers. Any thread.
public final class Http2Counts {
    private final Counter opened = new Counter();
    private final Counter closed = new Counter();
    private final Counter goAways;
    private final Counter refusals;
    private final Counter cancels;

    Http2Counts(Subject endpoint) {
        goAways = endpoint.counter(Metric.ENDPOINT_HTTP2_GOAWAYS);
        refusals = endpoint.counter(Metric.ENDPOINT_HTTP2_REFUSALS);
        cancels = endpoint.counter(Metric.ENDPOINT_HTTP2_CANCELS);
    }

    /// Streams of attempts now.
    long open() {
        // In this order: what opens meanwhile is not taken for negative.
        long over = closed.value();
        return opened.value() - over;
    }

    /// An attempt has a stream now.
    public void opened() {
        opened.increment();
    }

    /// One that had a stream is over.
    public void closed() {
        closed.increment();
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
