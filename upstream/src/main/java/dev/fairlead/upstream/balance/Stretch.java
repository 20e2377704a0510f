package dev.fairlead.upstream.balance;

/// Counters of what is in flight that stand side by side in memory, with what they mean to one balancer. Those
/// between the first and the last that are not the balancer's are strangers: they count nothing, and are never the
/// least. The loops are plain, on arrays that are local to the method, because the compiler makes vector instructions
/// of such (and does not of loops on fields, which take four times as long: `bench/picks.sh`).
final class Stretch {
    private final int[] counts;
    private final int from;
    /// Of each its endpoint's number; -1 of a stranger.
    private final int[] numbers;
    /// All bits, or none of a stranger.
    private final int[] masks;
    /// What one in flight counts: mean weight / own weight; 0 of a stranger.
    private final float[] parts;
    /// 0, or infinite of a stranger.
    private final float[] strangeness;

    Stretch(int[] counts, int from, int[] numbers, float[] partOfNumber) {
        this.counts = counts;
        this.from = from;
        this.numbers = numbers;
        this.masks = new int[numbers.length];
        this.parts = new float[numbers.length];
        this.strangeness = new float[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            boolean isStranger = numbers[i] < 0;
            masks[i] = isStranger ? 0 : -1;
            parts[i] = isStranger ? 0 : partOfNumber[numbers[i]];
            strangeness[i] = isStranger ? Float.POSITIVE_INFINITY : 0;
        }
    }

    int length() {
        return numbers.length;
    }

    int number(int i) {
        return numbers[i];
    }

    int sum() {
        int[] in = counts;
        int[] mine = masks;
        int first = from;
        int sum = 0;
        for (int i = 0; i < mine.length; i++) {
            sum += in[first + i] & mine[i];
        }
        return sum;
    }

    /// The least load: what is in flight for the weight.
    float least() {
        int[] in = counts;
        float[] part = parts;
        float[] strange = strangeness;
        int first = from;
        float least = Float.POSITIVE_INFINITY;
        for (int i = 0; i < part.length; i++) {
            least = Math.min(least, in[first + i] * part[i] + strange[i]);
        }
        return least;
    }

    /// The first of those from `start` up to `end` whose load is at most this; `end` when there is none.
    int firstWithin(float most, int start, int end) {
        int[] in = counts;
        float[] part = parts;
        float[] strange = strangeness;
        int first = from;
        int i = start;
        while (i < end && in[first + i] * part[i] + strange[i] > most) {
            i++;
        }
        return i;
    }
}
