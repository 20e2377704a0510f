package dev.fairlead.upstream.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RoundRobinTest {
    @Test
    void isSmooth() {
        var balancer = new RoundRobin(new int[] {5, 1, 1}, 0);
        assertThat(IntStream.range(0, 14).map(_ -> balancer.choose(0, 0)))
                .containsExactly(0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0);
    }

    /// From wherever it starts, every round gives each endpoint exactly its weight.
    @Test
    void sharesExactlyByWeight() {
        var random = new Random(6);
        for (int i = 0; i < 500; i++) {
            int[] weights = random.ints(1 + random.nextInt(20), 0, 50).toArray();
            int sum = IntStream.of(weights).sum();
            var balancer = new RoundRobin(weights, random.nextInt(1 << 30));
            IntStream.range(0, random.nextInt(100)).forEach(_ -> balancer.choose(0, 0));
            int[] counts = new int[weights.length];
            for (int pick = 0; pick < sum; pick++) {
                counts[balancer.choose(0, 0)]++;
            }
            assertThat(counts).isEqualTo(weights);
        }
    }

    /// At no point of the round is an endpoint far from its share: at most half a pick for each endpoint, and one.
    /// Picking each as often as its weight in a row would be off by up to 22 here.
    @Test
    void neverBursts() {
        var random = new Random(7);
        for (int i = 0; i < 200; i++) {
            int[] weights = random.ints(2 + random.nextInt(8), 1, 30).toArray();
            int sum = IntStream.of(weights).sum();
            var balancer = new RoundRobin(weights, 0);
            int[] counts = new int[weights.length];
            for (int pick = 1; pick <= sum; pick++) {
                counts[balancer.choose(0, 0)]++;
                for (int k = 0; k < weights.length; k++) {
                    double share = (double) weights[k] * pick / sum;
                    assertThat(Math.abs(counts[k] - share)).isLessThan(weights.length / 2.0 + 1);
                }
            }
        }
    }

    @Test
    void choosesNoneWhenNoneHasAWeight() {
        assertThat(new RoundRobin(new int[] {0, 0}, 3).choose(0, 0)).isEqualTo(-1);
        assertThat(new RoundRobin(new int[0], 3).choose(0, 0)).isEqualTo(-1);
    }

    @Test
    void goesOnWhenItsTurnOverflows() {
        var balancer = new RoundRobin(new int[] {1, 1}, Integer.MAX_VALUE - 1);
        assertThat(IntStream.range(0, 6)
                        .map(_ -> balancer.choose(0, 0))
                        .distinct()
                        .sorted())
                .containsExactly(0, 1);
    }

    @Test
    void sharesExactlyAmongThreads() throws InterruptedException {
        var balancer = new RoundRobin(new int[] {3, 1}, 0);
        var counts = new AtomicIntegerArray(2);
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = Thread.ofPlatform().start(() -> {
                for (int pick = 0; pick < 10_000; pick++) {
                    counts.incrementAndGet(balancer.choose(0, 0));
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(counts.get(0)).isEqualTo(30_000);
        assertThat(counts.get(1)).isEqualTo(10_000);
    }
}
