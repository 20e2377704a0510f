package dev.fairlead.http.cache;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A body of which parts are kept, each in a body of its own (RFC 9111 §3.3). Its pieces are those of the parts, and
/// the gaps between them, of which nothing can be lent. Immutable. Any thread.
final class PartialBody implements Body {
    /// More are joined where they touch, or no more are taken.
    static final int PARTS_MAX = 64;

    private static final int PART_OVERHEAD = 120;

    /// What stands at `from` and behind it.
    private record Part(long from, Body body) {
        long to() {
            return from + body.size();
        }
    }

    /// `source`: null for a gap. Of a piece, `skipped` bytes are in a part before it already.
    private record Piece(@Nullable Body source, int piece, int skipped, int length) {}

    private final long size;
    private final List<Part> parts;
    private final List<Piece> pieces = new ArrayList<>();

    /// Of `size` bytes those of `body` are here, from there on. Uses the caller's hold.
    PartialBody(long size, long from, Body body) {
        this(size, List.of(new Part(from, body)));
    }

    private PartialBody(long size, List<Part> parts) {
        this.size = size;
        this.parts = parts;
        long at = 0;
        for (Part part : parts) {
            long from = part.from;
            for (int i = 0; i < part.body.count(); i++) {
                int length = part.body.length(i);
                int skipped = (int) Math.min(length, Math.max(0, at - from));
                if (from > at) {
                    pieces.add(new Piece(null, 0, 0, (int) (from - at)));
                }
                if (skipped < length) {
                    pieces.add(new Piece(part.body, i, skipped, length - skipped));
                    at = from + length;
                }
                from += length;
            }
        }
        if (at < size) {
            pieces.add(new Piece(null, 0, 0, (int) (size - at)));
        }
    }

    /// Whether all of `[from, to)` is here.
    boolean has(long from, long to) {
        long at = 0;
        for (Piece piece : pieces) {
            if (piece.source == null && at < to && at + piece.length > from) {
                return false;
            }
            at += piece.length;
        }
        return to <= at;
    }

    /// Where the first gap begins.
    long missingFrom() {
        long at = 0;
        for (Piece piece : pieces) {
            if (piece.source == null) {
                return at;
            }
            at += piece.length;
        }
        return at;
    }

    /// Where the last one ends.
    long missingTo() {
        long at = 0;
        long to = 0;
        for (Piece piece : pieces) {
            at += piece.length;
            to = piece.source == null ? at : to;
        }
        return to;
    }

    /// Bytes that are here.
    long held() {
        return pieces.stream()
                .filter(piece -> piece.source != null)
                .mapToLong(Piece::length)
                .sum();
    }

    /// The bytes `[from, to)`, which are here, and whose ends are those of parts or gaps.
    List<ByteBuffer> views(long from, long to) {
        List<ByteBuffer> views = new ArrayList<>();
        long at = 0;
        for (int i = 0; i < pieces.size(); i++) {
            if (at >= from && at < to) {
                views.add(view(i));
            }
            at += pieces.get(i).length;
        }
        return views;
    }

    /// With what another has of the same body; whole when nothing is missing then. Of what both have it is this one's
    /// that stays. The caller holds it, and has held both. Null when there is no room for it.
    @Nullable
    Body with(PartialBody other, Pages in) {
        List<Part> all = new ArrayList<>(parts);
        for (Part each : other.parts) {
            if (!has(each.from, each.to())) {
                all.removeIf(part -> part.from >= each.from && part.to() <= each.to());
                all.add(each);
            }
        }
        all.sort(Comparator.comparingLong(Part::from));
        var both = new PartialBody(size, List.copyOf(all));
        if (both.has(0, size)) {
            return Body.standing(both.views(0, size), in);
        }
        if (all.size() > PARTS_MAX) {
            return both.runs() > PARTS_MAX ? null : both.joined(in);
        }
        both.hold();
        return both;
    }

    /// How many parts it would have if those that touch were one.
    private int runs() {
        int runs = 0;
        boolean isRun = false;
        for (Piece piece : pieces) {
            boolean isThere = piece.source != null;
            runs += isThere && !isRun ? 1 : 0;
            isRun = isThere;
        }
        return runs;
    }

    /// With what touches in one part.
    private @Nullable Body joined(Pages in) {
        List<Part> all = new ArrayList<>();
        long at = 0;
        long from = 0;
        for (Piece piece : pieces) {
            if (piece.source == null) {
                if (at > from && !join(from, at, all, in)) {
                    return null;
                }
                from = at + piece.length;
            }
            at += piece.length;
        }
        if (at > from && !join(from, at, all, in)) {
            return null;
        }
        return new PartialBody(size, all);
    }

    private boolean join(long from, long to, List<Part> all, Pages in) {
        Body run = Body.standing(views(from, to), in);
        if (run == null) {
            all.forEach(part -> part.body.let());
            return false;
        }
        return all.add(new Part(from, run));
    }

    @Override
    public @Nullable Body compact(Pages in) {
        return tryHold() ? this : null;
    }

    @Override
    public void hold() {
        parts.forEach(part -> part.body.hold());
    }

    @Override
    public boolean tryHold() {
        for (int i = 0; i < parts.size(); i++) {
            if (!parts.get(i).body.tryHold()) {
                parts.subList(0, i).forEach(part -> part.body.let());
                return false;
            }
        }
        return true;
    }

    @Override
    public void let() {
        parts.forEach(part -> part.body.let());
    }

    @Override
    public int count() {
        return pieces.size();
    }

    @Override
    public int length(int piece) {
        return pieces.get(piece).length;
    }

    @Override
    public ByteBuffer view(int piece) {
        Piece one = pieces.get(piece);
        return source(one).view(one.piece).position(one.skipped).slice();
    }

    @Override
    public ByteBuf lend(int piece, int from, int to) {
        Piece one = pieces.get(piece);
        return source(one).lend(one.piece, one.skipped + from, one.skipped + to);
    }

    private static Body source(Piece piece) {
        if (piece.source == null) {
            throw new IllegalStateException("nothing of this is here");
        }
        return piece.source;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public long weight() {
        return parts.stream()
                .mapToLong(part -> PART_OVERHEAD + part.body.weight())
                .sum();
    }

    @Override
    public State state() {
        return State.PARTIAL;
    }
}
