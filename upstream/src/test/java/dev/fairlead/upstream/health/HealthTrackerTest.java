package dev.fairlead.upstream.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class HealthTrackerTest {
    @Test
    void believesTheFirstResult() {
        assertThat(new HealthTracker(3, 3, Health.UNKNOWN).on(true)).isEqualTo(Health.UP);
        assertThat(new HealthTracker(3, 3, Health.UNKNOWN).on(false)).isEqualTo(Health.DOWN);
    }

    @Test
    void fallsAfterThatManyBadOnesInARow() {
        var tracker = new HealthTracker(2, 3, Health.UP);
        assertThat(tracker.on(false)).isEqualTo(Health.UP);
        assertThat(tracker.on(false)).isEqualTo(Health.UP);
        assertThat(tracker.on(true)).isEqualTo(Health.UP);
        assertThat(tracker.on(false)).isEqualTo(Health.UP);
        assertThat(tracker.on(false)).isEqualTo(Health.UP);
        assertThat(tracker.on(false)).isEqualTo(Health.DOWN);
    }

    @Test
    void risesAfterThatManyGoodOnesInARow() {
        var tracker = new HealthTracker(2, 3, Health.DOWN);
        assertThat(tracker.on(true)).isEqualTo(Health.DOWN);
        assertThat(tracker.on(false)).isEqualTo(Health.DOWN);
        assertThat(tracker.on(true)).isEqualTo(Health.DOWN);
        assertThat(tracker.on(true)).isEqualTo(Health.UP);
    }

    /// Health differs from the last `rise` or `fall` results only if they do not agree: checked on the plain
    /// history.
    @Test
    void followsTheHistory() {
        var random = new Random(8);
        for (int i = 0; i < 300; i++) {
            int rise = 1 + random.nextInt(4);
            int fall = 1 + random.nextInt(4);
            var tracker = new HealthTracker(rise, fall, Health.UNKNOWN);
            Health expected = Health.UNKNOWN;
            int row = 0;
            boolean last = false;
            for (int k = 0; k < 200; k++) {
                boolean good = random.nextInt(3) > 0;
                row = k > 0 && good == last ? row + 1 : 1;
                last = good;
                if (expected == Health.UNKNOWN || row >= (good ? rise : fall)) {
                    expected = good ? Health.UP : Health.DOWN;
                }
                assertThat(tracker.on(good)).isEqualTo(expected);
            }
        }
    }
}
