package dev.fairlead.config;

import org.jspecify.annotations.Nullable;

/// How the endpoint for the next flow or exchange is chosen. In the file also just the algorithm: `balancer:
/// maglev`.
@Scalar("algorithm")
public record BalancerSpec(
        @Key(
                value =
                        "`round-robin`: each in turn, evenly spread. `random`: by chance. `least-load`: the one with the least in flight for its weight. `power-of-two`: the less loaded of two drawn. `latency`: of two drawn, the one that answered faster lately, failures and what is in flight counted in. `maglev` and `ring-hash`: the same key always goes to the same endpoint. `first`: the first of the list that is below its `max-requests`.",
                absent = "round-robin")
        Algorithm algorithm,

        @Key(value = "What `maglev` and `ring-hash` choose by. Absent: the source address.", optional = true) @Nullable
        HashKeySpec key,

        @Key(
                value =
                        "How much of its share one endpoint may have in flight under `maglev` and `ring-hash`, in percent: 125 is a quarter more than the share; beyond it keys go to another. 0: no bound, a busy key overloads its endpoint; else 100 at least.",
                absent = "125",
                min = "0",
                max = "1000")
        int loadBound) {

    public static final BalancerSpec ROUND_ROBIN = new BalancerSpec(Algorithm.ROUND_ROBIN, null, 125);

    public enum Algorithm {
        ROUND_ROBIN,
        RANDOM,
        LEAST_LOAD,
        POWER_OF_TWO,
        LATENCY,
        MAGLEV,
        RING_HASH,
        FIRST;

        /// Whether it chooses by a key.
        public boolean takesKey() {
            return this == MAGLEV || this == RING_HASH;
        }
    }
}
