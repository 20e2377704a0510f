package dev.fairlead.upstream.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Weights are honoured by every balancer, and each copes with having nobody to choose.
final class DistributionTest {
    private static final int PICKS = 200_000;

    static List<int[]> weights() {
        return Shares.WEIGHTS;
    }

    private static Balancer[] all(Load[] loads, int[] weights) {
        String[] names = Shares.names(weights.length);
        return new Balancer[] {
            new RoundRobin(weights, 3),
            new RandomChoice(weights, new Draws(1)),
            new LeastLoad(loads, weights, 3),
            new PowerOfTwo(loads, weights, new Draws(2)),
            new Latency(loads, weights, new Draws(3)),
            new Maglev(names, loads, weights, 125),
            new RingHash(names, loads, weights, 125),
            new First(loads, weights, new int[weights.length])
        };
    }

    @ParameterizedTest
    @MethodSource("weights")
    void randomChoiceSharesByWeight(int[] weights) {
        Shares.areByWeight(Shares.count(new RandomChoice(weights, new Draws(11)), weights.length, PICKS), weights);
    }

    @ParameterizedTest
    @MethodSource("weights")
    void powerOfTwoSharesByWeightWhenIdle(int[] weights) {
        Load[] loads = Shares.loads(weights.length);
        Shares.areByWeight(Shares.count(new PowerOfTwo(loads, weights, new Draws(12)), weights.length, PICKS), weights);
    }

    @ParameterizedTest
    @MethodSource("weights")
    void latencySharesByWeightWhenAllAreEquallyFast(int[] weights) {
        Load[] loads = Shares.loads(weights.length);
        Shares.areByWeight(Shares.count(new Latency(loads, weights, new Draws(13)), weights.length, PICKS), weights);
    }

    @ParameterizedTest
    @MethodSource("weights")
    void leastLoadSharesByWeightWhenIdle(int[] weights) {
        int sum = IntStream.of(weights).sum();
        Load[] loads = Shares.loads(weights.length);
        int[] counts = Shares.count(new LeastLoad(loads, weights, 4), weights.length, 7 * sum);
        assertThat(counts)
                .isEqualTo(IntStream.of(weights).map(weight -> 7 * weight).toArray());
    }

    /// Slots are shared to within 3% but for endpoints with very few of them.
    @ParameterizedTest
    @MethodSource("weights")
    void maglevSharesItsTableByWeight(int[] weights) {
        Load[] loads = Shares.loads(weights.length);
        var maglev = new Maglev(Shares.names(weights.length), loads, weights, 0);
        int[] slots = new int[weights.length];
        IntStream.range(0, Maglev.SLOTS).forEach(slot -> slots[maglev.at(slot)]++);
        Shares.areNear(slots, weights, 0.03);
    }

    /// 256 points leave a standard deviation of about 1/16 of a share; 35% is far beyond it. Whoever is so light
    /// beside the heaviest that few points are left to it has any share, but one.
    @ParameterizedTest
    @MethodSource("weights")
    void ringHashSharesRoughlyByWeight(int[] weights) {
        Load[] loads = Shares.loads(weights.length);
        var ring = new RingHash(Shares.names(weights.length), loads, weights, 0);
        int[] counts = Shares.count(ring, weights.length, PICKS);
        int heaviest = Arrays.stream(weights).max().orElseThrow();
        int[] many = IntStream.range(0, weights.length)
                .filter(i -> weights[i] == 0 || RingHash.POINTS * weights[i] / heaviest >= 16)
                .toArray();
        IntStream.range(0, weights.length)
                .filter(i -> weights[i] > 0)
                .forEach(i -> assertThat(counts[i]).as("of %s", i).isPositive());
        Shares.areNear(
                Arrays.stream(many).map(i -> counts[i]).toArray(),
                Arrays.stream(many).map(i -> weights[i]).toArray(),
                weights.length < 10 ? 0.35 : 0.7);
    }

    /// Flows that begin and end at random, on an upstream that is kept busy: in flight is shared by weight.
    @ParameterizedTest
    @MethodSource("weights")
    void leastLoadAndPowerOfTwoShareWhatIsInFlight(int[] weights) {
        int count = weights.length;
        int sum = IntStream.of(weights).sum();
        for (int kind = 0; kind < 2; kind++) {
            Load[] loads = Shares.loads(count);
            Balancer balancer =
                    kind == 0 ? new LeastLoad(loads, weights, 0) : new PowerOfTwo(loads, weights, new Draws(5));
            var random = new Random(9);
            int[] flows = new int[20 * sum];
            for (int i = 0; i < flows.length * 5; i++) {
                int flow = i < flows.length ? i : random.nextInt(flows.length);
                if (i >= flows.length) {
                    loads[flows[flow]].end();
                }
                flows[flow] = balancer.choose(0, 0);
                loads[flows[flow]].begin();
            }
            for (int i = 0; i < count; i++) {
                assertThat((double) loads[i].inFlight())
                        .as("kind %s of %s", kind, i)
                        .isBetween(
                                weights[i] * (kind == 0 ? 19.0 : 15.0) - 1, weights[i] * (kind == 0 ? 21.0 : 26.0) + 1);
            }
        }
    }

    @Test
    void withTwoEndpointsPowerOfTwoNeverTakesTheBusierOne() {
        Load[] loads = Shares.loads(2);
        var balancer = new PowerOfTwo(loads, new int[] {1, 1}, new Draws(1));
        loads[0].begin();
        for (int i = 0; i < 1000; i++) {
            assertThat(balancer.choose(0, 0)).isEqualTo(1);
        }
    }

    @Test
    void leastLoadTakesTheLeastOfAny() {
        var random = new Random(3);
        for (int round = 0; round < 2000; round++) {
            int count = 1 + random.nextInt(12);
            int[] weights = random.ints(count, 0, round % 2 == 0 ? 2 : 6).toArray();
            if (IntStream.of(weights).sum() == 0) {
                continue;
            }
            Load[] loads = Shares.loads(count);
            for (Load load : loads) {
                IntStream.range(0, random.nextInt(5)).forEach(_ -> load.begin());
            }
            int chosen = new LeastLoad(loads, weights, random.nextInt(50)).choose(0, 0);
            assertThat(weights[chosen]).isPositive();
            double least = (double) loads[chosen].inFlight() / weights[chosen];
            for (int i = 0; i < count; i++) {
                assertThat(weights[i] == 0 || (double) loads[i].inFlight() / weights[i] >= least)
                        .isTrue();
            }
        }
    }

    @Test
    void firstFillsInOrder() {
        Load[] loads = Shares.loads(4);
        var first = new First(loads, new int[] {1, 0, 1, 1}, new int[] {2, 2, 2, 2});
        int[] chosen = new int[7];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = first.choose(0, 0);
            loads[chosen[i]].begin();
        }
        assertThat(chosen).containsExactly(0, 0, 2, 2, 3, 3, 0);
    }

    @Test
    void noneIsChosenWhenNoneHasAWeight() {
        for (int[] weights : List.of(new int[0], new int[] {0, 0, 0})) {
            for (Balancer balancer : all(Shares.loads(weights.length), weights)) {
                assertThat(balancer.choose(7, 7)).as("%s", balancer).isEqualTo(-1);
            }
        }
    }

    @Test
    void theOnlyOneIsAlwaysChosen() {
        Load[] loads = Shares.loads(3);
        IntStream.range(0, 100).forEach(_ -> loads[1].begin());
        for (Balancer balancer : all(loads, new int[] {0, 2, 0})) {
            IntStream.range(0, 50)
                    .forEach(i -> assertThat(balancer.choose(Hash.mix(i), i)).isEqualTo(1));
        }
    }
}
