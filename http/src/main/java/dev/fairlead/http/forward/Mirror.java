package dev.fairlead.http.forward;

import dev.fairlead.config.MirrorSpec;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.upstream.Upstream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// A part of a route's requests that is copied to another upstream: which ones, how large, and how many at once. Any
/// thread.
final class Mirror {
    private static final long GOLDEN_RATIO = 0x9e3779b97f4a7c15L;

    private final Upstream upstream;
    private final int percent;
    private final int bodyBytesMax;
    private final int inFlightMax;
    private final byte[] route;
    private final Counter sent;
    private final Counter tooLarge;
    private final Counter tooMany;
    private final AtomicLong turn = new AtomicLong();
    private final AtomicInteger inFlight = new AtomicInteger();

    Mirror(MirrorSpec spec, String route, Upstream upstream) {
        this.upstream = upstream;
        this.percent = spec.percent();
        this.bodyBytesMax = spec.bodyBytes();
        this.inFlightMax = spec.inFlightMax();
        this.route = route.getBytes(StandardCharsets.US_ASCII);
        this.sent = upstream.counter(Metric.UPSTREAM_MIRRORED, "sent");
        this.tooLarge = upstream.counter(Metric.UPSTREAM_MIRRORED, "too_large");
        this.tooMany = upstream.counter(Metric.UPSTREAM_MIRRORED, "too_many");
    }

    Upstream upstream() {
        return upstream;
    }

    int bodyBytesMax() {
        return bodyBytesMax;
    }

    /// The route's name, by which a copy can be told from a request.
    byte[] route() {
        return route;
    }

    /// Whether this request is copied; if so, its copy is one of those under way until [#end].
    boolean tryBegin(RequestHead request) {
        if (request.upgrade() != null) {
            // A second tunnel would have nobody to talk to.
            return false;
        }
        // Evenly: of any hundred in a row the percentage, give or take one.
        long point = Math.unsignedMultiplyHigh(turn.getAndIncrement() * GOLDEN_RATIO, 100);
        if (point >= percent) {
            return false;
        }
        if (request.contentLength() > bodyBytesMax) {
            tooLarge.increment();
            return false;
        }
        if (inFlight.incrementAndGet() > inFlightMax) {
            inFlight.decrementAndGet();
            tooMany.increment();
            return false;
        }
        return true;
    }

    void sent() {
        sent.increment();
    }

    void tooLarge() {
        tooLarge.increment();
    }

    void end() {
        inFlight.decrementAndGet();
    }
}
