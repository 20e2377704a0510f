package dev.fairlead.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class RetriesTest {
    private final Metrics metrics = new Metrics();

    private Retries retries(int budget, int min) {
        return new Retries(
                "app",
                Specs.app("endpoints: [10.0.0.1:80], retry: {budget: %d, budget-min: %d}".formatted(budget, min))
                        .retry(),
                metrics);
    }

    private static int takeAll(Retries retries, int active) {
        int taken = 0;
        while (retries.tryBegin(active)) {
            taken++;
        }
        return taken;
    }

    @Test
    void areAShareOfTheFirstAttempts() {
        assertThat(takeAll(retries(20, 3), 100)).isEqualTo(20);
        assertThat(takeAll(retries(50, 0), 7)).isEqualTo(3);
    }

    @Test
    void haveAFloor() {
        assertThat(takeAll(retries(20, 3), 1)).isEqualTo(3);
        assertThat(takeAll(retries(0, 5), 1_000)).isEqualTo(5);
        assertThat(takeAll(retries(0, 0), 1_000)).isZero();
    }

    @Test
    void areNoShareOfThemselves() {
        Retries retries = retries(20, 0);
        for (int i = 0; i < 10; i++) {
            assertThat(retries.tryBegin(50 + i)).isTrue();
            retries.pauseOver();
        }
        // 60 are on the endpoints: 50 of them for the first time.
        assertThat(retries.tryBegin(60)).isFalse();
        assertThat(retries.tryBegin(65)).isTrue();
    }

    @Test
    void countWhilePausing() {
        Retries retries = retries(20, 0);

        assertThat(takeAll(retries, 50)).isEqualTo(10);
        assertThat(retries.underWay()).isEqualTo(10);

        retries.pauseOver();
        retries.end();
        assertThat(retries.underWay()).isEqualTo(9);
        assertThat(retries.tryBegin(50)).isTrue();
    }

    @Test
    void countWhatTheyRefuse() {
        takeAll(retries(20, 3), 1);

        assertThat(metrics.counter(Metric.UPSTREAM_RETRY_REFUSALS, "app").value())
                .isEqualTo(1);
    }

    @Test
    void areExactOverAllThreads() throws Exception {
        Retries retries = retries(20, 3);
        var most = new AtomicInteger();
        var now = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(threads.submit(() -> {
                    for (int turn = 0; turn < 50_000; turn++) {
                        // 25 in their first attempt, whatever retries are on the endpoints too: 5 is the most.
                        if (retries.tryBegin(25)) {
                            most.accumulateAndGet(now.incrementAndGet(), Math::max);
                            now.decrementAndGet();
                            retries.pauseOver();
                            retries.end();
                        }
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
        assertThat(most.get()).isBetween(1, 5);
        assertThat(retries.underWay()).isZero();
    }
}
