package dev.fairlead.l4.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
final class PaceTest {
    private static final long SECOND = 1_000_000_000L;

    /// A clock may stand anywhere, and run over.
    @ParameterizedTest
    @CsvSource({"1, 0", "10, -5000000000", "1000, 9223372036854775000", "10000000, 77"})
    void letsASecondsWorthThroughAtOnceAndThenTheRate(int rate, long startNanos) {
        long spent = startNanos;
        int passed = 0;
        for (int i = 0; i < Math.min(rate, 100_000) + 10; i++) {
            long next = Pace.spend(spent, rate, startNanos);
            if (next != Pace.REFUSED) {
                spent = next;
                passed++;
            }
        }
        assertThat(passed).isEqualTo(rate > 100_000 ? 100_010 : rate);

        long later = startNanos + 3 * SECOND;
        spent = Pace.spend(spent, rate, later);
        assertThat(spent - later).isEqualTo(SECOND / rate);
    }
}
