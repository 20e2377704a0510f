package dev.fairlead.http.cache;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A body that is kept outside of the heap. Any thread.
record StandingBody(Place place) implements Body {
    /// How much of it is one piece: what is sent in one go, and counted as taken by the client in one.
    private static final int PIECE = 256 << 10;

    @Override
    public @Nullable Body compact(Pages in) {
        return tryHold() ? this : null;
    }

    @Override
    public void hold() {
        place.owner().hold();
    }

    @Override
    public boolean tryHold() {
        return place.owner().tryHold();
    }

    @Override
    public void let() {
        place.owner().let();
    }

    @Override
    public int count() {
        return (place.size() + PIECE - 1) / PIECE;
    }

    @Override
    public int length(int piece) {
        return Math.min(PIECE, place.size() - piece * PIECE);
    }

    @Override
    public ByteBuffer view(int piece) {
        return place.view(piece * PIECE, piece * PIECE + length(piece));
    }

    @Override
    public ByteBuf lend(int piece, int from, int to) {
        return place.lend(piece * PIECE + from, piece * PIECE + to);
    }

    @Override
    public long size() {
        return place.size();
    }

    @Override
    public long weight() {
        return place.weight();
    }

    @Override
    public State state() {
        return State.WHOLE;
    }
}
