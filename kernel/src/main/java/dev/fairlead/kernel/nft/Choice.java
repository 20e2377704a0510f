package dev.fairlead.kernel.nft;

import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.HashKeySpec;
import dev.fairlead.kernel.Slots;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Share;
import dev.fairlead.upstream.balance.Maglev;
import java.util.Arrays;
import java.util.List;

/// How the first packet of a flow finds its endpoint: what nftables looks at, and who has which slot. Pure.
record Choice(By by, List<Endpoint> slots) {
    /// Primes. nftables is told every slot in words, so a table is no larger than its endpoints need.
    private static final int[] SIZES = {1021, 4093, 16381, Maglev.SLOTS};

    private static final int SLOTS_PER_ENDPOINT = 100;

    /// What a slot is found by.
    enum By {
        TURN,
        CHANCE,
        ADDRESS,
        ADDRESS_AND_PORT
    }

    Choice {
        slots = List.copyOf(slots);
    }

    static Choice of(BalancerSpec balancer, List<Share> shares, Slots.Seen seen) {
        By by = by(balancer);
        int[] slots = switch (by) {
            case ADDRESS, ADDRESS_AND_PORT -> maglev(shares);
            case TURN, CHANCE -> Slots.of(balancer, shares, seen);
        };
        return new Choice(
                by,
                Arrays.stream(slots)
                        .mapToObj(slot -> shares.get(slot).endpoint())
                        .toList());
    }

    private static By by(BalancerSpec balancer) {
        HashKeySpec key = balancer.key();
        return switch (balancer.algorithm()) {
            case MAGLEV ->
                key != null && key.part() == HashKeySpec.Part.SOURCE_ADDRESS_AND_PORT
                        ? By.ADDRESS_AND_PORT
                        : By.ADDRESS;
            case ROUND_ROBIN, LEAST_LOAD -> By.TURN;
            case RANDOM -> By.CHANCE;
            case LATENCY, POWER_OF_TWO, RING_HASH, FIRST ->
                throw new IllegalArgumentException("not in nftables: " + balancer.algorithm());
        };
    }

    private static int[] maglev(List<Share> shares) {
        int most = SIZES[SIZES.length - 1];
        for (int i = SIZES.length - 1; i >= 0 && shares.size() * SLOTS_PER_ENDPOINT <= SIZES[i]; i--) {
            most = SIZES[i];
        }
        return Maglev.table(
                shares.stream().map(share -> share.endpoint().name()).toArray(String[]::new),
                shares.stream().mapToInt(Share::weight).toArray(),
                most);
    }

    /// Whether a packet from the middle of a connection finds the endpoint that its first one found.
    boolean isConsistent() {
        return by == By.ADDRESS || by == By.ADDRESS_AND_PORT;
    }
}
