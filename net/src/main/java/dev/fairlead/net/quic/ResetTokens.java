package dev.fairlead.net.quic;

import io.netty.handler.codec.quic.QuicResetTokenGenerator;
import java.nio.ByteBuffer;

/// By which a client believes that its connection is gone (RFC 9000 §10.3): each id that it may use comes with a
/// token, which whoever has the key can make again from the id alone. The same on all loops; any thread.
record ResetTokens(Mark mark) implements QuicResetTokenGenerator {
    static final int LENGTH = 16;

    static ResetTokens of(byte[] key) {
        return new ResetTokens(new Mark(key, "reset", LENGTH));
    }

    byte[] token(ByteBuffer id) {
        return mark.of(id);
    }

    @Override
    public ByteBuffer newResetToken(ByteBuffer id) {
        return ByteBuffer.wrap(token(id));
    }
}
