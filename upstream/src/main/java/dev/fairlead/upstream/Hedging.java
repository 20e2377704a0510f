package dev.fairlead.upstream;

import dev.fairlead.config.RetrySpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.Arrays;
import java.util.List;

/// The hedges of one upstream over all loops: after how long one is made, and what came of them (Dean and Barroso,
/// "The Tail at Scale", 2013).
///
/// The delay is a percentile of what the endpoints' answers took lately. An attempt that was outrun by its hedge
/// has no latency, but it took at least as long as it was awaited, and is counted with that: were it left out, each
/// measurement would miss the slowest answers of the one before, and the delay would sink without end.
public final class Hedging {
    /// For [#delayNanos]: no hedge is to be made.
    public static final long NEVER = 0;

    /// Answers before a percentile is believed: the 99th of 100 is one of them.
    static final int ANSWERS_MIN = 100;

    /// How long answers are gathered before the delay is set anew, or longer when they are few.
    static final long WINDOW_NANOS = 10_000_000_000L;

    // immutable
    private final Counter sent;
    private final Counter won;

    // any thread
    private final Histogram outrun = new Histogram();

    // written by the control thread, read by any
    private volatile long delayNanos = NEVER;

    // control thread
    private RetrySpec spec;
    private long[] before = new long[Histogram.BUCKETS];
    private long windowBeganNanos;
    private boolean isWindowOpen;

    Hedging(String upstream, RetrySpec spec, Metrics metrics) {
        this.spec = spec;
        sent = metrics.counter(Metric.UPSTREAM_HEDGES, upstream);
        won = metrics.counter(Metric.UPSTREAM_HEDGES_WON, upstream);
        metrics.gauge(Metric.UPSTREAM_HEDGE_SECONDS, () -> delayNanos / 1e9, upstream);
    }

    /// Control thread. The window begins anew, for the endpoints may be others; the delay stays, unless what it is
    /// has changed.
    void update(RetrySpec newSpec) {
        if (newSpec.hedgePercentile() != spec.hedgePercentile()
                || !newSpec.hedgeDelayMin().equals(spec.hedgeDelayMin())) {
            delayNanos = NEVER;
        }
        spec = newSpec;
        isWindowOpen = false;
    }

    /// Control thread, about once a second.
    void tick(List<Endpoint> endpoints, long nowNanos) {
        if (spec.hedgePercentile() == 0) {
            return;
        }
        long[] all = new long[Histogram.BUCKETS];
        outrun.addTo(all);
        for (Endpoint endpoint : endpoints) {
            Histogram latency = endpoint.latency();
            if (latency != null) {
                latency.addTo(all);
            }
        }
        if (!isWindowOpen) {
            isWindowOpen = true;
            before = delayNanos == NEVER ? new long[Histogram.BUCKETS] : all;
            windowBeganNanos = nowNanos;
        }
        if (delayNanos != NEVER && nowNanos - windowBeganNanos < WINDOW_NANOS) {
            return;
        }
        long[] lately = new long[Histogram.BUCKETS];
        Arrays.setAll(lately, i -> all[i] - before[i]);
        if (Arrays.stream(lately).sum() < ANSWERS_MIN) {
            return;
        }
        long measured = Histogram.quantileNanos(lately, spec.hedgePercentile() / 100.0);
        delayNanos = Math.max(measured, spec.hedgeDelayMin().toNanos());
        before = all;
        windowBeganNanos = nowNanos;
    }

    /// How long an answer is awaited before a hedge, or [#NEVER]. Any thread.
    public long delayNanos() {
        return delayNanos;
    }

    /// A hedge is made. Any thread.
    public void sent() {
        sent.increment();
    }

    /// A hedge's answer goes to the client. Any thread.
    public void won() {
        won.increment();
    }

    /// An attempt that was asked this long ago is given up, for its hedge has answered. Any thread.
    public void outrun(long waitedNanos) {
        outrun.record(waitedNanos);
    }
}
