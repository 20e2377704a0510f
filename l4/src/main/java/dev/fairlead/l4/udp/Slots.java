package dev.fairlead.l4.udp;

import dev.fairlead.sys.DatagramBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;

/// A batch of datagrams with the memory it lies in, of which only those pages count that datagrams have reached. One
/// loop only.
final class Slots {
    static final int COUNT = 32;

    private static final int BYTES = COUNT * DatagramBatch.SLOT_BYTES;

    private final ByteBuf memory = PooledByteBufAllocator.DEFAULT.directBuffer(BYTES, BYTES);
    private final DatagramBatch batch = new DatagramBatch(memory.nioBuffer(0, BYTES));
    private final ByteBuf[] views = new ByteBuf[COUNT];
    private final int[] lengths = new int[COUNT];
    private final int[] segments = new int[COUNT];

    Slots() {
        for (int i = 0; i < COUNT; i++) {
            views[i] =
                    Unpooled.unreleasableBuffer(memory.slice(i * DatagramBatch.SLOT_BYTES, DatagramBatch.SLOT_BYTES));
        }
    }

    DatagramBatch batch() {
        return batch;
    }

    /// Part of a slot's content. It need not be released, and is good until the slot is used again.
    ByteBuf view(int slot, int offset, int length) {
        return views[slot].setIndex(offset, offset + length);
    }

    /// The content of the slot is to go out whole.
    void prepare(int slot, int length, int segment) {
        lengths[slot] = length;
        segments[slot] = segment;
        batch.prepare(slot, 0, length, segment);
    }

    int length(int slot) {
        return lengths[slot];
    }

    int segment(int slot) {
        return segments[slot];
    }

    void release() {
        memory.release();
    }
}
