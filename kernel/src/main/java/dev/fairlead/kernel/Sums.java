package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;

/// What a checksum has to be raised by (RFC 1624 §3): the new words, and the complement of the old ones.
final class Sums {
    private final Code code;
    private final Place sum;

    Sums(Code code, Place sum) {
        this.code = code;
        this.sum = sum;
        code.set(sum, 0);
    }

    /// Of a number of words of 4 bytes.
    void change(Place before, Place after) {
        for (int at = 0; at < before.bytes(); at += 4) {
            Place old = new Place(before.base(), before.offset() + at, 4);
            Place fresh = new Place(after.base(), after.offset() + at, 4);
            code.set(sum, sum.plus(old.xor(Value.of(0xffffffffL))).plus(fresh));
        }
    }

    /// Into 32 bits.
    void fold() {
        for (int i = 0; i < 2; i++) {
            code.set(sum, sum.and(0xffffffffL).plus(sum.shiftedRight(32)));
        }
    }
}
