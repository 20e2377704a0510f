package dev.fairlead.net;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import java.net.InetSocketAddress;

/// Opens connections to endpoints.
public final class Connector {
    private Connector() {}

    /// Begins to connect, on this loop, which is where the channel stays. The handler is the only one in its
    /// pipeline. The future fails with [java.net.ConnectException] or its subclass for the time-out. Throws
    /// [io.netty.channel.ChannelException] when the process has no descriptor left for a socket.
    public static ChannelFuture connect(
            Loop loop, InetSocketAddress to, int timeoutMillis, boolean halfClosure, ChannelHandler handler) {
        SocketChannel channel = loop.transport().socket();
        SocketChannelConfig config = channel.config();
        configure(config, halfClosure);
        config.setConnectTimeoutMillis(timeoutMillis);
        channel.pipeline().addLast(handler);
        loop.eventLoop().register(channel);
        // A socket that could not connect is still a socket.
        return channel.connect(to).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    /// What accepted and opened connections have in common.
    static void configure(SocketChannelConfig config, boolean halfClosure) {
        config.setAllocator(Loops.buffers());
        // A proxy writes whole messages: Nagle's algorithm would only hold them back.
        config.setTcpNoDelay(true);
        config.setAllowHalfClosure(halfClosure);
        // Unsent bytes above which the source is no longer read, and below which it is again.
        config.setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(32 << 10, 128 << 10));
    }
}
