package dev.fairlead.upstream.balance;

/// The one with the least in flight for its weight. Among equals the smooth weighted round robin decides, so that
/// an idle upstream is shared by weight too, and not left to the first of the list.
public final class LeastLoad implements Balancer {
    private final Load[] loads;
    private final int[] weights;
    private final RoundRobin turns;
    private final boolean even;

    public LeastLoad(Load[] loads, int[] weights, int start) {
        this.loads = loads.clone();
        this.weights = weights.clone();
        this.turns = new RoundRobin(weights, start);
        this.even = isEven(weights);
    }

    @Override
    public int choose(long hash, long nowNanos) {
        int best = turns.choose(hash, nowNanos);
        if (best < 0) {
            return -1;
        }
        int least = loads[best].inFlight();
        if (least == 0) {
            return best;
        }
        return even ? leastEven(best, least) : leastWeighted(best, least);
    }

    private int leastEven(int turn, int load) {
        int best = turn;
        int least = load;
        for (int i = turn + 1; i < loads.length && least > 0; i++) {
            int inFlight = loads[i].inFlight();
            if (inFlight < least) {
                best = i;
                least = inFlight;
            }
        }
        for (int i = 0; i < turn && least > 0; i++) {
            int inFlight = loads[i].inFlight();
            if (inFlight < least) {
                best = i;
                least = inFlight;
            }
        }
        return best;
    }

    private int leastWeighted(int turn, int load) {
        int best = turn;
        long least = load;
        for (int k = 1; k < loads.length; k++) {
            int i = turn + k < loads.length ? turn + k : turn + k - loads.length;
            // a/b < c/d without dividing
            long inFlight = loads[i].inFlight();
            if (weights[i] > 0 && inFlight * weights[best] < least * weights[i]) {
                best = i;
                least = inFlight;
            }
        }
        return best;
    }

    private static boolean isEven(int[] weights) {
        for (int weight : weights) {
            if (weight != weights[0] || weight == 0) {
                return false;
            }
        }
        return true;
    }
}
