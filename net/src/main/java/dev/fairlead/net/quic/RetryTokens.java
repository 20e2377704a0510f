package dev.fairlead.net.quic;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/// What a client brings back to show that it is where it says it is (Retry, RFC 9000 §8.1.2): a time, the id that
/// it chose at first, and a mark over these and its address that nobody else can make. The same on all loops; any
/// thread.
final class RetryTokens implements QuicTokenHandler {
    /// Longer than a round trip and a lost packet. A token that was overheard is of use for no longer.
    private static final long LIFE_NANOS = 10_000_000_000L;
    private static final int MARK_BYTES = 16;
    private static final int HEAD_BYTES = MARK_BYTES + Long.BYTES;

    private final Mark mark;
    private final BooleanSupplier isAsked;

    /// `isAsked`: whether tokens are asked for now.
    RetryTokens(BooleanSupplier isAsked) {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        this.mark = new Mark(secret, "retry", MARK_BYTES);
        this.isAsked = isAsked;
    }

    /// False: the client need not show anything.
    @Override
    public boolean writeToken(ByteBuf out, ByteBuf firstId, InetSocketAddress client) {
        if (!isAsked.getAsBoolean()) {
            return false;
        }
        long now = System.nanoTime();
        byte[] id = bytes(firstId);
        out.writeBytes(of(now, client, id)).writeLong(now).writeBytes(id);
        return true;
    }

    /// Where the id is in it; -1: it is none of ours, or too old.
    @Override
    public int validateToken(ByteBuf token, InetSocketAddress client) {
        if (token.readableBytes() <= HEAD_BYTES) {
            return -1;
        }
        byte[] shown = bytes(token);
        long then = ByteBuffer.wrap(shown).getLong(MARK_BYTES);
        byte[] id = Arrays.copyOfRange(shown, HEAD_BYTES, shown.length);
        boolean isOurs = MessageDigest.isEqual(of(then, client, id), Arrays.copyOf(shown, MARK_BYTES));
        return isOurs && System.nanoTime() - then <= LIFE_NANOS ? HEAD_BYTES : -1;
    }

    /// As the codec of one loop asks for them. What a client brings back with the token is the id that it was told to
    /// bring, and its connection's from then on: another's would get it that one's token of stateless reset.
    QuicTokenHandler on(ConnectionIds ids) {
        return new OnLoop(ids);
    }

    private final class OnLoop implements QuicTokenHandler {
        private final ConnectionIds ids;

        OnLoop(ConnectionIds ids) {
            this.ids = ids;
        }

        @Override
        public boolean writeToken(ByteBuf out, ByteBuf firstId, InetSocketAddress client) {
            return RetryTokens.this.writeToken(out, firstId, client);
        }

        @Override
        public TokenValidationResult validateToken(ByteBuf token, InetSocketAddress client, ByteBuf id) {
            int at = validateToken(token, client);
            return at < 0 || !ids.begins(id)
                    ? TokenValidationResult.invalidToken()
                    : TokenValidationResult.odcidFromToken(at);
        }

        @Override
        public int validateToken(ByteBuf token, InetSocketAddress client) {
            return RetryTokens.this.validateToken(token, client);
        }

        @Override
        public int maxTokenLength() {
            return RetryTokens.this.maxTokenLength();
        }
    }

    private byte[] of(long nanos, InetSocketAddress client, byte[] id) {
        byte[] address = client.getAddress().getAddress();
        return mark.of(ByteBuffer.allocate(Long.BYTES + Short.BYTES + address.length + id.length)
                .putLong(nanos)
                .putShort((short) client.getPort())
                .put(address)
                .put(id)
                .flip());
    }

    private static byte[] bytes(ByteBuf from) {
        byte[] bytes = new byte[from.readableBytes()];
        from.getBytes(from.readerIndex(), bytes);
        return bytes;
    }

    @Override
    public int maxTokenLength() {
        return HEAD_BYTES + Quic.MAX_CONN_ID_LEN;
    }
}
