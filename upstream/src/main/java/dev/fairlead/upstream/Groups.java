package dev.fairlead.upstream;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Which endpoints are chosen from first, and who takes over what they cannot bear. Endpoints are grouped by
/// priority, and within one by whether they stand in the preferred zone; a group bears 1.4 times its healthy part
/// of all picks, as Envoy reckons it: with 5 of 7 healthy it still bears everything, below that the next group
/// takes the rest. What all together cannot bear is spread over them in proportion. Pure.
final class Groups {
    /// A group with this part of its endpoints healthy bears all.
    private static final int OVERPROVISION_PERCENT = 140;

    /// Numbers of endpoints of one group, all and the healthy, and its part of the picks, out of `Tier.WHOLE`.
    record Group(int[] all, int[] healthy, int share) {}

    private Groups() {}

    /// In the order in which they are used. `isHealthy` belongs to the endpoints of the same number.
    static List<Group> of(int[] priorities, @Nullable String[] zones, boolean[] isHealthy, @Nullable String zone) {
        TreeMap<Integer, List<Integer>> byOrder = new TreeMap<>();
        for (int i = 0; i < priorities.length; i++) {
            boolean isFar = zone != null && !zone.equals(zones[i]);
            byOrder.computeIfAbsent(2 * priorities[i] + (isFar ? 1 : 0), _ -> new ArrayList<>())
                    .add(i);
        }
        List<int[]> all = new ArrayList<>();
        List<int[]> healthy = new ArrayList<>();
        for (List<Integer> numbers : byOrder.values()) {
            all.add(numbers.stream().mapToInt(Integer::intValue).toArray());
            healthy.add(numbers.stream()
                    .mapToInt(Integer::intValue)
                    .filter(i -> isHealthy[i])
                    .toArray());
        }
        int[] shares = shares(all, healthy);
        List<Group> groups = new ArrayList<>();
        for (int i = 0; i < shares.length; i++) {
            groups.add(new Group(all.get(i), healthy.get(i), shares[i]));
        }
        return groups;
    }

    private static int[] shares(List<int[]> all, List<int[]> healthy) {
        double[] bears = new double[all.size()];
        double sum = 0;
        for (int i = 0; i < bears.length; i++) {
            double most = healthy.get(i).length * OVERPROVISION_PERCENT / 100.0 / all.get(i).length;
            bears[i] = Math.min(most, 1 - sum);
            sum += bears[i];
        }
        int[] shares = new int[bears.length];
        int left = Tier.WHOLE;
        int last = -1;
        for (int i = 0; i < bears.length; i++) {
            shares[i] = sum == 0 ? 0 : (int) Math.floor(bears[i] / sum * Tier.WHOLE);
            left -= shares[i];
            last = bears[i] > 0 ? i : last;
        }
        if (last >= 0) {
            shares[last] += left;
        }
        return shares;
    }
}
