package dev.fairlead.upstream.balance;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/// Two drawn by weight, and of those the one that promises the shorter wait: [Load]'s latency (decaying, peaks
/// count, failures multiply) x (1 + what is in flight on it for its weight). An endpoint not yet measured is taken
/// to be as fast as the median of the group.
///
/// In flight is divided by the weight, the latency is not: the weight already decides how often an endpoint is
/// drawn, and would otherwise count twice while nothing is in flight.
public final class Latency implements Balancer {
    /// Latency of all while none is measured. Any number will do: only ratios count.
    private static final float START_NANOS = 1_000_000f;

    /// The median is looked at again after so many picks; a power of two.
    private static final int MEDIAN_PICKS = 256;

    private final Load[] loads;
    /// Mean weight / own weight.
    private final float[] shares;

    private final Lots lots;
    private final Draws draws;

    // any thread; scratch belongs to whoever set `learning`
    private final AtomicBoolean learning = new AtomicBoolean();
    private final float[] scratch;
    private volatile float medianNanos = START_NANOS;

    public Latency(Load[] loads, int[] weights, Draws draws) {
        this.loads = loads.clone();
        this.lots = new Lots(weights);
        this.draws = draws;
        this.shares = new float[weights.length];
        this.scratch = new float[weights.length];
        float mean = (float) Arrays.stream(weights).sum() / Math.max(1, lots.count());
        for (int i = 0; i < weights.length; i++) {
            shares[i] = weights[i] == 0 ? 0 : mean / weights[i];
        }
        learnMedian();
    }

    @Override
    public int choose(long hash, long nowNanos) {
        long random = draws.next();
        int one = lots.draw(random);
        if (one < 0) {
            return -1;
        }
        if ((random & (MEDIAN_PICKS - 1)) == 0) {
            learnMedian();
        }
        int other = lots.drawOther(one, random);
        float median = medianNanos;
        return cost(other, median, nowNanos) < cost(one, median, nowNanos) ? other : one;
    }

    private float cost(int i, float median, long nowNanos) {
        return loads[i].cost(median, nowNanos) * (1 + loads[i].inFlight() * shares[i]);
    }

    private void learnMedian() {
        // Nobody waits: whoever comes second goes on with the median there is.
        if (learning.compareAndSet(false, true)) {
            int measured = 0;
            for (Load load : loads) {
                float latency = load.latencyNanos();
                if (latency > 0) {
                    scratch[measured++] = latency;
                }
            }
            if (measured > 0) {
                Arrays.sort(scratch, 0, measured);
                medianNanos = scratch[measured / 2];
            }
            learning.set(false);
        }
    }
}
