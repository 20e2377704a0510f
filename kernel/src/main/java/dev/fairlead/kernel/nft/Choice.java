package dev.fairlead.kernel.nft;

import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.HashKeySpec;
import dev.fairlead.kernel.Slots;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Share;
import dev.fairlead.upstream.balance.Maglev;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

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

    /// The slot that a client is given each time; empty where turns or chance decide, or its port would have to be
    /// known
    /// and is 0.
    OptionalInt slot(InetSocketAddress client) {
        byte[] address = client.getAddress().getAddress();
        return switch (by) {
            case TURN, CHANCE -> OptionalInt.empty();
            case ADDRESS -> slot(address);
            case ADDRESS_AND_PORT -> {
                // nftables puts a port into four bytes, as its registers are.
                byte[] both = Arrays.copyOf(address, address.length + Integer.BYTES);
                both[address.length] = (byte) (client.getPort() >> 8);
                both[address.length + 1] = (byte) client.getPort();
                yield client.getPort() == 0 ? OptionalInt.empty() : slot(both);
            }
        };
    }

    private OptionalInt slot(byte[] key) {
        return slots.isEmpty() ? OptionalInt.empty() : OptionalInt.of(JenkinsHash.of(key, slots.size(), Part.SEED));
    }

    /// Whether a packet from the middle of a connection finds the endpoint that its first one found.
    boolean isConsistent() {
        return by == By.ADDRESS || by == By.ADDRESS_AND_PORT;
    }
}
