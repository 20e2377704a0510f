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

    boolean hasRoom(int i) {
        // One is always within the bound, whatever the sum.
        long next = loads[i].inFlight() + 1L;
        return percent == 0 || next == 1 || next <= capacity(i);
    }

    /// ceil(c x (in flight + 1) x weight / sum of weights).
    private long capacity(int i) {
        long inFlight = 1;
        for (int k = 0; k < loads.length; k++) {
            inFlight += weights[k] > 0 ? loads[k].inFlight() : 0;
        }
        return Math.ceilDiv(inFlight * percent * weights[i], 100 * weightSum);
    }
}
