package dev.fairlead.kernel.bpf;

import java.nio.ByteBuffer;

/// Memory that a map is looked at through, piece by piece; the next look, also at another map, uses it again. It is
/// outside of the heap, where only the collector would give it back, and a process that has little to do collects
/// seldom. One thread.
public final class Window {
    private ByteBuffer cursor = KernelMap.buffer(0);
    private ByteBuffer keys = KernelMap.buffer(0);
    private ByteBuffer values = KernelMap.buffer(0);

    /// Has room for so many entries of such a map.
    void fit(MapSpec map, int count) {
        cursor = atLeast(Math.max(4, map.keyBytes()), cursor);
        keys = atLeast(count * map.keyBytes(), keys);
        values = atLeast(count * map.valueBytes(), values);
    }

    private static ByteBuffer atLeast(int bytes, ByteBuffer there) {
        return there.capacity() >= bytes ? there : KernelMap.buffer(bytes);
    }

    ByteBuffer cursor() {
        return cursor;
    }

    ByteBuffer keys() {
        return keys;
    }

    ByteBuffer values() {
        return values;
    }
}
