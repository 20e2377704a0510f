package dev.fairlead.upstream.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What [Maglev] and [RingHash] promise of keys: that they stay.
final class ConsistentTest {
    private static final int KEYS = 100_000;

    private static Balancer make(boolean maglev, String[] names, Load[] loads, int[] weights, int bound) {
        return maglev ? new Maglev(names, loads, weights, bound) : new RingHash(names, loads, weights, bound);
    }

    private static int[] ones(int count) {
        return IntStream.generate(() -> 1).limit(count).toArray();
    }

    /// The part of all keys that move when the `gone`th of `count` leaves.
    private static double moved(boolean maglev, int count, int gone) {
        String[] names = Shares.names(count);
        Balancer before = make(maglev, names, Shares.loads(count), ones(count), 0);
        String[] rest = IntStream.range(0, count)
                .filter(i -> i != gone)
                .mapToObj(i -> names[i])
                .toArray(String[]::new);
        Balancer after = make(maglev, rest, Shares.loads(count - 1), ones(count - 1), 0);
        int moved = 0;
        for (int key = 0; key < KEYS; key++) {
            long hash = Hash.mix(key);
            moved += names[before.choose(hash, 0)].equals(rest[after.choose(hash, 0)]) ? 0 : 1;
        }
        return (double) moved / KEYS;
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 10, 100})
    void maglevMovesFewKeysWhenAnEndpointLeaves(int count) {
        double moved = (moved(true, count, 0) + moved(true, count, count / 2) + moved(true, count, count - 1)) / 3;
        System.out.printf("maglev, 1 of %d leaves: %.4f of all keys move; ideal %.4f%n", count, moved, 1.0 / count);
        assertThat(moved).isBetween(0.9 / count, 3.0 / count);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 10, 100})
    void ringHashMovesOnlyTheKeysOfTheEndpointThatLeaves(int count) {
        double moved = (moved(false, count, 0) + moved(false, count, count / 2) + moved(false, count, count - 1)) / 3;
        System.out.printf("ring-hash, 1 of %d leaves: %.4f of all keys move; ideal %.4f%n", count, moved, 1.0 / count);
        assertThat(moved).isBetween(0.7 / count, 1.3 / count);
        String[] names = Shares.names(count);
        int[] without = ones(count);
        without[0] = 0;
        Balancer before = make(false, names, Shares.loads(count), ones(count), 0);
        Balancer after = make(false, names, Shares.loads(count), without, 0);
        for (int key = 0; key < KEYS; key++) {
            int owner = before.choose(Hash.mix(key), 0);
            assertThat(owner == 0 || after.choose(Hash.mix(key), 0) == owner).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theOrderOfTheListMeansNothing(boolean maglev) {
        String[] names = Shares.names(20);
        int[] weights = IntStream.range(0, 20).map(i -> 1 + i % 3).toArray();
        int[] order = {7, 3, 19, 0, 12, 5, 1, 18, 9, 14, 2, 11, 4, 17, 6, 16, 8, 13, 10, 15};
        String[] shuffled = Arrays.stream(order).mapToObj(i -> names[i]).toArray(String[]::new);
        int[] shuffledWeights = Arrays.stream(order).map(i -> weights[i]).toArray();
        Balancer one = make(maglev, names, Shares.loads(20), weights, 0);
        Balancer other = make(maglev, shuffled, Shares.loads(20), shuffledWeights, 0);
        for (int key = 0; key < KEYS; key++) {
            assertThat(names[one.choose(Hash.mix(key), 0)]).isEqualTo(shuffled[other.choose(Hash.mix(key), 0)]);
        }
    }

    /// Pins what every node and every release must agree on: change these numbers and a rolling upgrade moves keys.
    @Test
    void choicesAreTheSameInEveryRelease() {
        String[] names = Shares.names(10);
        int[] maglev = new int[8];
        int[] ring = new int[8];
        Balancer byTable = make(true, names, Shares.loads(10), ones(10), 0);
        Balancer byRing = make(false, names, Shares.loads(10), ones(10), 0);
        for (int i = 0; i < 8; i++) {
            maglev[i] = byTable.choose(Hash.of("key" + i), 0);
            ring[i] = byRing.choose(Hash.of("key" + i), 0);
        }
        assertThat(maglev).containsExactly(PINNED_MAGLEV);
        assertThat(ring).containsExactly(PINNED_RING);
    }

    private static final int[] PINNED_MAGLEV = {8, 5, 3, 2, 2, 4, 9, 7};
    private static final int[] PINNED_RING = {6, 7, 5, 1, 9, 7, 9, 7};

    /// Keys of a few very busy clients, flows that begin and end: at every begin within the bound.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void loadsNeverGoOverTheBound(boolean maglev) {
        var random = new Random(21);
        for (int round = 0; round < 60; round++) {
            int count = 2 + random.nextInt(15);
            int[] weights = random.ints(count, 1, 6).toArray();
            int percent = 100 + random.nextInt(4) * 25;
            Load[] loads = Shares.loads(count);
            Balancer balancer = make(maglev, Shares.names(count), loads, weights, percent);
            int sum = IntStream.of(weights).sum();
            int[] flows = new int[200];
            int begun = 0;
            for (int i = 0; i < 1000; i++) {
                if (begun == flows.length || begun > 0 && random.nextInt(3) == 0) {
                    int ended = random.nextInt(begun);
                    loads[flows[ended]].end();
                    flows[ended] = flows[--begun];
                    continue;
                }
                int chosen = balancer.choose(Hash.mix(random.nextInt(3)), 0);
                loads[chosen].begin();
                flows[begun++] = chosen;
                double most = Math.ceil(percent / 100.0 * begun * weights[chosen] / sum);
                assertThat((double) loads[chosen].inFlight()).isLessThanOrEqualTo(most);
            }
        }
    }

    /// Without a bound one client is one endpoint's, however busy.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutABoundAKeyStays(boolean maglev) {
        Load[] loads = Shares.loads(5);
        Balancer balancer = make(maglev, Shares.names(5), loads, ones(5), 0);
        int first = balancer.choose(Hash.of("alice"), 0);
        for (int i = 0; i < 100; i++) {
            loads[first].begin();
            assertThat(balancer.choose(Hash.of("alice"), 0)).isEqualTo(first);
        }
    }
}
