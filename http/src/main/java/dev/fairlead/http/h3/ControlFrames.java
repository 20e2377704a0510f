package dev.fairlead.http.h3;

import dev.fairlead.http.h2.Priority;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http3.Http3UnknownFrame;
import io.netty.util.ReferenceCountUtil;

/// What comes on a client's control stream. The codec does what is to be done, but for priorities. Its loop only.
final class ControlFrames extends ChannelInboundHandlerAdapter {
    /// PRIORITY_UPDATE for a request (RFC 9218 §7.2): a client has thought better of it.
    private static final long PRIORITY_UPDATE = 0xF0700;
    /// The first two bits of a number say in how many bytes it comes (RFC 9000 §16).
    private static final int FIRST_BITS = 6;

    private final H3Connection connection;

    ControlFrames(H3Connection connection) {
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
        try {
            if (frame instanceof Http3UnknownFrame other && other.type() == PRIORITY_UPDATE) {
                connection.spend(Guard.Kind.PRIORITY);
                reprioritize(other.content());
            } else {
                connection.spend(Guard.Kind.CONTROL);
            }
        } finally {
            ReferenceCountUtil.release(frame);
        }
    }

    private void reprioritize(ByteBuf payload) {
        long stream = number(payload);
        if (stream < 0) {
            connection.giveUp(H3Error.FRAME_ERROR);
        } else if (stream % H3Connection.REQUEST_STEP != 0) {
            connection.giveUp(H3Error.ID_ERROR);
        } else {
            connection.reprioritize(stream, Priority.of(payload));
        }
    }

    /// -1: there is none.
    private static long number(ByteBuf in) {
        if (!in.isReadable()) {
            return -1;
        }
        int first = in.readUnsignedByte();
        int more = (1 << (first >> FIRST_BITS)) - 1;
        if (in.readableBytes() < more) {
            return -1;
        }
        long number = first & (1 << FIRST_BITS) - 1;
        for (int i = 0; i < more; i++) {
            number = number << Byte.SIZE | in.readUnsignedByte();
        }
        return number;
    }
}
