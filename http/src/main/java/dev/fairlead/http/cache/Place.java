package dev.fairlead.http.cache;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/// Where one body stands that is kept outside of the heap. Any thread.
sealed interface Place permits Region, Extent {
    int size();

    /// What it takes of memory.
    long weight();

    /// What it is a part of.
    Held owner();

    /// The bytes `[at, to)`, for one who holds it and as long as he does.
    ByteBuffer view(int at, int to);

    /// The same as a buffer that holds it itself.
    ByteBuf lend(int at, int to);
}
