package dev.fairlead.upstream.balance;

/// The first of the list that is not full, so that the later ones stay idle as long as they can. An endpoint
/// without a bound is never full. When all are, the first.
public final class First implements Balancer {
    private final Load[] loads;
    private final int[] weights;
    private final int[] most;

    /// `most`: how many may be in flight on each; 0: no bound.
    public First(Load[] loads, int[] weights, int[] most) {
        this.loads = loads.clone();
        this.weights = weights.clone();
        this.most = most.clone();
    }

    @Override
    public int choose(long hash, long nowNanos) {
        int first = -1;
        for (int i = 0; i < loads.length; i++) {
            if (weights[i] == 0) {
                continue;
            }
            if (most[i] == 0 || loads[i].inFlight() < most[i]) {
                return i;
            }
            first = first < 0 ? i : first;
        }
        return first;
    }
}
