package dev.fairlead.http.cache;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The body of one fill as it comes, with the room that is taken for it; and what is kept already and is asked for
/// again, or of which the missing comes. The fill's loop only.
final class Filling {
    private final GrowingBody body = new GrowingBody();
    private final Claim claim;
    private @Nullable Entry stale;
    /// Of the stale one: what comes lies between these.
    private @Nullable PartialBody before;

    /// `stale`, whose body is held for this, is null when there is nothing.
    Filling(Claim claim, @Nullable Entry stale) {
        this.claim = claim;
        this.stale = stale;
    }

    /// Null when there is none, or it is let go.
    @Nullable
    Entry stale() {
        return stale;
    }

    static byte[] piece(ByteBuf data) {
        byte[] piece = new byte[data.readableBytes()];
        data.readBytes(piece);
        data.release();
        return piece;
    }

    GrowingBody body() {
        return body;
    }

    /// What comes now lies between these parts. False when there is no room.
    boolean tryContinue(PartialBody parts) {
        if (!claim.tryMore(parts.held())) {
            return false;
        }
        before = parts;
        copy(parts.views(0, parts.missingFrom()));
        return true;
    }

    private void copy(List<ByteBuffer> views) {
        for (ByteBuffer view : views) {
            byte[] piece = new byte[view.remaining()];
            view.get(piece);
            body.append(piece);
        }
    }

    /// Whether so much more has room before the next part, where there is one: no client is to get more than its head
    /// says. False: the body is broken.
    boolean fits(int bytes) {
        boolean isTooMuch = before != null && body.size() + bytes > before.missingTo();
        if (isTooMuch) {
            body.end(Body.State.BROKEN);
        }
        return !isTooMuch;
    }

    /// Whether so much more may be kept, of at most `bytesMax` bytes in all.
    boolean tryMore(int bytes, long bytesMax) {
        return body.size() + bytes <= bytesMax && claim.tryMore(bytes);
    }

    /// No more comes, and that is the end of it. False: it is not where the next part begins.
    boolean tryEnd() {
        PartialBody parts = before;
        if (parts != null) {
            if (body.size() != parts.missingTo()) {
                body.end(Body.State.BROKEN);
                return false;
            }
            copy(parts.views(parts.missingTo(), parts.size()));
        }
        body.end(Body.State.WHOLE);
        return true;
    }

    void letGo() {
        claim.giveBack();
        Entry held = stale;
        stale = null;
        if (held != null) {
            held.body().let();
        }
    }
}
