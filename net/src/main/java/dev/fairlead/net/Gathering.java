package dev.fairlead.net;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// The first bytes of a connection, gathered until there are enough to tell what it is: one buffer, however small
/// the pieces are that they come in. It owns the buffer until that is [#take]n or [#release]d.
public final class Gathering {
    private @Nullable ByteBuf held;

    /// Takes the bytes. All so far are in what it returns, and still owned by it.
    public ByteBuf add(ByteBuf more) {
        ByteBuf before = held;
        if (before == null) {
            held = more;
            return more;
        }
        before.writeBytes(more);
        more.release();
        return before;
    }

    /// All bytes; null: there are none.
    public @Nullable ByteBuf take() {
        ByteBuf taken = held;
        held = null;
        return taken;
    }

    public void release() {
        ByteBuf taken = take();
        if (taken != null) {
            taken.release();
        }
    }
}
