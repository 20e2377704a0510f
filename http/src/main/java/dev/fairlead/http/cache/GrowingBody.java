package dev.fairlead.http.cache;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A body in the heap, as it comes. The loop that fills it appends; any loop reads what is there, and is told by the
/// fill when there is more.
final class GrowingBody implements Body {
    private byte[][] pieces = new byte[4][];
    /// Published last: what is before it can be seen by whoever has read it.
    private volatile int count;

    private volatile long size;
    private volatile State state = State.GROWING;

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

    /// Nobody reads the pieces before this one any more.
    void forget(int before) {
        for (int i = before - 1; i >= 0 && pieces[i].length > 0; i--) {
            pieces[i] = new byte[0];
        }
    }

    /// Bytes of the pieces from this one on.
    long size(int from) {
        long all = 0;
        for (int i = from; i < count; i++) {
            all += pieces[i].length;
        }
        return all;
    }

    @Override
    public @Nullable Body compact(Pages in) {
        boolean isOne = count <= 1 && state == State.WHOLE && (size < SMALL || !in.isAvailable());
        return isOne ? this : Body.standing(views(), in);
    }

    private List<ByteBuffer> views() {
        return IntStream.range(0, count).mapToObj(this::view).toList();
    }

    @Override
    public void hold() {}

    @Override
    public boolean tryHold() {
        return true;
    }

    @Override
    public void let() {}

    @Override
    public int count() {
        return count;
    }

    @Override
    public int length(int piece) {
        return pieces[piece].length;
    }

    @Override
    public ByteBuffer view(int piece) {
        return ByteBuffer.wrap(pieces[piece]);
    }

    @Override
    public ByteBuf lend(int piece, int from, int to) {
        return Unpooled.wrappedBuffer(pieces[piece], from, to - from);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public long weight() {
        return size;
    }

    @Override
    public State state() {
        return state;
    }
}
