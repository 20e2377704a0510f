package dev.fairlead.http.forward;

import dev.fairlead.upstream.limit.ReplayRoom;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/// What was sent of a request's body, kept so that it can be sent again. It is copied: a piece of a few bytes would
/// hold the whole buffer that the socket was read into. This loop only; its owner ends it.
final class Replay {
    private static final int CAPACITY = 2048;

    private final ReplayRoom room;
    private @Nullable ByteBuf kept;
    private boolean lost;

    Replay(ReplayRoom room) {
        this.room = room;
    }

    /// Keeps the next piece, or loses all when there is no room for it.
    void peekPiece(ByteBuf piece) {
        if (lost) {
            return;
        }
        int size = piece.readableBytes();
        if (!room.tryTake(bytes(), size)) {
            lost = true;
            end();
            return;
        }
        ByteBuf into = kept;
        if (into == null) {
            into = PooledByteBufAllocator.DEFAULT.directBuffer(Math.max(CAPACITY, size));
            kept = into;
        }
        into.writeBytes(piece, piece.readerIndex(), size);
    }

    /// False once a piece could not be kept: the body cannot be sent again.
    boolean isWhole() {
        return !lost;
    }

    /// All that was sent, or null when that is nothing. The caller owns it.
    @Nullable
    ByteBuf copy() {
        return kept == null ? null : kept.copy();
    }

    void end() {
        ByteBuf all = kept;
        if (all != null) {
            kept = null;
            room.giveBack(all.readableBytes());
            all.release();
        }
    }

    private int bytes() {
        return kept == null ? 0 : kept.readableBytes();
    }
}
