package dev.fairlead.upstream.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Counts of picks, and whether they are what weights ask for.
final class Shares {
    static final List<int[]> WEIGHTS = List.of(
            new int[] {1, 1},
            new int[] {1, 1, 1, 1, 1},
            new int[] {3, 1},
            new int[] {1, 2, 3, 4},
            new int[] {10, 0, 1, 1, 0, 5},
            new int[] {1000, 1, 500},
            IntStream.range(0, 100).map(i -> 1 + i % 7).toArray());

    private Shares() {}

    /// As after a while of endpoints coming and going: most side by side, with others between, some alone.
    static Load[] loads(int count) {
        Load[] row = Load.sideBySide(2 * count);
        Arrays.stream(row).forEach(each -> each.begin());
        Load[] loads = new Load[count];
        Arrays.setAll(loads, i -> i % 7 == 6 ? new Load() : row[2 * count - 2 - i - i / 3]);
        Arrays.stream(loads).filter(each -> each.inFlight() > 0).forEach(Load::end);
        return loads;
    }

    static String[] names(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "10.0." + i / 250 + "." + (1 + i % 250) + ":8080")
                .toArray(String[]::new);
    }

    /// The counts of `picks` picks with nothing in flight, of keys from 0 on.
    static int[] count(Balancer balancer, int count, int picks) {
        int[] counts = new int[count];
        for (int pick = 0; pick < picks; pick++) {
            counts[balancer.choose(Hash.mix(pick + 1), 0)]++;
        }
        return counts;
    }

    /// By Pearson's chi-square test; the bound is passed by chance about once in 100,000 times (mean + 4.5 standard
    /// deviations of the distribution, plus a little for few degrees of freedom), and seeds are fixed.
    static void areByWeight(int[] counts, int[] weights) {
        double sum = Arrays.stream(weights).sum();
        double picks = Arrays.stream(counts).sum();
        double chi = 0;
        int free = -1;
        for (int i = 0; i < counts.length; i++) {
            double expected = picks * weights[i] / sum;
            if (expected == 0) {
                assertThat(counts[i]).isZero();
                continue;
            }
            chi += (counts[i] - expected) * (counts[i] - expected) / expected;
            free++;
        }
        assertThat(chi).isLessThan(free + 4.5 * Math.sqrt(2.0 * free) + 14);
    }

    /// Each within this part of its share.
    static void areNear(int[] counts, int[] weights, double part) {
        double sum = Arrays.stream(weights).sum();
        double picks = Arrays.stream(counts).sum();
        for (int i = 0; i < counts.length; i++) {
            double share = weights[i] / sum;
            assertThat(counts[i] / picks).as("of %s", i).isBetween(share * (1 - part), share * (1 + part));
        }
    }
}
