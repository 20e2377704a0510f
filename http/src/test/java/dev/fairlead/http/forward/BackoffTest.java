package dev.fairlead.http.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class BackoffTest {
    @Test
    void staysBetweenNothingAndTheLongestPause() {
        var random = new Random(4);
        for (int i = 0; i < 200_000; i++) {
            int retry = 1 + random.nextInt(100);
            long max = random.nextLong(600_000_000_000L);
            long base = random.nextLong(max + 1);

            long nanos = Backoff.nanos(retry, base, max, random.nextLong());

            double longest = Math.min(max, base * Math.pow(2, retry - 1));
            assertThat(nanos).isNotNegative();
            assertThat((double) nanos).isLessThanOrEqualTo(longest);
        }
    }

    /// Full jitter: every tenth of the range gets its tenth.
    @Test
    void isDrawnEvenly() {
        var random = new Random(4);
        for (int retry = 1; retry <= 5; retry++) {
            long longest = Math.min(250, 25 << retry - 1);
            int[] tenths = new int[10];
            for (int i = 0; i < 100_000; i++) {
                long nanos = Backoff.nanos(retry, 25_000_000, 250_000_000, random.nextLong());
                tenths[(int) Math.min(9, nanos * 10 / (longest * 1_000_000))]++;
            }
            for (int tenth : tenths) {
                assertThat(tenth).isBetween(9_500, 10_500);
            }
        }
    }

    @Test
    void isNothingWithoutABase() {
        assertThat(Backoff.nanos(5, 0, 250_000_000, -1)).isZero();
    }
}
