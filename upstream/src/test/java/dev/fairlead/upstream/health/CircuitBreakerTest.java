package dev.fairlead.upstream.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.upstream.health.CircuitBreaker.State;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class CircuitBreakerTest {
    private static final long SECOND = 1_000_000_000L;
    private static final CircuitBreaker.Terms TERMS = new CircuitBreaker.Terms(50, 20, 10 * SECOND, 5 * SECOND, 3);

    private final CircuitBreaker breaker = new CircuitBreaker(TERMS);

    private void on(boolean success, int times, long now) {
        for (int i = 0; i < times; i++) {
            breaker.on(success, now);
        }
    }

    private void open(long now) {
        on(false, 20, now);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void opensAtTheShareOfFailures() {
        on(true, 11, -3);
        on(false, 10, -3);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        on(false, 1, -3);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
        assertThat(breaker.tryPass(-2)).isFalse();
    }

    @Test
    void staysClosedOnTooFewOutcomes() {
        on(false, 19, 0);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        assertThat(breaker.tryPass(0)).isTrue();
    }

    @Test
    void forgetsWhatTheWindowHasLeft() {
        on(false, 19, 0);
        on(false, 19, 12 * SECOND);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        on(false, 1, 13 * SECOND);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void letsExactlyTheTrialsThrough() {
        open(0);
        assertThat(breaker.tryPass(5 * SECOND - 1)).isFalse();
        for (int i = 0; i < 3; i++) {
            assertThat(breaker.tryPass(5 * SECOND)).isTrue();
        }
        assertThat(breaker.tryPass(5 * SECOND)).isFalse();
        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
    }

    @Test
    void closesWhenEveryTrialSucceeds() {
        open(0);
        for (int i = 0; i < 3; i++) {
            assertThat(breaker.tryPass(6 * SECOND)).isTrue();
        }
        on(true, 2, 7 * SECOND);
        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
        on(true, 1, 7 * SECOND);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        on(false, 19, 7 * SECOND);
        assertThat(breaker.state()).as("begins with an empty window").isEqualTo(State.CLOSED);
    }

    @Test
    void opensAgainWhenATrialFails() {
        open(0);
        assertThat(breaker.tryPass(6 * SECOND)).isTrue();
        on(false, 1, 7 * SECOND);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
        assertThat(breaker.tryPass(11 * SECOND)).isFalse();
        assertThat(breaker.tryPass(12 * SECOND)).isTrue();
    }

    @Test
    void givesATrialBackThatWasNotUsed() {
        open(0);
        for (int i = 0; i < 3; i++) {
            breaker.tryPass(6 * SECOND);
        }
        breaker.abandoned();
        assertThat(breaker.tryPass(6 * SECOND)).isTrue();
        assertThat(breaker.tryPass(6 * SECOND)).isFalse();
    }

    @Test
    void triesAgainWhenTrialsNeverEnd() {
        open(0);
        for (int i = 0; i < 3; i++) {
            breaker.tryPass(6 * SECOND);
        }
        assertThat(breaker.tryPass(10 * SECOND)).isFalse();
        assertThat(breaker.tryPass(11 * SECOND)).isTrue();
    }

    /// Whatever comes: it never opens below the share that it allows, counted over the whole run of a closed state.
    @Test
    void neverOpensOnASuccessfulService() {
        var random = new Random(5);
        for (int i = 0; i < 100_000; i++) {
            breaker.on(i % 10 != 0, random.nextLong(SECOND) + i * SECOND / 50);
            assertThat(breaker.state()).isEqualTo(State.CLOSED);
        }
    }

    @Test
    void threadsShareTheTrials() throws InterruptedException {
        open(0);
        var passed = new AtomicInteger();
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = Thread.ofPlatform().start(() -> {
                for (int k = 0; k < 1000; k++) {
                    passed.addAndGet(breaker.tryPass(6 * SECOND) ? 1 : 0);
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(passed).hasValue(3);
    }
}
