package dev.fairlead.upstream.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class Gradient2Test {
    private static final double BASE = 10_000_000;

    private final Gradient2 gradient = new Gradient2(new Gradient2.Terms(4, 1000, 20, 150));

    /// A server with a knee: up to it latency stays the same, above it doubles. Clients always want more.
    @Test
    void settlesNearTheKneeAndStays() {
        Random noise = new Random(7);
        int measured = 0;
        for (int window = 0; window < 20_000; window++) {
            int inFlight = gradient.limit();
            double latency = (inFlight > 60 ? 2 : 1) * BASE * (0.9 + noise.nextDouble() * 0.2);
            gradient.window(latency, inFlight);
            if (window > 1000 && inFlight == 4) {
                measured++;
            } else if (window > 1000) {
                assertThat(inFlight).as("window %s", window).isBetween(45, 66);
            }
        }
        assertThat(measured).as("windows at the least limit").isLessThan(200);
    }

    /// A server of 50 workers: above that, requests queue in it and latency rises with them.
    @Test
    void allowsNoMoreThanTheToleranceOfALinearServer() {
        for (int window = 0; window < 20_000; window++) {
            int inFlight = gradient.limit();
            gradient.window(BASE * Math.max(1, inFlight / 50.0), inFlight);
        }
        assertThat(gradient.limit()).isBetween(50, 90);
    }

    @Test
    void doesNotRiseWhileItIsNotReached() {
        for (int window = 0; window < 1000; window++) {
            gradient.window(BASE, 5);
        }
        assertThat(gradient.limit()).isEqualTo(20);
    }

    @Test
    void keepsToItsBounds() {
        for (int window = 0; window < 10_000; window++) {
            gradient.window(BASE, gradient.limit());
        }
        assertThat(gradient.limit()).isIn(4, 1000);
        for (int window = 0; window < 10_000; window++) {
            gradient.window(BASE * (window + 1), gradient.limit());
            assertThat(gradient.limit()).isBetween(4, 1000);
        }
    }

    /// A new release that is three times as slow at any load: the limit falls, learns, and rises again.
    @Test
    void learnsAnewWhatIsSlowForGood() {
        for (int window = 0; window < 100; window++) {
            gradient.window(BASE, gradient.limit());
        }
        int before = gradient.limit();
        int least = before;
        for (int window = 0; window < 5000; window++) {
            gradient.window(BASE * 3, gradient.limit());
            least = Math.min(least, gradient.limit());
        }
        assertThat(least).isLessThan(10);
        assertThat(gradient.limit()).isGreaterThan(before);
    }
}
