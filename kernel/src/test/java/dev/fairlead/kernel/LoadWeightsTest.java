package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LoadWeightsTest {
    private static final int[] EVEN = {1, 1, 1};

    @Test
    void flowsGoWhereTheyMakeAllEquallyFull() {
        // 30 come: 10 + 20, 25 + 5, 40 + 0 would still be above; the level is 32.5 without the third.
        int[] turns = LoadWeights.leastLoad(EVEN, new int[] {10, 25, 40}, 30);

        assertThat(turns[0]).isEqualTo(Math.round(192 * 22.5 / 30));
        assertThat(turns[1]).isEqualTo(Math.round(192 * 7.5 / 30));
        assertThat(turns[2]).isZero();
    }

    @Test
    void fullnessCountsForTheWeight() {
        int[] turns = LoadWeights.leastLoad(new int[] {3, 1, 0}, new int[] {30, 10, 0}, 100);

        assertThat(turns).containsExactly(144, 48, 0);
    }

    @Test
    void withNobodyToChooseNothingIsDealt() {
        assertThat(LoadWeights.leastLoad(new int[0], new int[0], 0)).isEmpty();
        assertThat(LoadWeights.latency(new int[0], new double[0])).isEmpty();
    }

    @Test
    void theFastGetMoreAndTheSlowStillSome() {
        int[] turns = LoadWeights.latency(EVEN, new double[] {1e6, 2e6, 1e9});

        assertThat(turns[0]).isCloseTo(2 * turns[1], org.assertj.core.data.Offset.offset(1));
        assertThat(turns[2]).isBetween(1, turns[1] / 9);
    }

    @Test
    void whoIsNotMeasuredIsTakenForTheMiddle() {
        assertThat(LoadWeights.latency(EVEN, new double[3])).containsExactly(64, 64, 64);
        int[] turns = LoadWeights.latency(EVEN, new double[] {0, 5e6, 5e6});
        assertThat(Arrays.stream(turns).distinct()).hasSize(1);
    }
}
