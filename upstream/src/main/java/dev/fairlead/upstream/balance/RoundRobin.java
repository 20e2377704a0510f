package dev.fairlead.upstream.balance;

import java.util.concurrent.atomic.AtomicInteger;

/// Smooth weighted round robin: each in turn, as often as its weight says, and never in bursts (5:1:1 gives A A B A
/// C A A). The order is worked out once, by nginx's rule: raise every current weight by its weight, take the
/// greatest, lower it by the sum.
public final class RoundRobin implements Balancer {
    private final int[] order;
    private final AtomicInteger turn;

    /// `start` spreads the first picks of several processes; any number will do.
    public RoundRobin(int[] weights, int start) {
        this.order = smooth(weights);
        this.turn = new AtomicInteger(start);
    }

    @Override
    public int choose() {
        return order.length == 0 ? -1 : order[Integer.remainderUnsigned(turn.getAndIncrement(), order.length)];
    }

    private static int[] smooth(int[] weights) {
        int divisor = 0;
        int sum = 0;
        for (int weight : weights) {
            divisor = gcd(weight, divisor);
            sum += weight;
        }
        if (sum == 0) {
            return new int[0];
        }
        int[] order = new int[sum / divisor];
        long[] current = new long[weights.length];
        for (int i = 0; i < order.length; i++) {
            int best = -1;
            for (int j = 0; j < weights.length; j++) {
                current[j] += weights[j];
                if (weights[j] > 0 && (best < 0 || current[j] > current[best])) {
                    best = j;
                }
            }
            current[best] -= sum;
            order[i] = best;
        }
        return order;
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
