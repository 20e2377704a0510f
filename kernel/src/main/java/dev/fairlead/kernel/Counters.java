package dev.fairlead.kernel;

import static dev.fairlead.kernel.bpf.Code.entry;

import dev.fairlead.kernel.bpf.Base.Pointer;
import dev.fairlead.kernel.bpf.Code;
import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.Layout;
import dev.fairlead.kernel.bpf.MapSpec;
import dev.fairlead.kernel.bpf.Maps;
import dev.fairlead.kernel.bpf.Value;
import dev.fairlead.kernel.bpf.Value.Place;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/// Numbers that each processor counts for itself, for many that are counted. Several of these share an element of the
/// map: Linux makes room in every processor's memory for one element after the other, and a start waits for that.
record Counters(MapSpec map, Layout each) {
    private static final int ROW_BITS = 6;
    private static final int PER_ROW = 1 << ROW_BITS;

    /// For numbers below `count`, each of which has such a structure.
    static Counters of(String name, Layout each, int count) {
        Layout row = each.inRow("row", PER_ROW);
        return new Counters(MapSpec.perCpu(name, row, (count + PER_ROW - 1) / PER_ROW), each);
    }

    /// Writes what is done with the structure of a number.
    void with(Code code, Place number, Consumer<Pointer> body) {
        code.within(() -> {
            Place row = code.number("row");
            code.set(row, number.shiftedRight(ROW_BITS));
            Pointer found = code.pointer("counters");
            code.set(found, entry(map, Translation.address(row)));
            code.when(found.isThere(), () -> {
                Value offset = number.and(PER_ROW - 1).times(Value.of(each.size()));
                code.set(found, found.address().plus(offset));
                body.accept(found);
            });
        });
    }

    /// Adds `amount` to one of them.
    static void add(Code code, Place counter, Value amount) {
        code.set(counter, counter.plus(amount));
    }

    /// Reads, in one call of Linux for all numbers that lie together and are asked for in order.
    final class Reader {
        private final Maps maps;
        private final ByteBuffer key = KernelMap.buffer(4);
        private final ByteBuffer rows;
        private int row = -1;

        Reader(Maps maps, ByteBuffer rows) {
            this.maps = maps;
            this.rows = rows;
        }

        /// Forgets what was read: what is asked for next is read anew.
        void refresh() {
            row = -1;
        }

        /// What all processors have counted together.
        long sum(int number, Field counter) {
            if (row != number / PER_ROW) {
                row = number / PER_ROW;
                maps.get(map, key.putInt(0, row), rows);
            }
            long sum = 0;
            int at = number % PER_ROW * each.size() + counter.offset();
            for (; at < rows.capacity(); at += map.valueBytes()) {
                sum += rows.getLong(at);
            }
            return sum;
        }
    }

    /// A look at what is counted at this moment.
    Reader read(Maps maps, ByteBuffer rows) {
        return new Reader(maps, rows);
    }
}
