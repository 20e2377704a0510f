package dev.fairlead.upstream.balance;

import java.util.Arrays;
import java.util.stream.IntStream;

/// The one with the least in flight for its weight. Among equals the smooth weighted round robin decides, so that
/// an idle upstream is shared by weight too, and not left to the first of the list. All are looked at, four at a
/// time: which of them is less matters only when the least of the four is.
public final class LeastLoad implements Balancer {
    private static final int STRIDE = 4;

    /// What one in flight counts on an endpoint of weight 1; on others this / weight.
    private static final long UNIT = 1L << 40;

    /// Loads that differ by less are equal: the parts are rounded.
    private static final long EQUAL = 1L << 19;

    /// Of those with a weight: their numbers, loads, and what one in flight counts.
    private final int[] numbers;

    private final Load[] loads;
    private final long[] parts;
    private final RoundRobin turns;
    private final boolean even;

    public LeastLoad(Load[] loads, int[] weights, int start) {
        this.numbers =
                IntStream.range(0, weights.length).filter(i -> weights[i] > 0).toArray();
        this.loads = Arrays.stream(numbers).mapToObj(i -> loads[i]).toArray(Load[]::new);
        this.parts = Arrays.stream(numbers).mapToLong(i -> UNIT / weights[i]).toArray();
        this.turns = new RoundRobin(Arrays.stream(numbers).map(i -> weights[i]).toArray(), start);
        this.even = Arrays.stream(parts).allMatch(part -> part == parts[0]);
    }

    @Override
    public int choose(long hash, long nowNanos) {
        int turn = turns.choose(hash, nowNanos);
        if (turn < 0) {
            return -1;
        }
        if (loads[turn].inFlight() == 0) {
            return numbers[turn];
        }
        // From its turn on and around: of several with the least, each is the next one some time.
        int best = even
                ? leastEven(0, turn, leastEven(turn + 1, loads.length, turn))
                : leastWeighted(0, turn, leastWeighted(turn + 1, loads.length, turn));
        return numbers[best];
    }

    private int leastEven(int from, int to, int known) {
        int best = known;
        int least = loads[known].glance();
        int i = from;
        for (; i + STRIDE <= to && least > 0; i += STRIDE) {
            int a = loads[i].glance();
            int b = loads[i + 1].glance();
            int c = loads[i + 2].glance();
            int d = loads[i + 3].glance();
            int less = Math.min(Math.min(a, b), Math.min(c, d));
            if (less < least) {
                least = less;
                best = i + (a == less ? 0 : b == less ? 1 : c == less ? 2 : 3);
            }
        }
        for (; i < to && least > 0; i++) {
            int inFlight = loads[i].glance();
            if (inFlight < least) {
                least = inFlight;
                best = i;
            }
        }
        return best;
    }

    private int leastWeighted(int from, int to, int known) {
        int best = known;
        long least = loads[known].glance() * parts[known] - EQUAL;
        int i = from;
        for (; i + STRIDE <= to && least > 0; i += STRIDE) {
            long a = loads[i].glance() * parts[i];
            long b = loads[i + 1].glance() * parts[i + 1];
            long c = loads[i + 2].glance() * parts[i + 2];
            long d = loads[i + 3].glance() * parts[i + 3];
            long less = Math.min(Math.min(a, b), Math.min(c, d));
            if (less < least) {
                least = less - EQUAL;
                best = i + (a == less ? 0 : b == less ? 1 : c == less ? 2 : 3);
            }
        }
        for (; i < to && least > 0; i++) {
            long part = loads[i].glance() * parts[i];
            if (part < least) {
                least = part - EQUAL;
                best = i;
            }
        }
        return best;
    }
}
