package dev.fairlead.acme;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class PlanTest {
    private static final Instant BEGIN = Instant.parse("2027-01-01T00:00:00Z");

    private static Duration lived(Duration life, double draw) {
        return Duration.between(BEGIN, Plan.byLifetime(BEGIN, BEGIN.plus(life), draw));
    }

    @Test
    void renewsWhenAThirdIsLeftOrATenthEarlier() {
        assertThat(lived(Duration.ofDays(90), 0)).isEqualTo(Duration.ofDays(60));
        assertThat(lived(Duration.ofDays(90), 0.9999)).isBetween(Duration.ofDays(51), Duration.ofDays(52));
    }

    @Test
    void renewsAShortOneWhenHalfIsLeft() {
        assertThat(lived(Duration.ofDays(6), 0)).isEqualTo(Duration.ofDays(3));
        assertThat(lived(Duration.ofDays(6), 0.5)).isEqualTo(Duration.ofMinutes(3888));
    }

    @Test
    void takesAnyMomentOfTheWindowThatIsSuggested() {
        Instant end = BEGIN.plus(Duration.ofDays(2));
        assertThat(Plan.inWindow(BEGIN, end, 0)).isEqualTo(BEGIN);
        assertThat(Plan.inWindow(BEGIN, end, 0.5)).isEqualTo(BEGIN.plus(Duration.ofDays(1)));
        assertThat(Plan.inWindow(BEGIN, end, 0.9999)).isBefore(end);
    }

    @Test
    void pausesTwiceAsLongEachTimeUpToSixHours() {
        Duration first = Duration.ofMinutes(10);
        assertThat(Plan.pause(1, first, 0.5)).isEqualTo(first);
        assertThat(Plan.pause(2, first, 0.5)).isEqualTo(Duration.ofMinutes(20));
        assertThat(Plan.pause(6, first, 0.5)).isEqualTo(Duration.ofMinutes(320));
        assertThat(Plan.pause(7, first, 0.5)).isEqualTo(Duration.ofHours(6));
        assertThat(Plan.pause(1_000_000, first, 0.5)).isEqualTo(Duration.ofHours(6));
        assertThat(Plan.pause(1, first, 0)).isEqualTo(Duration.ofMinutes(9));
        assertThat(Plan.pause(1, first, 0.9999)).isLessThan(Duration.ofMinutes(11));
    }
}
