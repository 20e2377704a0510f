package dev.fairlead.http.cache;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The bytes of a response while they come and afterwards, in pieces. Any loop reads what is there.
///
/// What is kept of it, and is not small, is outside of the heap: such a body is used by whoever holds it only, and for
/// the others [#hold] and [#let] do nothing.
sealed interface Body permits GrowingBody, StandingBody, PartialBody {
    enum State {
        GROWING,
        WHOLE,
        /// It will not be whole.
        BROKEN,
        /// Parts of it are here, and no more of it comes.
        PARTIAL
    }

    /// What is smaller stays in the heap: it is sent in one buffer with its head, or copied faster than the kernel is
    /// asked once more, and of pages it would waste a third.
    int SMALL = 8 << 10;

    /// One that is whole, in the heap.
    static Body of(byte[] all) {
        var body = new GrowingBody();
        if (all.length > 0) {
            body.append(all);
        }
        body.end(State.WHOLE);
        return body;
    }

    /// One that is whole as it is kept: in these pages, if it is not small, or else in one array, for many small ones
    /// would weigh more. The caller holds it. Null when there is no room.
    static @Nullable Body standing(List<ByteBuffer> pieces, Pages in) {
        int size = pieces.stream().mapToInt(ByteBuffer::remaining).sum();
        if (size < SMALL || !in.isAvailable()) {
            ByteBuffer all = ByteBuffer.allocate(size);
            pieces.forEach(all::put);
            return of(all.array());
        }
        Region taken = in.take(size);
        if (taken == null) {
            return null;
        }
        ByteBuffer to = taken.view(0, size);
        pieces.forEach(to::put);
        return new StandingBody(taken);
    }

    /// The same as it is kept, see [#standing].
    @Nullable
    Body compact(Pages in);

    // ---- who uses it ----

    /// For one more user, by one who holds it.
    void hold();

    /// For one who does not hold it yet. False: it is gone.
    boolean tryHold();

    void let();

    // ---- what is there ----

    int count();

    int length(int piece);

    /// The bytes of a piece, for one who holds the body.
    ByteBuffer view(int piece);

    /// The bytes `[from, to)` of a piece, for as long as the buffer is not released.
    ByteBuf lend(int piece, int from, int to);

    /// How long it is; while it grows, so far.
    long size();

    /// What it takes of memory.
    long weight();

    State state();
}
