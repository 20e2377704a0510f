package dev.fairlead.upstream.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class AdaptiveLimitTest {
    private static final long MILLI = 1_000_000;

    private final AdaptiveLimit limit = new AdaptiveLimit(new Gradient2.Terms(4, 100, 20, 150));

    private boolean answers(int count, long latencyNanos, long nowNanos) {
        boolean hasRisen = false;
        for (int i = 0; i < count; i++) {
            hasRisen |= limit.answered(latencyNanos, limit.limit(), nowNanos);
        }
        return hasRisen;
    }

    @Test
    void changesOnlyAtTheEndOfAWindow() {
        assertThat(answers(50, MILLI, 0)).isFalse();
        assertThat(limit.limit()).isEqualTo(20);
        for (int i = 1; i <= 3; i++) {
            answers(50, MILLI, i * AdaptiveLimit.WINDOW_NANOS);
        }
        assertThat(limit.limit()).isGreaterThan(20);
    }

    @Test
    void aWindowHasEnoughAnswers() {
        answers(AdaptiveLimit.SAMPLES_MIN, MILLI, 0);
        for (int i = 1; i < 20; i++) {
            answers(1, MILLI, i * AdaptiveLimit.WINDOW_NANOS / 10);
        }
        assertThat(limit.limit()).isEqualTo(20);
    }

    @Test
    void aFastFailureSaysNothing() {
        for (int i = 0; i < 100; i++) {
            answers(10, MILLI, i * AdaptiveLimit.WINDOW_NANOS);
        }
        int before = limit.limit();
        for (int i = 0; i < 1000; i++) {
            limit.failed(MILLI / 10, before, (100 + i) * AdaptiveLimit.WINDOW_NANOS);
        }
        assertThat(limit.limit()).isEqualTo(before);
        for (int i = 0; i < 1000; i++) {
            limit.failed(100 * MILLI, before, (1100 + i) * AdaptiveLimit.WINDOW_NANOS);
        }
        assertThat(limit.limit()).isLessThan(before);
    }
}
