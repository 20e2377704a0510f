package dev.fairlead.kernel;

import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.HashKeySpec;
import dev.fairlead.upstream.Share;
import dev.fairlead.upstream.balance.Maglev;
import dev.fairlead.upstream.balance.RoundRobin;
import java.util.List;

/// Which endpoint has which slot of a table, and how a slot is found: what is left of a balancer for Linux to do.
/// Pure.
public final class Slots {
    /// Primes; a table has at least a hundred slots for each endpoint, or shares would be uneven.
    private static final int FEW = 16381;

    private static final int MANY = Maglev.SLOTS;
    private static final int SLOTS_PER_ENDPOINT = 100;

    private Slots() {}

    /// What was counted of the endpoints, each in its place: flows that they have, how long they take to answer; and
    /// how many flows have begun since the look before.
    @SuppressWarnings("ArrayRecordComponent") // Read once, by the one who asked for it.
    public record Seen(int[] active, double[] nanos, long begun) {
        /// Endpoints that have nothing to do.
        public static Seen nothing(int endpoints) {
            return new Seen(new int[endpoints], new double[endpoints], 0);
        }
    }

    /// Whether the table has to be written anew when something else was counted.
    public static boolean followsLoad(BalancerSpec balancer) {
        return switch (balancer.algorithm()) {
            case LEAST_LOAD, LATENCY -> true;
            case MAGLEV, ROUND_ROBIN, RANDOM, POWER_OF_TWO, RING_HASH, FIRST -> false;
        };
    }

    /// The place in `shares` of each slot's endpoint.
    public static int[] of(BalancerSpec balancer, List<Share> shares, Seen seen) {
        int[] weights = shares.stream().mapToInt(Share::weight).toArray();
        return switch (balancer.algorithm()) {
            case MAGLEV -> {
                String[] names =
                        shares.stream().map(share -> share.endpoint().name()).toArray(String[]::new);
                yield Maglev.table(names, weights, names.length * SLOTS_PER_ENDPOINT <= FEW ? FEW : MANY);
            }
            case ROUND_ROBIN, RANDOM -> RoundRobin.round(weights);
            case LEAST_LOAD ->
                RoundRobin.round(LoadWeights.leastLoad(weights, seen.active, Math.max(seen.begun, weights.length)));
            case LATENCY -> RoundRobin.round(LoadWeights.latency(weights, seen.nanos));
            case POWER_OF_TWO, RING_HASH, FIRST ->
                throw new IllegalArgumentException("not in Linux: " + balancer.algorithm());
        };
    }

    /// As [ServiceEntry] names it.
    static int choice(BalancerSpec balancer) {
        HashKeySpec key = balancer.key();
        return switch (balancer.algorithm()) {
            case MAGLEV ->
                key != null && key.part() == HashKeySpec.Part.SOURCE_ADDRESS_AND_PORT
                        ? ServiceEntry.BY_ADDRESS_AND_PORT
                        : ServiceEntry.BY_ADDRESS;
            case ROUND_ROBIN, LEAST_LOAD, LATENCY -> ServiceEntry.IN_TURN;
            case RANDOM -> ServiceEntry.BY_CHANCE;
            case POWER_OF_TWO, RING_HASH, FIRST ->
                throw new IllegalArgumentException("not in Linux: " + balancer.algorithm());
        };
    }
}
