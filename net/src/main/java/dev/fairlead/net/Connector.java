package dev.fairlead.net;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Opens connections to endpoints.
public final class Connector {
    /// EADDRNOTAVAIL as Netty's native transport says it; its exception has it in words only.
    private static final String NO_ADDRESS = "(-99)";
    private static final String REFUSED = "Connection refused";

    private Connector() {}

    /// Begins to connect, on this loop, which is where the channel stays. The handler is the only one in its
    /// pipeline. The future fails with [java.net.ConnectException] or its subclass for the time-out. Throws
    /// [io.netty.channel.ChannelException] when the process has no descriptor left for a socket but the reserve.
    public static ChannelFuture connect(
            Loop loop, InetSocketAddress to, int timeoutMillis, boolean halfClosure, ChannelHandler handler) {
        SocketChannel channel = socket(loop, timeoutMillis, halfClosure, handler, false);
        // A socket that could not connect is still a socket.
        return channel.connect(to).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    /// As above, for a probe: it is given a descriptor of the reserve too, or an endpoint would look down because
    /// clients are too many.
    public static ChannelFuture probe(Loop loop, InetSocketAddress to, int timeoutMillis, ChannelHandler handler) {
        SocketChannel channel = socket(loop, timeoutMillis, false, handler, true);
        return channel.connect(to).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    /// As above, for a flow that keeps half-closed connections. It comes from the source with this number, or from
    /// `client` where the terms are transparent.
    public static ChannelFuture connect(
            Loop loop,
            InetSocketAddress to,
            int timeoutMillis,
            SocketTerms terms,
            int sourceNumber,
            @Nullable InetAddress client,
            ChannelHandler handler) {
        SocketChannel channel = socket(loop, timeoutMillis, true, handler, false);
        terms.apply(channel.config());
        InetAddress from = terms.isTransparent() ? client : terms.source(to.getAddress(), sourceNumber);
        if (from == null) {
            return channel.connect(to).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        }
        terms.bindLate(channel.config(), terms.isTransparent());
        return channel.connect(to, new InetSocketAddress(from, 0)).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    /// Whether a connect failed here, before a packet was sent: the source has no port left towards that endpoint, or
    /// is no address of this machine.
    public static boolean hasNoSource(@Nullable Throwable failed) {
        // Without epoll Netty says to whom, in an exception of its own around that.
        return failed instanceof BindException
                || (failed != null && failed.getCause() instanceof BindException)
                || (failed != null
                        && failed.getMessage() != null
                        && failed.getMessage().contains(NO_ADDRESS));
    }

    /// Whether nobody takes connections at that port. A time-out and a missing way are of the same class.
    public static boolean isRefused(@Nullable Throwable failed) {
        return failed instanceof ConnectException
                && failed.getMessage() != null
                && failed.getMessage().contains(REFUSED);
    }

    private static SocketChannel socket(
            Loop loop, int timeoutMillis, boolean halfClosure, ChannelHandler handler, boolean mayUseReserve) {
        SocketChannel channel = loop.transport().socket();
        if (!mayUseReserve && Descriptors.isOfReserve(channel)) {
            channel.unsafe().closeForcibly();
            throw new ChannelException("no descriptor left but for the reserve");
        }
        SocketChannelConfig config = channel.config();
        configure(config, halfClosure);
        config.setConnectTimeoutMillis(timeoutMillis);
        channel.pipeline().addLast(handler);
        loop.eventLoop().register(channel);
        return channel;
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
