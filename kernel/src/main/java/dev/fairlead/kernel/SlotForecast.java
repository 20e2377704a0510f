package dev.fairlead.kernel;

import dev.fairlead.config.BalancerSpec;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Forecast;
import dev.fairlead.upstream.Share;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.balance.Hash;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/// Where Linux would send the first packet of a client's flow, by the table of slots that it looks into. Pure.
public final class SlotForecast {
    private SlotForecast() {}

    /// By the table of the program.
    static Forecast of(Upstream upstream, List<Share> shares, Slots.Seen seen, InetSocketAddress client) {
        BalancerSpec balancer = upstream.spec().balancer();
        List<Endpoint> slots = Arrays.stream(Slots.of(balancer, shares, seen))
                .mapToObj(slot -> shares.get(slot).endpoint())
                .toList();
        return of("ebpf", upstream, slots, slot(balancer, client, slots.size()));
    }

    /// The same while no endpoint has anything to do.
    public static Forecast ofIdle(Upstream upstream, List<Share> shares, InetSocketAddress client) {
        return of(upstream, shares, Slots.Seen.nothing(shares.size()), client);
    }

    /// As [Beginning] finds it.
    private static OptionalInt slot(BalancerSpec balancer, InetSocketAddress client, int slots) {
        long hash = Hash.of(client.getAddress());
        return switch (Slots.choice(balancer)) {
            case ServiceEntry.BY_ADDRESS -> OptionalInt.of(Hash.below(hash, slots));
            case ServiceEntry.BY_ADDRESS_AND_PORT ->
                client.getPort() == 0
                        ? OptionalInt.empty()
                        : OptionalInt.of(Hash.below(Hash.with(hash, client.getPort()), slots));
            default -> OptionalInt.empty();
        };
    }

    /// `slots`: who has which. `slot`: the one that the client's hash leads to; empty where turns or chance decide, or
    /// its port would have to be known and is not.
    public static Forecast of(String carrier, Upstream upstream, List<Endpoint> slots, OptionalInt slot) {
        BalancerSpec balancer = upstream.spec().balancer();
        String by = balancer.algorithm().name().toLowerCase(Locale.ROOT).replace('_', '-');
        if (slots.isEmpty()) {
            return new Forecast(
                    carrier, upstream, List.of(), by + ": no endpoint may be picked, so packets are dropped");
        }
        if (slot.isPresent()) {
            return new Forecast(
                    carrier,
                    upstream,
                    List.of(slots.get(slot.getAsInt())),
                    by + ": slot " + slot.getAsInt() + " of " + slots.size());
        }
        String how = switch (balancer.algorithm()) {
            case MAGLEV, RING_HASH -> "by the client's port too, which was not given";
            case RANDOM -> "any of " + slots.size() + " slots";
            case ROUND_ROBIN, LEAST_LOAD, LATENCY, POWER_OF_TWO, FIRST -> "the next of " + slots.size() + " slots";
        };
        return new Forecast(carrier, upstream, slots.stream().distinct().toList(), by + ": " + how);
    }
}
