package dev.fairlead.upstream.balance;

import java.util.Arrays;

/// The one with the least in flight for its weight. Among equals the smooth weighted round robin decides, so that
/// an idle upstream is shared by weight too, and not left to the first of the list.
public final class LeastLoad implements Balancer {
    private final Load[] loads;
    /// 1 / weight.
    private final double[] parts;
    private final RoundRobin turns;
    private final boolean even;

    public LeastLoad(Load[] loads, int[] weights, int start) {
        this.loads = loads.clone();
        this.parts = Arrays.stream(weights).mapToDouble(weight -> 1.0 / weight).toArray();
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
        double least = load * parts[turn];
        for (int i = turn + 1; i < loads.length && least > 0; i++) {
            double part = loads[i].inFlight() * parts[i];
            if (part < least) {
                best = i;
                least = part;
            }
        }
        for (int i = 0; i < turn && least > 0; i++) {
            double part = loads[i].inFlight() * parts[i];
            if (part < least) {
                best = i;
                least = part;
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
