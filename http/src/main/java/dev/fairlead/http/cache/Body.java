package dev.fairlead.http.cache;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The bytes of a response while they come and afterwards, in pieces. The loop that fills it appends; any loop reads
/// what is there, and is told by the fill when there is more.
///
/// What comes is in the heap. What is kept of it, and is not small, is in the [Pages]: such a body is used by whoever
/// holds it only, and for the others [#hold] and [#let] do nothing.
final class Body {
    enum State {
        GROWING,
        WHOLE,
        /// It will not be whole.
        BROKEN
    }

    /// What is smaller stays in the heap: it is sent in one buffer with its head, or copied faster than the kernel is
    /// asked once more, and of pages it would waste a third.
    static final int SMALL = 8 << 10;

    /// How much of a region is one piece: what is sent in one go, and counted as taken by the client in one.
    private static final int PIECE = 256 << 10;

    private final @Nullable Region region;
    private byte[][] pieces = new byte[4][];
    /// Published last: what is before it can be seen by whoever has read it.
    private volatile int count;

    private volatile long size;
    private volatile State state = State.GROWING;

    Body() {
        this.region = null;
    }

    private Body(Region region) {
        this.region = region;
        this.size = region.size();
        this.count = (region.size() + PIECE - 1) / PIECE;
        this.state = State.WHOLE;
    }

    static Body of(byte[] all) {
        var body = new Body();
        if (all.length > 0) {
            body.append(all);
        }
        body.state = State.WHOLE;
        return body;
    }

    void append(byte[] piece) {
        int at = count;
        byte[][] all = pieces;
        if (at == all.length) {
            all = Arrays.copyOf(all, at * 2);
            pieces = all;
        }
        all[at] = piece;
        long before = size;
        size = before + piece.length;
        count = at + 1;
    }

    void end(State how) {
        state = how;
    }

    /// One that is whole as it is kept: in these pages, if it is not small, or else in one array, for many small ones
    /// would weigh more. The caller holds it. Null when there is no room.
    @Nullable
    Body compact(Pages in) {
        if (region != null) {
            return tryHold() ? this : null;
        }
        if (size < SMALL || !in.isAvailable()) {
            return count <= 1 ? this : of(joined());
        }
        Region taken = in.take((int) size);
        if (taken == null) {
            return null;
        }
        ByteBuffer to = taken.view(0, taken.size());
        for (int i = 0; i < count; i++) {
            to.put(pieces[i]);
        }
        return new Body(taken);
    }

    private byte[] joined() {
        byte[] all = new byte[(int) size];
        int at = 0;
        for (int i = 0; i < count; i++) {
            System.arraycopy(pieces[i], 0, all, at, pieces[i].length);
            at += pieces[i].length;
        }
        return all;
    }

    // ---- who uses it ----

    /// For one more user, by one who holds it.
    void hold() {
        if (region != null) {
            region.hold();
        }
    }

    /// For one who does not hold it yet. False: it is gone.
    boolean tryHold() {
        return region == null || region.tryHold();
    }

    void let() {
        if (region != null) {
            region.let();
        }
    }

    // ---- what is there ----

    /// Nobody reads the pieces before this one any more.
    void forget(int before) {
        for (int i = before - 1; i >= 0 && pieces[i].length > 0; i--) {
            pieces[i] = new byte[0];
        }
    }

    int count() {
        return count;
    }

    int length(int piece) {
        return region == null ? pieces[piece].length : Math.min(PIECE, region.size() - piece * PIECE);
    }

    /// The bytes of a piece, for one who holds the body.
    ByteBuffer view(int piece) {
        return region == null
                ? ByteBuffer.wrap(pieces[piece])
                : region.view(piece * PIECE, piece * PIECE + length(piece));
    }

    /// The bytes `[from, to)` of a piece, for as long as the buffer is not released.
    ByteBuf lend(int piece, int from, int to) {
        return region == null
                ? Unpooled.wrappedBuffer(pieces[piece], from, to - from)
                : region.lend(piece * PIECE + from, piece * PIECE + to);
    }

    long size() {
        return size;
    }

    /// What it takes of memory.
    long weight() {
        return region == null ? size : Pages.rounded(size);
    }

    /// Bytes of the pieces from this one on.
    long size(int from) {
        long all = 0;
        for (int i = from; i < count; i++) {
            all += length(i);
        }
        return all;
    }

    State state() {
        return state;
    }
}
