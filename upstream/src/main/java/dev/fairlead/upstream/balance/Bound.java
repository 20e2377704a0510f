package dev.fairlead.upstream.balance;

/// How much more than its fair share an endpoint may have in flight: Mirrokni, Thorup, Zadimoghaddam: Consistent
/// Hashing with Bounded Loads, 2016. With `c` = 1.25 none of n equal endpoints is given more than ceil(1.25 m / n)
/// of m. What is in flight is counted when a pick is made, so as many picks as run at the same moment may go over
/// it.
final class Bound {
    private final Load[] loads;
    private final int[] weights;
    private final int percent;
    private final long weightSum;

    /// `percent` is 100 c; 0 bounds nothing.
    Bound(Load[] loads, int[] weights, int percent) {
        this.loads = loads.clone();
        this.weights = weights.clone();
        this.percent = percent;
        long sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        this.weightSum = sum;
    }

    /// Negative when it has room, which is often known before all are counted; else what is in flight, and one
    /// more.
    long allIfFull(int i) {
        long before = loads[i].inFlight();
        // One is always within the bound, whatever the sum.
        if (percent == 0 || before == 0) {
            return -1;
        }
        // The sum of which its share, rounded up, is more than it has.
        long enough = before * 100 * weightSum / ((long) percent * weights[i]) + 1;
        long all = 1;
        for (int k = 0; k < loads.length && all < enough; k++) {
            all += weights[k] > 0 ? loads[k].inFlight() : 0;
        }
        return all < enough ? all : -1;
    }

    /// Whether its load and one more is at most ceil(c x `all` x weight / sum of weights).
    boolean hasRoom(int i, long all) {
        return loads[i].inFlight() < Math.ceilDiv(all * percent * weights[i], 100 * weightSum);
    }
}
