package dev.fairlead.upstream.balance;

/// How much more than its fair share an endpoint may have in flight: Mirrokni, Thorup, Zadimoghaddam: Consistent
/// Hashing with Bounded Loads, 2016. With `c` = 1.25 none of n equal endpoints is given more than ceil(1.25 m / n)
/// of m. What is in flight is counted when a pick is made, so as many picks as run at the same moment may go over
/// it.
final class Bound {
    /// Added up before the sum is compared again.
    private static final int STRIDE = 4;

    private final Load[] loads;
    /// Those with a weight.
    private final Load[] counted;
    /// 100 c x the weight of each.
    private final long[] shares;
    /// 100 x the sum of weights.
    private final long whole;

    private final int percent;

    /// `percent` is 100 c; 0 bounds nothing.
    Bound(Load[] loads, int[] weights, int percent) {
        this.loads = loads.clone();
        this.percent = percent;
        this.shares = new long[weights.length];
        long sum = 0;
        int count = 0;
        for (int weight : weights) {
            sum += weight;
            count += weight > 0 ? 1 : 0;
        }
        this.counted = new Load[count];
        int next = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                counted[next++] = loads[i];
                shares[i] = (long) percent * weights[i];
            }
        }
        this.whole = 100 * sum;
    }

    /// Negative when it has room, which is often known before all are counted; else what is in flight, and one
    /// more.
    long allIfFull(int i) {
        long before = loads[i].inFlight();
        // One is always within the bound, whatever the sum.
        if (percent == 0 || before == 0) {
            return -1;
        }
        long taken = before * whole;
        long share = shares[i];
        long all = 1;
        int k = 0;
        for (; k + STRIDE <= counted.length && all * share <= taken; k += STRIDE) {
            all += counted[k].glance() + counted[k + 1].glance() + counted[k + 2].glance() + counted[k + 3].glance();
        }
        for (; k < counted.length && all * share <= taken; k++) {
            all += counted[k].glance();
        }
        return all * share <= taken ? all : -1;
    }

    /// Whether its load and one more is at most ceil(c x `all` x weight / sum of weights): a whole number is below a
    /// number rounded up when it is below that number.
    boolean hasRoom(int i, long all) {
        return loads[i].inFlight() * whole < all * shares[i];
    }
}
