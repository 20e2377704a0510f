package dev.fairlead.http.h3;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;

/// Knows where the frames of a request end, for the codec does not look when its stream does: what was cut off would
/// be taken for a whole request. Before the codec; only looks at what goes by. Its loop only.
final class FrameEnds extends ChannelInboundHandlerAdapter {
    /// The first two bits of a number say in how many bytes it comes (RFC 9000 §16).
    private static final int FIRST_BITS = 6;

    private enum Part {
        TYPE,
        LENGTH,
        PAYLOAD
    }

    // immutable
    private final H3Stream stream;

    // this loop only
    private Part part = Part.TYPE;
    /// Of the number that has begun.
    private int missingBytes;
    /// As far as it has come; then what of the payload is to come.
    private long length;

    FrameEnds(H3Stream stream) {
        this.stream = stream;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes) {
            peek(bytes);
        }
        context.fireChannelRead(message);
    }

    private void peek(ByteBuf bytes) {
        int at = bytes.readerIndex();
        while (at < bytes.writerIndex()) {
            if (part == Part.PAYLOAD) {
                int here = (int) Math.min(length, bytes.writerIndex() - at);
                at += here;
                length -= here;
                if (length == 0) {
                    part = Part.TYPE;
                }
            } else {
                number(bytes.getUnsignedByte(at));
                at++;
            }
        }
    }

    private void number(int next) {
        if (missingBytes == 0) {
            missingBytes = (1 << (next >> FIRST_BITS)) - 1;
            length = next & (1 << FIRST_BITS) - 1;
        } else {
            missingBytes--;
            length = length << Byte.SIZE | next;
        }
        if (missingBytes == 0) {
            if (part == Part.TYPE) {
                part = Part.LENGTH;
            } else {
                part = length == 0 ? Part.TYPE : Part.PAYLOAD;
            }
        }
    }

    private boolean isWithinOne() {
        return part != Part.TYPE || missingBytes > 0;
    }

    /// The stream's end may be known already, and the request begin for it.
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (isWithinOne() && stream.isInputOver()) {
            stream.cutWithinFrame();
        } else {
            context.fireChannelReadComplete();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent && isWithinOne()) {
            stream.cutWithinFrame();
        } else {
            context.fireUserEventTriggered(event);
        }
    }
}
