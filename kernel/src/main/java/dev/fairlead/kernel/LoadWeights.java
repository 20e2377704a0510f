package dev.fairlead.kernel;

import java.util.Arrays;

/// The parts that endpoints get of the flows to come, by what was counted of them: what is left of a balancer that asks
/// before each choice, where Linux chooses. Worked out anew after each look through the table. Pure.
final class LoadWeights {
    /// Turns of a round for each endpoint: how fine the parts are.
    private static final int FINENESS = 64;

    /// However slow an endpoint is, it gets this part of its weight, or nobody would see it become fast again.
    private static final double LEAST = 0.1;

    private static final double MOST = 10;
    private static final int HALVINGS = 50;

    private LoadWeights() {}

    /// The flows to come go where they make all equally full for their weight, as water finds its level. `expected`:
    /// how many will come before the next look.
    static int[] leastLoad(int[] weights, int[] active, long expected) {
        double low = 0;
        double high = 1;
        while (room(weights, active, high) < expected) {
            high *= 2;
        }
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (room(weights, active, middle) < expected) {
                low = middle;
            } else {
                high = middle;
            }
        }
        double level = high;
        double[] parts = new double[weights.length];
        Arrays.setAll(parts, i -> Math.max(0, level * weights[i] - active[i]));
        return turns(parts);
    }

    /// How many flows find room below a level.
    private static double room(int[] weights, int[] active, double level) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += Math.max(0, level * weights[i] - active[i]);
        }
        return sum;
    }

    /// Each gets its weight times how much faster than the middle one it answers. `nanos` is 0 for one that is not
    /// measured: it is taken to be that fast.
    static int[] latency(int[] weights, double[] nanos) {
        double[] measured =
                Arrays.stream(nanos).filter(each -> each > 0).sorted().toArray();
        double median = measured.length == 0 ? 1 : measured[measured.length / 2];
        double[] parts = new double[weights.length];
        Arrays.setAll(parts, i -> weights[i] * (nanos[i] == 0 ? 1 : Math.clamp(median / nanos[i], LEAST, MOST)));
        return turns(parts);
    }

    private static int[] turns(double[] parts) {
        double sum = Arrays.stream(parts).sum();
        int[] turns = new int[parts.length];
        if (sum > 0) {
            Arrays.setAll(turns, i -> (int) Math.round(FINENESS * parts.length * parts[i] / sum));
        }
        return turns;
    }
}
