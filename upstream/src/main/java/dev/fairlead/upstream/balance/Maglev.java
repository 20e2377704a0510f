package dev.fairlead.upstream.balance;

import java.util.Arrays;

/// Consistent hashing by a table whose slots the endpoints choose in turns, each along its own permutation:
/// Eisenbud et al.: Maglev: A Fast and Reliable Software Network Load Balancer, NSDI 2016, §3.4. A pick is one look
/// into the table. When an endpoint leaves, its keys go to all the others, and a few more keys move besides.
///
/// The table depends only on names, weights and their set, so every node that knows the same endpoints makes the
/// same one, in whatever order they are listed.
public final class Maglev implements Balancer {
    /// Prime, as the permutations need it; 65537 is the paper's smaller size, good for hundreds of endpoints.
    public static final int SLOTS = 65537;

    /// More endpoints than this would find no slot.
    public static final int ENDPOINTS_MAX = SLOTS - 2;

    private final char[] table;
    private final int slots;
    private final int count;
    private final Bound bound;

    /// `boundPercent`: 100 x the `c` of the bounded loads; 0 for none.
    public Maglev(String[] names, Load[] loads, int[] weights, int boundPercent) {
        this(names, loads, weights, boundPercent, SLOTS);
    }

    /// `slots` is a prime, greater than the number of endpoints.
    public Maglev(String[] names, Load[] loads, int[] weights, int boundPercent, int slots) {
        if (names.length > Math.min(slots, ENDPOINTS_MAX)) {
            throw new IllegalArgumentException(names.length + " endpoints for " + slots + " slots");
        }
        this.slots = slots;
        this.bound = new Bound(loads, weights, boundPercent);
        int[] order = byName(names, weights);
        this.count = order.length;
        this.table = count == 0 ? new char[0] : fill(names, weights, order);
    }

    /// Those with a weight, in an order that does not depend on the list's.
    private static int[] byName(String[] names, int[] weights) {
        Integer[] order = new Integer[names.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> names[a].compareTo(names[b]));
        return Arrays.stream(order)
                .mapToInt(Integer::intValue)
                .filter(i -> weights[i] > 0)
                .toArray();
    }

    private char[] fill(String[] names, int[] weights, int[] order) {
        int[] at = new int[order.length];
        int[] skip = new int[order.length];
        long heaviest = 0;
        for (int k = 0; k < order.length; k++) {
            long hash = Hash.of(names[order[k]]);
            at[k] = (int) Long.remainderUnsigned(hash, slots);
            skip[k] = 1 + (int) Long.remainderUnsigned(Hash.mix(hash + 1), slots - 1);
            heaviest = Math.max(heaviest, weights[order[k]]);
        }
        char[] filled = new char[slots];
        Arrays.fill(filled, Character.MAX_VALUE);
        long[] due = new long[order.length];
        int left = slots;
        // A round gives a turn to each endpoint whose weight, summed up so far, has reached the heaviest once more.
        for (long round = 1; left > 0; round++) {
            for (int k = 0; k < order.length && left > 0; k++) {
                if (round * weights[order[k]] < due[k] + heaviest) {
                    continue;
                }
                due[k] += heaviest;
                int slot = at[k];
                while (filled[slot] != Character.MAX_VALUE) {
                    slot += skip[k];
                    slot = slot >= slots ? slot - slots : slot;
                }
                filled[slot] = (char) order[k];
                left--;
                slot += skip[k];
                at[k] = slot >= slots ? slot - slots : slot;
            }
        }
        return filled;
    }

    /// Past an endpoint that is at its bound to the one in the next slot: the neighbours in the table are as good
    /// as random, and the same for one key each time.
    @Override
    public int choose(long hash, long nowNanos) {
        if (count == 0) {
            return -1;
        }
        int slot = Hash.below(hash, slots);
        int first = table[slot];
        long all = bound.allIfFull(first);
        if (all < 0) {
            return first;
        }
        int full = first;
        for (int i = 1; i < slots; i++) {
            int next = table[slot + i < slots ? slot + i : slot + i - slots];
            if (next != full && bound.hasRoom(next, all)) {
                return next;
            }
            full = next;
        }
        return first;
    }

    /// The endpoint of each slot, for whoever looks into the table itself; empty when no endpoint has a weight.
    /// `slots` is a prime, greater than the number of endpoints.
    public static int[] table(String[] names, int[] weights, int slots) {
        Load[] loads = new Load[names.length];
        Arrays.setAll(loads, _ -> new Load());
        Maglev maglev = new Maglev(names, loads, weights, 0, slots);
        int[] table = new int[maglev.table.length];
        Arrays.setAll(table, maglev::at);
        return table;
    }

    /// The endpoint of a slot.
    int at(int slot) {
        return table[slot];
    }
}
