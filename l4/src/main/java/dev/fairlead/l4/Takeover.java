package dev.fairlead.l4;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import org.jspecify.annotations.Nullable;

/// The handler of a channel while it is taken off its loop, which is done a moment after it was asked for: it gathers
/// what is read meanwhile. Reading is off, but what a peer sent before it closed its half comes all the same.
/// This loop only.
final class Takeover extends ChannelInboundHandlerAdapter {
    private final EpollSocketChannel channel;
    private final Side side;
    private @Nullable ByteBuf read;
    private boolean over;

    Takeover(EpollSocketChannel channel, Side side) {
        this.channel = channel;
        this.side = side;
    }

    /// `before` was read already.
    void begin(@Nullable ByteBuf before) {
        if (before != null) {
            gather(before);
        }
        channel.config().setAutoRead(false);
        channel.pipeline().addLast(this);
        channel.deregister();
    }

    /// The relay ends, and nobody wants what was read.
    void end() {
        over = true;
        ByteBuf unwanted = taken();
        if (unwanted != null) {
            unwanted.release();
        }
    }

    /// What was read, in one piece of native memory, which is what the system's calls take. The caller owns it.
    @Nullable
    ByteBuf taken() {
        ByteBuf all = read;
        read = null;
        return all;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        gather((ByteBuf) message);
    }

    private void gather(ByteBuf buffer) {
        if (over) {
            buffer.release();
            return;
        }
        ByteBuf before = read;
        if (before == null && buffer.isDirect() && buffer.nioBufferCount() == 1) {
            read = buffer;
            return;
        }
        int length = buffer.readableBytes() + (before == null ? 0 : before.readableBytes());
        ByteBuf whole = channel.alloc().directBuffer(length);
        if (before != null) {
            whole.writeBytes(before);
            before.release();
        }
        read = whole.writeBytes(buffer);
        buffer.release();
    }

    @Override
    public void channelUnregistered(ChannelHandlerContext context) {
        side.onTaken();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        side.onBroken();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        side.onBroken();
    }
}
