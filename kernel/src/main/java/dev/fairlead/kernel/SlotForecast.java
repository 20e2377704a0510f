package dev.fairlead.kernel;

import dev.fairlead.config.BalancerSpec;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Forecast;
import dev.fairlead.upstream.Upstream;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/// Where Linux would send the first packet of a client's flow, by the table of slots that it looks into. Pure.
public final class SlotForecast {
    private SlotForecast() {}

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
