package dev.fairlead.http.codec;

import dev.fairlead.http.exchange.TunnelSide;
import dev.fairlead.net.tls.TlsSession;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import org.jspecify.annotations.Nullable;

/// The side of a tunnel that is a connection which has left HTTP/1.1 behind (status 101). Its loop only.
public final class ChannelSide extends ChannelInboundHandlerAdapter implements TunnelSide {
    private final DuplexChannel channel;
    private @Nullable ByteBuf rest;
    private @Nullable Taker taker;
    private boolean hasEnded;
    private boolean isEnded;

    /// `channel` is without a handler; `rest` is what was read of it already. Takes the buffer.
    public ChannelSide(DuplexChannel channel, @Nullable ByteBuf rest) {
        this.channel = channel;
        this.rest = rest;
    }

    /// For who joins channels without a handler.
    DuplexChannel channel() {
        return channel;
    }

    /// Once; the caller owns it.
    @Nullable
    ByteBuf takeRest() {
        ByteBuf taken = rest;
        rest = null;
        return taken;
    }

    @Override
    public void begin(Taker to) {
        taker = to;
        channel.pipeline().addLast(this);
        ByteBuf before = takeRest();
        if (before != null) {
            to.onBytes(before);
            to.onReadComplete();
        }
        if (channel.isActive()) {
            channel.config().setAutoRead(true);
        } else {
            lose();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Taker to = taker;
        if (to == null) {
            ((ByteBuf) message).release();
        } else {
            to.onBytes((ByteBuf) message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (taker != null) {
            taker.onReadComplete();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent && !hasEnded) {
            hasEnded = true;
            if (taker != null) {
                taker.onEnd();
            }
            closeIfOver();
        } else if (event instanceof ChannelOutputShutdownEvent) {
            isEnded = true;
            closeIfOver();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (taker != null && channel.isWritable()) {
            taker.onWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        lose();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        channel.close();
    }

    private void lose() {
        Taker to = taker;
        taker = null;
        if (to != null) {
            to.onLost();
        }
    }

    @Override
    public void send(ByteBuf data) {
        channel.write(data, channel.voidPromise());
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public void end() {
        // Behind what was sent.
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> TlsSession.shutdownOutput(channel));
    }

    private void closeIfOver() {
        if (isEnded && hasEnded) {
            channel.close();
        }
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void want(boolean want) {
        channel.config().setAutoRead(want);
    }

    @Override
    public void cut() {
        channel.close();
    }
}
