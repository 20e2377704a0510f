package dev.fairlead.upstream.health;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SlowStartTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long WINDOW = 20 * SECOND;

    @Test
    void risesInAStraightLine() {
        var start = new SlowStart();
        start.begin();
        assertThat(start.percent()).isEqualTo(10);
        int[] percents = new int[11];
        for (int i = 0; i < percents.length; i++) {
            start.tick(-5 + i * 2 * SECOND, WINDOW);
            percents[i] = start.percent();
        }
        assertThat(percents).containsExactly(10, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100);
        assertThat(start.isRising()).isFalse();
    }

    @Test
    void tellsWhenItChanges() {
        var start = new SlowStart();
        assertThat(start.tick(0, WINDOW)).isFalse();
        start.begin();
        assertThat(start.tick(0, WINDOW)).isFalse();
        assertThat(start.tick(SECOND, WINDOW)).isFalse();
        assertThat(start.tick(10 * SECOND, WINDOW)).isTrue();
        assertThat(start.tick(10 * SECOND, WINDOW)).isFalse();
        assertThat(start.tick(50 * SECOND, WINDOW)).isTrue();
        assertThat(start.tick(60 * SECOND, WINDOW)).isFalse();
    }

    @Test
    void beginsAnewWhenItFallsAgain() {
        var start = new SlowStart();
        start.begin();
        start.tick(0, WINDOW);
        start.tick(15 * SECOND, WINDOW);
        start.begin();
        assertThat(start.percent()).isEqualTo(10);
        start.tick(16 * SECOND, WINDOW);
        start.tick(26 * SECOND, WINDOW);
        assertThat(start.percent()).isEqualTo(50);
        start.stop();
        assertThat(start.percent()).isEqualTo(100);
    }

    @Test
    void withoutAWindowItEndsAtOnce() {
        var start = new SlowStart();
        start.begin();
        assertThat(start.tick(0, 0)).isTrue();
        assertThat(start.percent()).isEqualTo(100);
    }
}
