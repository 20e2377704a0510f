package dev.fairlead.net.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/// The ids of the connections of one acceptor on one loop (RFC 9000 §5.1): the loop's number, by which a packet finds
/// home; that of the process, by which it is known whether the connection could live here at all; the acceptor's; and
/// chance.
final class ConnectionIds implements QuicConnectionIdGenerator {
    static final int LENGTH = 20;

    private static final int LOOP_BYTES = 2;
    /// The process, and then the acceptor.
    private static final int OWNER_BYTES = Long.BYTES;
    private static final int CHANCE_BYTES = LENGTH - LOOP_BYTES - OWNER_BYTES;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final int loop;
    private final long owner;
    private final @Nullable FirstToken first;

    /// `first` is told the id of each connection before that begins; null: nobody is.
    ConnectionIds(int loop, long owner, @Nullable FirstToken first) {
        this.loop = loop;
        this.owner = owner;
        this.first = first;
    }

    /// Of an acceptor of this process that gives out ids from now on: the process, and which of its acceptors.
    static long newOwner(int process) {
        return (long) process << Integer.SIZE | Integer.toUnsignedLong(RANDOM.nextInt());
    }

    /// The codec for which it makes ids.
    void with(ChannelHandler codec) {
        if (first != null) {
            first.of(codec);
        }
    }

    /// Which process gave out the id that begins there.
    static int process(ByteBuf bytes, int at) {
        return bytes.getInt(at + LOOP_BYTES);
    }

    @Override
    public ByteBuffer newId(ByteBuffer source, ByteBuffer destination, int length) {
        ByteBuffer id = newId(length);
        beginning(id.duplicate());
        return id;
    }

    /// A client brings the id back with which it was told to come again. False: it is none of ours. One of another
    /// acceptor may be that of a connection which lives there, and would get the client the token of its stateless
    /// reset.
    boolean begins(ByteBuf id) {
        int at = id.readerIndex();
        if (id.readableBytes() != LENGTH || id.getUnsignedShort(at) != loop || id.getLong(at + LOOP_BYTES) != owner) {
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
                .putLong(owner)
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
