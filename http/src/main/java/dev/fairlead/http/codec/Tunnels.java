package dev.fairlead.http.codec;

import dev.fairlead.l4.RelayEnd;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts the tunnels of one listener. Any thread.
public final class Tunnels {
    private final AtomicInteger open = new AtomicInteger();
    private final Counter bytesIn;
    private final Counter bytesOut;

    public Tunnels(String listener, Metrics metrics) {
        metrics.gauge(Metric.HTTP_TUNNELS_OPEN, open::get, listener);
        bytesIn = metrics.counter(Metric.HTTP_TUNNEL_BYTES, listener, "in");
        bytesOut = metrics.counter(Metric.HTTP_TUNNEL_BYTES, listener, "out");
    }

    /// Those open now.
    public int open() {
        return open.get();
    }

    void onOpened() {
        open.incrementAndGet();
    }

    void onEnded() {
        open.decrementAndGet();
    }

    Counter bytesIn() {
        return bytesIn;
    }

    Counter bytesOut() {
        return bytesOut;
    }

    /// The word for an end in the log and the metrics.
    public static String word(RelayEnd end) {
        return switch (end) {
            case CLOSED -> "closed";
            case IDLE -> "idle";
            case RESET -> "reset";
            case CUT -> "drained";
        };
    }
}
