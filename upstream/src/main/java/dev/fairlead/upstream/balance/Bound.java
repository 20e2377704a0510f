package dev.fairlead.upstream.balance;

/// How much more than its fair share an endpoint may have in flight: Mirrokni, Thorup, Zadimoghaddam: Consistent
/// Hashing with Bounded Loads, 2016. With `c` = 1.25 none of n equal endpoints is given more than ceil(1.25 m / n)
/// of m. What is in flight is counted when a pick is made, so as many picks as run at the same moment may go over
/// it.
final class Bound {
    private final Load[] loads;
    private final Tally tally;
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
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i];
            shares[i] = (long) percent * weights[i];
        }
        this.tally = new Tally(loads, weights);
        this.whole = 100 * sum;
    }

    /// Negative when it has room; else what is in flight, and one more.
    long allIfFull(int i) {
        int before = loads[i].inFlight();
        // One is always within the bound, whatever the sum.
        if (percent == 0 || before == 0) {
            return -1;
        }
        long all = tally.sum() + 1;
        return before * whole < all * shares[i] ? -1 : all;
    }

    /// Whether its load and one more is at most ceil(c x `all` x weight / sum of weights): a whole number is below a
    /// number rounded up when it is below that number.
    boolean hasRoom(int i, long all) {
        return loads[i].inFlight() * whole < all * shares[i];
    }
}
