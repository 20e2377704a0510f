package dev.fairlead.kernel;

import java.io.IOException;
import java.util.BitSet;

/// Numbers from 0 on, each of which somebody has or nobody. Of a hundred thousand that are taken one after the other,
/// none is looked at twice. One thread at a time.
final class Numbers {
    private final int most;
    private final String what;
    private final BitSet taken = new BitSet();

    /// Below it all are taken.
    private int free;

    /// `most` of them there are; `what` they stand for, in words.
    Numbers(int most, String what) {
        this.most = most;
        this.what = what;
    }

    /// The least that is free.
    int take() throws IOException {
        return take(1);
    }

    /// So many side by side: the first of them.
    int take(int count) throws IOException {
        free = taken.nextClearBit(free);
        int from = free;
        for (int used = taken.nextSetBit(from); used >= 0 && used < from + count; used = taken.nextSetBit(from)) {
            from = taken.nextClearBit(used);
        }
        if (from + count > most) {
            throw new IOException("the kernel's table has room for " + most + " " + what);
        }
        set(from, count);
        return from;
    }

    /// Somebody has these already.
    void set(int first, int count) {
        taken.set(first, first + count);
    }

    void giveBack(int first, int count) {
        taken.clear(first, first + count);
        free = Math.min(free, first);
    }
}
