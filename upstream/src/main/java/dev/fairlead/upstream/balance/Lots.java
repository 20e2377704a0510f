package dev.fairlead.upstream.balance;

/// Weighted lots, drawn in constant time: Walker's alias table as Vose builds it (A Linear Algorithm for Generating
/// Random Numbers with a Given Distribution, IEEE TSE 1991). Immutable.
final class Lots {
    /// What each lot leads to; -1 stands for none.
    private final int[] number;
    private final int[] alias;
    /// Out of 2^31: below it the lot's own number, else its alias.
    private final long[] own;

    Lots(int[] weights) {
        int count = 0;
        long sum = 0;
        for (int weight : weights) {
            sum += weight;
            count += weight > 0 ? 1 : 0;
        }
        number = new int[count];
        alias = new int[count];
        own = new long[count];
        double[] share = new double[count];
        int[] small = new int[count];
        int[] large = new int[count];
        int smalls = 0;
        int larges = 0;
        int lot = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                number[lot] = i;
                alias[lot] = i;
                own[lot] = 1L << 31;
                share[lot] = (double) weights[i] * count / sum;
                if (share[lot] < 1) {
                    small[smalls++] = lot;
                } else {
                    large[larges++] = lot;
                }
                lot++;
            }
        }
        while (smalls > 0 && larges > 0) {
            int less = small[--smalls];
            int more = large[larges - 1];
            own[less] = (long) (share[less] * (1L << 31));
            alias[less] = number[more];
            share[more] -= 1 - share[less];
            if (share[more] < 1) {
                larges--;
                small[smalls++] = more;
            }
        }
    }

    /// How many numbers have a weight above 0.
    int count() {
        return number.length;
    }

    /// -1 when nothing has a weight.
    int draw(long random) {
        if (number.length == 0) {
            return -1;
        }
        int lot = Hash.below(random, number.length);
        return (random & 0x7fffffffL) < own[lot] ? number[lot] : alias[lot];
    }

    /// Another number than `first`, or `first` when it is the only one. By weight, but when one weight is so great
    /// that it keeps coming up: then any other.
    int drawOther(int first, long random) {
        if (number.length < 2) {
            return first;
        }
        if (number.length == 2) {
            return number[0] == first ? number[1] : number[0];
        }
        long next = random;
        for (int i = 0; i < 4; i++) {
            next = Hash.mix(next + 1);
            int other = draw(next);
            if (other != first) {
                return other;
            }
        }
        int lot = Hash.below(Hash.mix(next + 1), number.length - 1);
        return number[lot] == first ? number[number.length - 1] : number[lot];
    }
}
