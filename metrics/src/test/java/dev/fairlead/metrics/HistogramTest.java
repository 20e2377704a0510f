package dev.fairlead.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistogramTest {
    @ParameterizedTest
    @CsvSource({
        "-1, 0",
        "0, 0",
        "65536, 0",
        "65537, 1",
        "131072, 1",
        "131073, 2",
        "34359738368, 19",
        "34359738369, 20",
        "9223372036854775807, 20"
    })
    void aBucketHoldsWhatIsAtMostItsBound(long nanos, int bucket) {
        assertThat(Histogram.bucket(nanos)).isEqualTo(bucket);
    }

    @Test
    void everyDurationIsWithinTheBoundsOfItsBucket() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            long nanos = random.nextLong(1L << random.nextInt(1, 40));
            int bucket = Histogram.bucket(nanos);

            assertThat(nanos / 1e9).isLessThanOrEqualTo(Histogram.boundSeconds(bucket));
            if (bucket > 0) {
                assertThat(nanos / 1e9).isGreaterThan(Histogram.boundSeconds(bucket - 1));
            }
        }
    }

    @Test
    void aQuantileIsTheBoundAboveIt() {
        Histogram histogram = new Histogram();
        for (int i = 0; i < 90; i++) {
            histogram.record(100_000);
        }
        for (int i = 0; i < 10; i++) {
            histogram.record(1_000_000);
        }

        assertThat(histogram.quantileNanos(0.5)).isEqualTo(131_072);
        assertThat(histogram.quantileNanos(0.9)).isEqualTo(131_072);
        assertThat(histogram.quantileNanos(0.91)).isEqualTo(1_048_576);
        assertThat(histogram.quantileNanos(1)).isEqualTo(1_048_576);
        assertThat(histogram.count()).isEqualTo(100);
        assertThat(histogram.sumSeconds()).isEqualTo(0.019);
    }

    @Test
    void aQuantileOfCountsLiesEvenlyInItsBucket() {
        Histogram histogram = new Histogram();
        for (int i = 0; i < 90; i++) {
            histogram.record(100_000);
        }
        for (int i = 0; i < 10; i++) {
            histogram.record(1_000_000);
        }
        long[] counts = new long[Histogram.BUCKETS];
        histogram.addTo(counts);

        assertThat(Histogram.quantileNanos(counts, 0.45)).isEqualTo(65_536 + 32_768);
        assertThat(Histogram.quantileNanos(counts, 0.9)).isEqualTo(131_072);
        assertThat(Histogram.quantileNanos(counts, 0.95)).isEqualTo(524_288 + 262_144);
        assertThat(Histogram.quantileNanos(counts, 1)).isEqualTo(1_048_576);
        counts[Histogram.BUCKETS - 1] = 1_000_000;
        assertThat(Histogram.quantileNanos(counts, 0.99)).isEqualTo(1L << 35);
        assertThat(Histogram.quantileNanos(new long[Histogram.BUCKETS], 0.5)).isZero();
    }

    @Test
    void anEmptyHistogramHasNoQuantile() {
        assertThat(new Histogram().quantileNanos(0.99)).isZero();
    }
}
