package dev.fairlead.kernel;

import dev.fairlead.metrics.BothWays;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.metrics.Metric;
import dev.fairlead.upstream.Endpoint;
import org.jspecify.annotations.Nullable;

/// How much of what Linux has counted for an endpoint of a listener the [Endpoint] has been told. The sweeping thread.
public class Account {
    /// The part of the mean that one answer is.
    private static final double PACE = 0.1;

    /// The part that is forgotten in a second without an answer.
    private static final double FADING = 0.05;

    private final Endpoint endpoint;
    private final BothWays packets;

    private Count seen;
    private double nanos;
    private boolean hasResponded;

    // There once one was measured.
    private @Nullable Histogram responses;

    // Flows that the endpoint was told to have, and those that it was told of before they were counted.
    private int told;
    private long ahead;

    /// What Linux has counted for it so far.
    public record Count(long flows, long packetsIn, long bytesIn, long packetsOut, long bytesOut) {
        public static final Count NONE = new Count(0, 0, 0, 0, 0);

        /// Most of a hundred thousand endpoints have nothing, and share it.
        static Count of(long flows, long packetsIn, long bytesIn, long packetsOut, long bytesOut) {
            return (flows | packetsIn | bytesIn | packetsOut | bytesOut) == 0
                    ? NONE
                    : new Count(flows, packetsIn, bytesIn, packetsOut, bytesOut);
        }

        public Count plus(Count other) {
            return new Count(
                    flows + other.flows,
                    packetsIn + other.packetsIn,
                    bytesIn + other.bytesIn,
                    packetsOut + other.packetsOut,
                    bytesOut + other.bytesOut);
        }

        /// Whether it has more than the other of anything.
        public boolean isAbove(Count other) {
            return flows > other.flows
                    || packetsIn > other.packetsIn
                    || bytesIn > other.bytesIn
                    || packetsOut > other.packetsOut
                    || bytesOut > other.bytesOut;
        }

        public Count minus(Count other) {
            return of(
                    flows - other.flows,
                    packetsIn - other.packetsIn,
                    bytesIn - other.bytesIn,
                    packetsOut - other.packetsOut,
                    bytesOut - other.bytesOut);
        }
    }

    /// `before`: what its counters had when it got them.
    public Account(Endpoint endpoint, Count before) {
        this.endpoint = endpoint;
        this.packets = BothWays.of(endpoint.series(), Metric.KERNEL_ENDPOINT_PACKETS);
        this.seen = before;
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    /// What was counted since the last time, of which the endpoint counts its part.
    Count since(Count now) {
        Count more = now.minus(seen);
        seen = now;
        count(more);
        return more;
    }

    /// The endpoint counts its part of this.
    public void count(Count more) {
        if (more.equals(Count.NONE)) {
            // Else every endpoint would take room for its counters.
            return;
        }
        endpoint.bytes().in().add(more.bytesIn);
        endpoint.bytes().out().add(more.bytesOut);
        packets.in().add(more.packetsIn);
        packets.out().add(more.packetsOut);
    }

    /// Flows that an earlier process has left it.
    public void take(long live) {
        for (; told < live; told++) {
            endpoint.begin();
        }
    }

    /// Tells the endpoint of flows that have begun, and of those that are over by now: `live` are left.
    public void settle(long begun, int live) {
        long fresh = Math.max(0, begun - ahead);
        ahead = Math.max(0, ahead - begun);
        for (long i = 0; i < fresh; i++) {
            endpoint.begin();
        }
        told += (int) fresh;
        // Begun between the counters and the table: they will be counted next time.
        for (; told < live; told++) {
            endpoint.begin();
            ahead++;
        }
        for (; told > live; told--) {
            endpoint.end();
        }
    }

    /// It has answered after this long, and sent its first bytes so long after it was asked for some; 0 is not known.
    void measured(long connectNanos, long responseNanos, long nowNanos) {
        if (connectNanos > 0) {
            endpoint.connected();
            endpoint.answered(connectNanos, false, nowNanos);
        }
        if (responseNanos > 0) {
            responses().record(responseNanos);
        }
        // What clients wait for is the response; only where there are none does the network's time tell.
        hasResponded |= responseNanos > 0;
        long sample = hasResponded ? responseNanos : connectNanos;
        if (sample > 0) {
            nanos = nanos == 0 ? sample : nanos + PACE * (sample - nanos);
        }
    }

    private Histogram responses() {
        Histogram known = responses;
        if (known == null) {
            known = endpoint.series().histogram(Metric.KERNEL_RESPONSE_SECONDS);
            responses = known;
        }
        return known;
    }

    /// How long it takes to answer, a moving mean; 0 when nothing was measured.
    double nanos() {
        return nanos;
    }

    /// Nobody has asked it lately: what is known of it is worth less, and goes to what the others need.
    void forget(double medianNanos) {
        if (nanos > 0 && medianNanos > 0) {
            nanos += FADING * (medianNanos - nanos);
        }
    }

    public int live() {
        return told;
    }

    public boolean isIdle() {
        return told == 0;
    }
}
