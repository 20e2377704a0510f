package dev.fairlead.kernel.bpf;

import dev.fairlead.sys.Bpf;
import dev.fairlead.sys.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A map that is there. Keys and values are direct buffers in native order, made by [#key] and [#value]. Any thread.
public final class KernelMap implements AutoCloseable {
    private final MapSpec spec;
    private final int descriptor;

    private KernelMap(MapSpec spec, int descriptor) {
        this.spec = spec;
        this.descriptor = descriptor;
    }

    public static KernelMap create(MapSpec spec) throws IOException {
        MapSpec inner = spec.inner();
        if (inner == null) {
            return create(spec, -1);
        }
        try (KernelMap like = create(inner)) {
            return create(spec, like.descriptor);
        }
    }

    private static KernelMap create(MapSpec spec, int inner) throws IOException {
        int descriptor = Bpf.createMap(
                spec.name(),
                spec.kind().type(),
                spec.keyBytes(),
                spec.valueBytes(),
                spec.entries(),
                spec.kind().flags(),
                inner);
        if (descriptor < 0) {
            throw new IOException("Linux made no map " + spec.name() + ": " + Errno.text(descriptor));
        }
        return new KernelMap(spec, descriptor);
    }

    /// A map that is there already; the caller knows that it is like this.
    static KernelMap of(MapSpec spec, int descriptor) {
        return new KernelMap(spec, descriptor);
    }

    int descriptor() {
        return descriptor;
    }

    public ByteBuffer key() {
        return buffer(spec.keyBytes());
    }

    public ByteBuffer value() {
        int copies = spec.kind() == MapSpec.Kind.PER_CPU_ARRAY ? Processors.possible() : 1;
        return buffer(spec.valueBytes() * copies);
    }

    /// Room for `bytes`, as maps want it.
    public static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /// Fills `value`; false when the key is not there.
    public boolean get(ByteBuffer key, ByteBuffer value) {
        return Bpf.lookup(descriptor, key, value) == 0;
    }

    public void put(ByteBuffer key, ByteBuffer value) throws IOException {
        int result = Bpf.update(descriptor, key, value, Bpf.ANY);
        if (result < 0) {
            throw new IOException("Linux took nothing for map " + spec.name() + ": " + Errno.text(result));
        }
    }

    /// Puts a map into a map of maps: readers see the one that was there or this one, whole.
    public void put(int index, KernelMap inner) throws IOException {
        put(index(index), buffer(4).putInt(0, inner.descriptor));
    }

    /// Of an array: all its values, one behind the other, in one call.
    void fill(ByteBuffer values) throws IOException {
        ByteBuffer keys = buffer(4 * spec.entries());
        for (int i = 0; i < spec.entries(); i++) {
            keys.putInt(4 * i, i);
        }
        putAll(keys, values, spec.entries());
    }

    /// Entries whose keys and values lie side by side, in one call.
    void putAll(ByteBuffer keys, ByteBuffer values, int count) throws IOException {
        int result = count == 0 ? 0 : Bpf.updateBatch(descriptor, keys, values, count);
        if (result < 0) {
            throw new IOException("Linux filled no map " + spec.name() + ": " + Errno.text(result));
        }
    }

    private static ByteBuffer index(int index) {
        return buffer(4).putInt(0, index);
    }

    /// As the other does, for who looks once.
    public void each(int count, Piece piece) throws IOException {
        each(new Window(), count, piece);
    }

    /// Shows every entry in pieces of up to `count`, which is at least 1024; one that is put or removed meanwhile
    /// may be shown or not, or twice.
    public void each(Window through, int count, Piece piece) throws IOException {
        through.fit(spec, count);
        ByteBuffer keys = through.keys();
        ByteBuffer values = through.values();
        boolean isFirst = true;
        Bpf.Batch batch;
        do {
            batch = Bpf.lookupBatch(descriptor, isFirst, through.cursor(), keys, values, count);
            if (batch.count() < 0) {
                throw new IOException("Linux did not show map " + spec.name() + ": " + Errno.text(batch.count()));
            }
            piece.show(keys, values, batch.count());
            isFirst = false;
        } while (!batch.isLast());
    }

    /// Sees entries side by side in two buffers, which are used again after it.
    @FunctionalInterface
    public interface Piece {
        void show(ByteBuffer keys, ByteBuffer values, int count);
    }

    /// False when it was not there.
    public boolean remove(ByteBuffer key) {
        return Bpf.delete(descriptor, key) == 0;
    }

    /// Closes the descriptor; the map is gone once no program and no pin holds it.
    @Override
    public void close() {
        Bpf.close(descriptor);
    }
}
