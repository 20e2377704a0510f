package dev.fairlead.http.cache;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A body that is kept in the [Pages]. Any thread.
final class PagedBody implements Body {
    /// How much of a region is one piece: what is sent in one go, and counted as taken by the client in one.
    static final int PIECE = 256 << 10;

    private final Region region;

    PagedBody(Region region) {
        this.region = region;
    }

    @Override
    public @Nullable Body compact(Pages in) {
        return tryHold() ? this : null;
    }

    @Override
    public void hold() {
        region.hold();
    }

    @Override
    public boolean tryHold() {
        return region.tryHold();
    }

    @Override
    public void let() {
        region.let();
    }

    @Override
    public int count() {
        return (region.size() + PIECE - 1) / PIECE;
    }

    @Override
    public int length(int piece) {
        return Math.min(PIECE, region.size() - piece * PIECE);
    }

    @Override
    public ByteBuffer view(int piece) {
        return region.view(piece * PIECE, piece * PIECE + length(piece));
    }

    @Override
    public ByteBuf lend(int piece, int from, int to) {
        return region.lend(piece * PIECE + from, piece * PIECE + to);
    }

    @Override
    public long size() {
        return region.size();
    }

    @Override
    public long weight() {
        return Pages.rounded(region.size());
    }

    @Override
    public State state() {
        return State.WHOLE;
    }
}
