package dev.fairlead.upstream.sticky;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.balance.Hash;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SourceTableTest {
    private static final long IDLE = 1000;

    private final Counter evictions = new Metrics().counter(Metric.UPSTREAM_STICKY_EVICTIONS, "app");

    private record Last(int endpoint, long usedNanos) {}

    /// Against a map that forgets nothing: what the table says is what was put last and not idle too long, and it
    /// is missing only when something was evicted.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 16, 100, 1000})
    void neverAnswersWronglyAndNeverHoldsMoreThanItsBound(int entriesMax) {
        var table = new SourceTable<Integer>(entriesMax, evictions);
        Map<Long, Last> model = new HashMap<>();
        Random random = new Random(entriesMax);
        long now = Long.MAX_VALUE - 100_000;
        for (int step = 0; step < 200_000; step++) {
            now += random.nextInt(3);
            long key = Hash.mix(random.nextInt(300) + 1);
            Integer found = table.get(key, now, IDLE);
            Last last = model.get(key);
            boolean isFresh = last != null && now - last.usedNanos < IDLE;
            if (found == null) {
                assertThat(isFresh && evictions.value() == 0).isFalse();
                table.put(key, step, now);
                model.put(key, new Last(step, now));
            } else {
                assertThat(isFresh).isTrue();
                assertThat(found).isEqualTo(last.endpoint);
                model.put(key, new Last(found, now));
            }
            if (random.nextInt(50) == 0) {
                table.sweep(64, now, IDLE);
            }
            assertThat(table.size()).isBetween(0, entriesMax);
        }
    }

    @Test
    void evictsNobodyWhileItIsHalfFullAndSweepsWhoIsIdle() {
        var table = new SourceTable<String>(100_000, evictions);
        for (int i = 0; i < 50_000; i++) {
            table.put(Hash.mix(i + 1), "a", 0);
        }
        assertThat(evictions.value()).isZero();
        assertThat(table.size()).isEqualTo(50_000);

        table.sweep(Integer.MAX_VALUE, IDLE, IDLE);

        assertThat(table.size()).isZero();
    }

    @Test
    void keepsItsEntriesInATableOfAnotherSize() {
        var table = new SourceTable<String>(10, evictions);
        table.put(Hash.mix(1), "a", 0);

        assertThat(table.resized(1000).get(Hash.mix(1), 1, IDLE)).isEqualTo("a");
        assertThat(table.resized(1).size()).isEqualTo(1);
    }

    @Test
    void holdsItsBoundWhenManyThreadsFillIt() {
        var table = new SourceTable<Integer>(1000, evictions);

        IntStream.range(0, 100_000).parallel().forEach(i -> table.put(Hash.mix(i + 1), i, i));

        assertThat(table.size()).isBetween(500, 1000);
    }
}
