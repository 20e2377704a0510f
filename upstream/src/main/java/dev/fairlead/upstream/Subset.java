package dev.fairlead.upstream;

import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.upstream.balance.Balancer;
import dev.fairlead.upstream.balance.Draws;
import dev.fairlead.upstream.balance.First;
import dev.fairlead.upstream.balance.Hash;
import dev.fairlead.upstream.balance.Latency;
import dev.fairlead.upstream.balance.LeastLoad;
import dev.fairlead.upstream.balance.Load;
import dev.fairlead.upstream.balance.Maglev;
import dev.fairlead.upstream.balance.PowerOfTwo;
import dev.fairlead.upstream.balance.RandomChoice;
import dev.fairlead.upstream.balance.RingHash;
import dev.fairlead.upstream.balance.RoundRobin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Endpoints of an upstream that one pick chooses among: all of them, or those with one value of a label; with whom
/// may be used, in tiers. `value` is null for all, `key` when no balancer asks for one. `isPanicking`: too few may
/// be used, so all are, but those that an operator has taken out. Immutable.
record Subset(
        @Nullable String value, Tier[] tiers, @Nullable HashKey key, Draws draws, boolean isPanicking) {
    /// For whoever may have no endpoint.
    static Subset none(Draws draws) {
        return new Subset("", new Tier[0], null, draws, false);
    }

    static Subset of(UpstreamSpec spec, @Nullable String value, List<Endpoint> members, Draws draws) {
        boolean[] isUsable = new boolean[members.size()];
        int allowed = 0;
        int usable = 0;
        for (int i = 0; i < isUsable.length; i++) {
            isUsable[i] = members.get(i).isUsable();
            allowed += isAllowed(members.get(i)) ? 1 : 0;
            usable += isUsable[i] ? 1 : 0;
        }
        boolean panics = usable < allowed && (usable == 0 || usable * 100L < (long) spec.panicThreshold() * allowed);
        if (panics) {
            for (int i = 0; i < isUsable.length; i++) {
                isUsable[i] = isAllowed(members.get(i));
            }
        }
        boolean takesKey = spec.balancer().algorithm().takesKey();
        HashKey key = takesKey ? HashKey.of(spec.balancer().key()) : null;
        return new Subset(value, tiers(spec, members, isUsable, draws), key, draws, panics);
    }

    private static boolean isAllowed(Endpoint endpoint) {
        return switch (endpoint.manual()) {
            case AUTO, UP -> true;
            case DRAIN, DOWN -> false;
        };
    }

    private static Tier[] tiers(UpstreamSpec spec, List<Endpoint> all, boolean[] isUsable, Draws draws) {
        int[] priorities = all.stream().mapToInt(each -> each.spec().group()).toArray();
        @Nullable String[] zones = new @Nullable String[priorities.length];
        Arrays.setAll(zones, i -> all.get(i).spec().zone());
        List<Tier> tiers = new ArrayList<>();
        int share = 0;
        for (Groups.Group group : Groups.of(priorities, zones, isUsable, spec.preferZone())) {
            share += group.share();
            if (group.healthy().length > 0) {
                Endpoint[] usable =
                        Arrays.stream(group.healthy()).mapToObj(all::get).toArray(Endpoint[]::new);
                int[] weights = weights(usable);
                tiers.add(new Tier(usable, weights, balancer(spec, usable, weights, draws), share));
            }
        }
        return tiers.toArray(Tier[]::new);
    }

    /// In hundredths while one of them starts slowly.
    private static int[] weights(Endpoint[] usable) {
        boolean isRising = Arrays.stream(usable).anyMatch(each -> each.slowStartPercent() < 100);
        return Arrays.stream(usable)
                .mapToInt(each -> each.weight() * (isRising ? each.slowStartPercent() : 1))
                .toArray();
    }

    private static Balancer balancer(UpstreamSpec spec, Endpoint[] usable, int[] weights, Draws draws) {
        Load[] loads = Arrays.stream(usable).map(Endpoint::load).toArray(Load[]::new);
        // Else every change would begin the round anew, and favour whoever comes first in it.
        int start = (int) draws.next();
        return switch (spec.balancer().algorithm()) {
            case ROUND_ROBIN -> new RoundRobin(weights, start);
            case RANDOM -> new RandomChoice(weights, draws);
            case LEAST_LOAD -> new LeastLoad(loads, weights, start);
            case POWER_OF_TWO -> new PowerOfTwo(loads, weights, draws);
            case LATENCY -> new Latency(loads, weights, draws);
            case MAGLEV ->
                new Maglev(names(usable), loads, weights, spec.balancer().loadBound());
            case RING_HASH ->
                new RingHash(names(usable), loads, weights, spec.balancer().loadBound());
            case FIRST -> {
                int[] most = Arrays.stream(usable)
                        .mapToInt(each -> each.spec().maxRequests())
                        .toArray();
                yield new First(loads, weights, most);
            }
        };
    }

    private static String[] names(Endpoint[] usable) {
        return Arrays.stream(usable).map(Endpoint::name).toArray(String[]::new);
    }

    /// Who has which part of the picks, tiers and weights multiplied out.
    List<Share> shares() {
        List<Share> all = new ArrayList<>();
        int before = 0;
        for (Tier tier : tiers) {
            long sum = Math.max(1, Arrays.stream(tier.weights()).asLongStream().sum());
            for (int i = 0; i < tier.usable().length; i++) {
                int weight = tier.weights()[i];
                long share = tiers.length == 1 ? weight : (long) weight * (tier.share() - before) / sum;
                if (share > 0) {
                    all.add(new Share(tier.usable()[i], (int) share));
                }
            }
            before = tier.share();
        }
        return all;
    }

    /// Whether the endpoint is one of them.
    boolean has(Endpoint endpoint, @Nullable String label) {
        return value == null || (label != null && value.equals(endpoint.spec().label(label)));
    }

    private boolean isAlone() {
        return tiers.length == 1 && tiers[0].usable().length == 1;
    }

    /// Why a pick takes the endpoint that it takes.
    Why why() {
        return isPanicking ? Why.PANIC : isAlone() ? Why.ONLY : Why.BALANCER;
    }

    /// Endpoints that refused a connection a moment ago, or are full, are passed over while another one is there,
    /// in whatever tier.
    @Nullable
    Endpoint pick(Choice choice, long nowNanos) {
        if (tiers.length == 0) {
            return null;
        }
        long hash = key == null ? 0 : hash(choice, key);
        int start = tiers.length == 1 ? 0 : start(hash);
        Endpoint chosen = tiers[start].pick(choice, hash, nowNanos);
        for (int i = 0; i < tiers.length && chosen == null; i++) {
            chosen = i == start ? null : tiers[i].pick(choice, hash, nowNanos);
        }
        for (int i = 0; i < tiers.length && chosen == null; i++) {
            chosen = tiers[i].pickUnwilling(choice, hash, nowNanos);
        }
        return chosen;
    }

    /// Those of which [#pick] would take one. Changes nothing.
    List<Endpoint> candidates(Choice choice, long nowNanos) {
        if (isDecided(choice)) {
            Endpoint only = pick(choice, nowNanos);
            return only == null ? List.of() : List.of(only);
        }
        List<Endpoint> all = new ArrayList<>();
        int before = 0;
        for (Tier tier : tiers) {
            if (tier.share() > before) {
                tier.willing(choice, nowNanos, all);
            }
            before = tier.share();
        }
        for (int i = 0; i < tiers.length && all.isEmpty(); i++) {
            tiers[i].willing(choice, nowNanos, all);
        }
        for (int i = 0; i < tiers.length && all.isEmpty(); i++) {
            tiers[i].untried(choice, all);
        }
        return all;
    }

    /// Whether a pick is the same each time: it takes no turn then, and no chance.
    private boolean isDecided(Choice choice) {
        if (key instanceof HashKey.SourceAddressAndPort && !choice.hasPort()) {
            return false;
        }
        if (key != null) {
            return choice.hash(key) != Choice.NO_KEY || choice.hash(HashKey.SOURCE_ADDRESS) != Choice.NO_KEY;
        }
        return tiers.length == 1 && tiers[0].balancer() instanceof First;
    }

    private long hash(Choice choice, HashKey wanted) {
        long hash = choice.hash(wanted);
        if (hash == Choice.NO_KEY) {
            hash = choice.hash(HashKey.SOURCE_ADDRESS);
        }
        return hash == Choice.NO_KEY ? draws.next() : hash;
    }

    /// The tier whose turn it is. A key always has the same one.
    private int start(long hash) {
        long drawn = key == null ? draws.next() : Hash.mix(hash + 2);
        int at = (int) (drawn & (Tier.WHOLE - 1));
        for (int i = 0; i < tiers.length; i++) {
            if (at < tiers[i].share()) {
                return i;
            }
        }
        return 0;
    }
}
