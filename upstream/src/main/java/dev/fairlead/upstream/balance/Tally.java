package dev.fairlead.upstream.balance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// What is in flight on each of several endpoints, for balancers that compare or add up all of them on each pick. It
/// reads the counters where they stand, without an order among the looks: an endpoint that another loop picks at
/// the same moment may not be counted yet.
final class Tally {
    /// Loads that differ by less than this part are equal: parts are rounded.
    private static final float EQUAL = 1 + 0x1p-20f;

    private final Stretch[] stretches;
    /// Of each number the stretch it is in, and where.
    private final int[] stretchOf;

    private final int[] placeOf;

    /// Of those with a weight.
    Tally(Load[] loads, int[] weights) {
        List<Integer> members = new ArrayList<>();
        long sum = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                members.add(i);
                sum += weights[i];
            }
        }
        float[] parts = new float[weights.length];
        for (int i : members) {
            parts[i] = (float) sum / members.size() / weights[i];
        }
        this.stretchOf = new int[weights.length];
        this.placeOf = new int[weights.length];
        this.stretches = stretches(loads, members, parts);
    }

    private Stretch[] stretches(Load[] loads, List<Integer> members, float[] parts) {
        List<Stretch> all = new ArrayList<>();
        List<Integer> left = new ArrayList<>(members);
        while (!left.isEmpty()) {
            Load one = loads[left.getFirst()];
            List<Integer> here = left.stream()
                    .filter(i -> loads[i].isBeside(one))
                    .sorted(Comparator.comparingInt(i -> loads[i].place()))
                    .toList();
            left.removeIf(i -> loads[i].isBeside(one));
            int from = loads[here.getFirst()].place();
            int[] numbers = new int[loads[here.getLast()].place() - from + 1];
            Arrays.fill(numbers, -1);
            for (int i : here) {
                stretchOf[i] = all.size();
                placeOf[i] = loads[i].place() - from;
                numbers[placeOf[i]] = i;
            }
            all.add(new Stretch(one.row(), from, numbers, parts));
        }
        return all.toArray(Stretch[]::new);
    }

    /// In flight on all of them.
    long sum() {
        long sum = 0;
        for (Stretch stretch : stretches) {
            sum += stretch.sum();
        }
        return sum;
    }

    /// The number of one with the least in flight for its weight: of several the first from `start` on and around,
    /// `start` being the number of one of them.
    int least(int start) {
        float least = Float.POSITIVE_INFINITY;
        for (Stretch stretch : stretches) {
            least = Math.min(least, stretch.least());
        }
        float most = least * EQUAL;
        int begun = stretchOf[start];
        Stretch first = stretches[begun];
        int at = first.firstWithin(most, placeOf[start], first.length());
        if (at < first.length()) {
            return first.number(at);
        }
        for (int k = 1; k < stretches.length; k++) {
            Stretch next = stretches[(begun + k) % stretches.length];
            at = next.firstWithin(most, 0, next.length());
            if (at < next.length()) {
                return next.number(at);
            }
        }
        // None is as little loaded any more when it was picked by another loop between the two looks: its turn.
        at = first.firstWithin(most, 0, placeOf[start]);
        return first.number(at);
    }
}
