package dev.fairlead.http.codec;

import dev.fairlead.l4.RelayEnd;
import dev.fairlead.l4.RelayTerms;
import dev.fairlead.metrics.BothWays;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Endpoint;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts the tunnels of one listener. Any thread.
public final class Tunnels {
    private final AtomicInteger open = new AtomicInteger();
    private final BothWays bytes;
    private final Counter spliced = new Counter();

    public Tunnels(String listener, Metrics metrics) {
        metrics.gauge(Metric.HTTP_TUNNELS_OPEN, open::get, listener);
        bytes = BothWays.of(metrics, Metric.HTTP_TUNNEL_BYTES, listener);
    }

    /// Those open now.
    public int open() {
        return open.get();
    }

    public void onOpened() {
        open.incrementAndGet();
    }

    public void onEnded() {
        open.decrementAndGet();
    }

    /// So many bytes went through one, from its client and to it.
    public void passed(Endpoint endpoint, int fromClient, int toClient) {
        bytes.in().add(fromClient);
        bytes.out().add(toClient);
        endpoint.bytes().in().add(fromClient);
        endpoint.bytes().out().add(toClient);
    }

    /// Half-closed or not, a tunnel may be idle as long as its timeout says.
    RelayTerms terms(Endpoint endpoint, long idleNanos) {
        return new RelayTerms(System.nanoTime(), idleNanos, idleNanos, 0, bytes, endpoint.bytes(), spliced);
    }

    /// The word for an end in the log and the metrics.
    public static String word(RelayEnd end) {
        return switch (end) {
            case DOWNSTREAM_FIN, UPSTREAM_FIN -> "closed";
            case IDLE, FIN_TIMEOUT, LIFETIME -> "idle";
            case DOWNSTREAM_RESET, UPSTREAM_RESET, DOWNSTREAM_LOST, UPSTREAM_LOST -> "reset";
            case CUT -> "drained";
        };
    }
}
