package dev.fairlead.net.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SrvSharesTest {
    @Test
    void takesWeightsAsTheyAre() {
        assertThat(SrvShares.of(List.of(10, 60, 1000), List.of(1, 1, 1))).containsExactly(10, 60, 1000);
    }

    @Test
    void makesNoDifferenceWhenAllAreZero() {
        assertThat(SrvShares.of(List.of(0, 0), List.of(1, 1))).containsExactly(1, 1);
    }

    @Test
    void givesZeroBesideOthersAVerySmallChance() {
        assertThat(SrvShares.of(List.of(0, 1, 2), List.of(1, 1, 1))).containsExactly(1, 500, 1000);
    }

    @Test
    void scalesWhatIsGreaterThanAnEndpointsWeight() {
        assertThat(SrvShares.of(List.of(65535, 32768), List.of(1, 1))).containsExactly(1000, 500);
    }

    @Test
    void sharesAWeightAmongTheAddressesOfATarget() {
        assertThat(SrvShares.of(List.of(1, 1), List.of(2, 1))).containsExactly(500, 1000);
    }
}
