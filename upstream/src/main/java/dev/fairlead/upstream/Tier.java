package dev.fairlead.upstream;

import dev.fairlead.upstream.balance.Balancer;
import dev.fairlead.upstream.balance.Hash;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The usable endpoints of one priority group (or of one zone's part of it), and who chooses among them. `share` is
/// its part of all picks, out of [#WHOLE], summed up with that of the tiers before it. Immutable.
record Tier(Endpoint[] usable, int[] weights, Balancer balancer, int share) {
    /// All picks.
    static final int WHOLE = 1 << 16;

    /// How often the balancer is asked for another, before its endpoints are gone through in order.
    private static final int REDRAWS = 2;

    /// One that takes a new attempt gladly: not tried, not refusing, not full.
    @Nullable
    Endpoint pick(Choice choice, long hash, long nowNanos) {
        long drawn = hash;
        int chosen = -1;
        for (int i = 0; i <= REDRAWS; i++) {
            chosen = balancer.choose(drawn, nowNanos);
            if (chosen < 0) {
                return null;
            }
            if (isWilling(usable[chosen], choice, nowNanos)) {
                return usable[chosen];
            }
            // A key goes to the same second endpoint each time, and all of an endpoint's keys to many.
            drawn = Hash.mix(drawn + 1);
        }
        for (int i = 1; i < usable.length; i++) {
            int next = chosen + i < usable.length ? chosen + i : chosen + i - usable.length;
            if (weights[next] > 0 && isWilling(usable[next], choice, nowNanos)) {
                return usable[next];
            }
        }
        return null;
    }

    /// When none takes it gladly: one that was not tried.
    @Nullable
    Endpoint pickUnwilling(Choice choice, long hash, long nowNanos) {
        int first = balancer.choose(hash, nowNanos);
        for (int i = 0; i < usable.length && first >= 0; i++) {
            int next = first + i < usable.length ? first + i : first + i - usable.length;
            if (weights[next] > 0 && !choice.hasTried(usable[next])) {
                return usable[next];
            }
        }
        return null;
    }

    /// Adds those that [#pick] may take.
    void willing(Choice choice, long nowNanos, List<Endpoint> into) {
        for (int i = 0; i < usable.length; i++) {
            if (weights[i] > 0 && isWilling(usable[i], choice, nowNanos)) {
                into.add(usable[i]);
            }
        }
    }

    /// Adds those that [#pickUnwilling] may take.
    void untried(Choice choice, List<Endpoint> into) {
        for (int i = 0; i < usable.length; i++) {
            if (weights[i] > 0 && !choice.hasTried(usable[i])) {
                into.add(usable[i]);
            }
        }
    }

    private static boolean isWilling(Endpoint endpoint, Choice choice, long nowNanos) {
        return !choice.hasTried(endpoint) && !endpoint.isRefusing(nowNanos) && !endpoint.isFull();
    }
}
