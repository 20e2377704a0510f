package dev.fairlead.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.metrics.Metrics;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class HedgingTest {
    private static final long MILLI = 1_000_000;

    private final Metrics metrics = new Metrics();
    private final Upstreams upstreams = new Upstreams(metrics);

    private Hedging hedging;
    private List<Endpoint> endpoints;
    private long nowNanos;

    private void start(String retry) {
        upstreams.put(Specs.app("endpoints: [10.0.0.1:80, 10.0.0.2:80], retry: {%s}".formatted(retry)));
        hedging = upstreams.get("app").hedging();
        endpoints = upstreams.get("app").endpoints();
    }

    private void answered(int count, long nanos) {
        for (int i = 0; i < count; i++) {
            endpoints.get(i % endpoints.size()).answered(nanos, false, nowNanos);
        }
    }

    private void tick(long afterNanos) {
        nowNanos += afterNanos;
        upstreams.tick(nowNanos);
    }

    @Test
    void isOffUnlessAsked() {
        start("");
        answered(1_000, MILLI);
        tick(0);
        assertThat(hedging.delayNanos()).isEqualTo(Hedging.NEVER);
    }

    @Test
    void awaitsEnoughAnswers() {
        start("hedge-percentile: 95, hedge-delay-min: 1ms");
        answered(Hedging.ANSWERS_MIN - 1, 100 * MILLI);
        tick(0);
        assertThat(hedging.delayNanos()).isEqualTo(Hedging.NEVER);

        answered(1, 100 * MILLI);
        tick(0);
        assertThat(hedging.delayNanos()).isBetween(64 * MILLI, 135 * MILLI);
    }

    @Test
    void isThePercentileOfAllEndpoints() {
        start("hedge-percentile: 90, hedge-delay-min: 1ms");
        for (int i = 0; i < 100; i++) {
            endpoints.get(i < 80 ? 0 : 1).answered(i < 80 ? MILLI : 500 * MILLI, false, nowNanos);
        }
        tick(0);
        assertThat(hedging.delayNanos()).isBetween(250 * MILLI, 540 * MILLI);
    }

    @Test
    void hasAFloor() {
        start("hedge-percentile: 95, hedge-delay-min: 25ms");
        answered(1_000, MILLI);
        tick(0);
        assertThat(hedging.delayNanos()).isEqualTo(25 * MILLI);
    }

    @Test
    void forgetsWhatWasBeforeTheWindow() {
        start("hedge-percentile: 95, hedge-delay-min: 1ms");
        answered(10_000, 1_000 * MILLI);
        tick(0);
        answered(Hedging.ANSWERS_MIN, 3 * MILLI);
        tick(Hedging.WINDOW_NANOS - 1);
        assertThat(hedging.delayNanos()).isGreaterThan(500 * MILLI);

        tick(1);
        assertThat(hedging.delayNanos()).isBetween(2 * MILLI, 5 * MILLI);
    }

    @Test
    void keepsTheDelayOverAReloadThatLeavesItAsItIs() {
        start("hedge-percentile: 95, hedge-delay-min: 25ms");
        answered(1_000, MILLI);
        tick(0);
        start("hedge-percentile: 95, hedge-delay-min: 25ms, budget: 30");
        assertThat(hedging.delayNanos()).isEqualTo(25 * MILLI);

        start("");
        assertThat(hedging.delayNanos()).isEqualTo(Hedging.NEVER);
    }

    /// The answers that would have been the slowest are the ones that hedging does not wait for.
    @Test
    void doesNotSinkByWhatItDoes() {
        start("hedge-percentile: 95, hedge-delay-min: 1ms");
        answered(1_000, 1);
        var random = new Random(3);
        for (int window = 0; window < 30; window++) {
            long delay = hedging.delayNanos() == Hedging.NEVER ? Long.MAX_VALUE : hedging.delayNanos();
            for (int i = 0; i < 2_000; i++) {
                long first = exponential(random);
                if (first <= delay) {
                    endpoints.get(0).answered(first, false, nowNanos);
                    continue;
                }
                long second = exponential(random);
                if (first <= delay + second) {
                    endpoints.get(0).answered(first, false, nowNanos);
                } else {
                    hedging.outrun(delay + second);
                    endpoints.get(1).answered(second, false, nowNanos);
                }
            }
            tick(Hedging.WINDOW_NANOS);
        }
        // 95 of 100 take less than 60 ms; the bucket of the histogram that holds it is that from 33 to 67.
        assertThat(hedging.delayNanos()).isBetween(33 * MILLI, 68 * MILLI);
    }

    /// 20 ms on average.
    private static long exponential(Random random) {
        return (long) (-Math.log(1 - random.nextDouble()) * 20 * MILLI);
    }
}
