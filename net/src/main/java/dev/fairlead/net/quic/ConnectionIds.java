package dev.fairlead.net.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/// The ids of the connections of one loop (RFC 9000 §5.1): the loop's number, by which a packet finds home; a number of
/// whoever gave the id out, by which it is known whether the connection could be one of ours at all; and chance.
final class ConnectionIds implements QuicConnectionIdGenerator {
    static final int LENGTH = 20;

    private static final int LOOP_BYTES = 2;
    private static final int OWNER_BYTES = 4;
    private static final int CHANCE_BYTES = LENGTH - LOOP_BYTES - OWNER_BYTES;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final int loop;
    private final int owner;
    private final @Nullable FirstToken first;

    /// `first` is told the id of each connection before that begins; null: nobody is.
    ConnectionIds(int loop, int owner, @Nullable FirstToken first) {
        this.loop = loop;
        this.owner = owner;
        this.first = first;
    }

    /// Of somebody who gives out ids from now on: of another process, or of another listener, than before.
    static int newOwner() {
        return RANDOM.nextInt();
    }

    /// The codec for which it makes ids.
    void with(ChannelHandler codec) {
        if (first != null) {
            first.of(codec);
        }
    }

    /// Who gave out the id that begins there.
    static int owner(ByteBuf bytes, int at) {
        return bytes.getInt(at + LOOP_BYTES);
    }

    @Override
    public ByteBuffer newId(ByteBuffer source, ByteBuffer destination, int length) {
        ByteBuffer id = newId(length);
        beginning(id.duplicate());
        return id;
    }

    /// A client brings the id back with which it was told to come again. False: it is none of ours.
    boolean begins(ByteBuf id) {
        int at = id.readerIndex();
        if (id.readableBytes() != LENGTH || id.getUnsignedShort(at) != loop || owner(id, at) != owner) {
            return false;
        }
        byte[] copy = new byte[LENGTH];
        id.getBytes(at, copy);
        beginning(ByteBuffer.wrap(copy));
        return true;
    }

    private void beginning(ByteBuffer id) {
        if (first != null) {
            first.of(id);
        }
    }

    @Override
    public ByteBuffer newId(ByteBuffer input, int length) {
        return newId(length);
    }

    @Override
    public ByteBuffer newId(int length) {
        assert length == LENGTH : length;
        byte[] chance = new byte[CHANCE_BYTES];
        RANDOM.nextBytes(chance);
        return ByteBuffer.allocate(LENGTH)
                .putShort((short) loop)
                .putInt(owner)
                .put(chance)
                .flip();
    }

    @Override
    public int maxConnectionIdLength() {
        return LENGTH;
    }

    @Override
    public boolean isIdempotent() {
        return false;
    }
}
