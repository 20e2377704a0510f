package dev.fairlead.upstream.health;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SlowStartTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long WINDOW = 20 * SECOND;

    @Test
    void risesInAStraightLine() {
        SlowStart start = slowStart();
        start.begin();
        assertThat(start.percent()).isEqualTo(10);
        int[] percents = new int[11];
        for (int i = 0; i < percents.length; i++) {
            start.tick(-5 + i * 2 * SECOND);
            percents[i] = start.percent();
        }
        assertThat(percents).containsExactly(10, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100);
        assertThat(start.isRising()).isFalse();
    }

    @Test
    void tellsWhenItChanges() {
        SlowStart start = slowStart();
        assertThat(start.tick(0)).isFalse();
        start.begin();
        assertThat(start.tick(0)).isFalse();
        assertThat(start.tick(SECOND)).isFalse();
        assertThat(start.tick(10 * SECOND)).isTrue();
        assertThat(start.tick(10 * SECOND)).isFalse();
        assertThat(start.tick(50 * SECOND)).isTrue();
        assertThat(start.tick(60 * SECOND)).isFalse();
    }

    @Test
    void beginsAnewWhenItFallsAgain() {
        SlowStart start = slowStart();
        start.begin();
        start.tick(0);
        start.tick(15 * SECOND);
        start.begin();
        assertThat(start.percent()).isEqualTo(10);
        start.tick(16 * SECOND);
        start.tick(26 * SECOND);
        assertThat(start.percent()).isEqualTo(50);
        start.window(0);
        assertThat(start.percent()).isEqualTo(100);
    }

    @Test
    void withoutAWindowItNeverBegins() {
        var start = new SlowStart();
        start.begin();
        assertThat(start.percent()).isEqualTo(100);
        assertThat(start.tick(0)).isFalse();
    }

    private static SlowStart slowStart() {
        var start = new SlowStart();
        start.window(WINDOW);
        return start;
    }
}
