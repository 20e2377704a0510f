package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.FileBytes;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/// Where in a file of the disk tier one body stands: `size` bytes from there on.
record Extent(StoredFile file, long from, int size) implements Place {
    /// Of the process; what the system keeps of the file it gives up when it wants to.
    private static final int WEIGHT = 1 << 10;

    @Override
    public long weight() {
        return WEIGHT;
    }

    @Override
    public Held owner() {
        return file;
    }

    @Override
    public ByteBuffer view(int at, int to) {
        return file.mapped().view(from + at, from + to);
    }

    @Override
    public ByteBuf lend(int at, int to) {
        file.hold();
        return new FileBytes(view(at, to), file.mapped().channel(), from + at, file);
    }
}
