package dev.fairlead.kernel.bpf;

import java.io.IOException;
import java.nio.ByteBuffer;

/// The maps of a program, and what is in them. Keys and values are direct buffers in native order: see
/// [KernelMap#buffer].
public interface Maps {
    /// Fills `value`; false when the key is not there. Of a map with a value for each processor, all of them.
    boolean get(MapSpec map, ByteBuffer key, ByteBuffer value);

    void put(MapSpec map, ByteBuffer key, ByteBuffer value) throws IOException;

    /// Puts `count` entries whose keys and values lie side by side, in one call. After an error some may be there.
    void putAll(MapSpec map, ByteBuffer keys, ByteBuffer values, int count) throws IOException;

    /// False when it was not there.
    boolean remove(MapSpec map, ByteBuffer key);

    /// Makes an array with these elements, one behind the other, and puts it into a map of maps: readers see the one
    /// that was there or this one, whole.
    void putArray(MapSpec outer, int index, MapSpec array, ByteBuffer rows) throws IOException;
}
