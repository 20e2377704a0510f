package dev.fairlead.net;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.UnixChannelOption;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Opens UDP sockets.
public final class Datagrams {
    /// What the kernel may hold of datagrams that were not read yet; `net.core.rmem_max` caps it.
    private static final int RECEIVE_BYTES = 4 << 20;

    /// Linux errno values, as Netty has them: negative.
    private static final int NETWORK_UNREACHABLE = -101;

    private static final int HOST_UNREACHABLE = -113;

    private Datagrams() {}

    /// Receives on `address`: with epoll by a socket of each loop (`SO_REUSEPORT`: the kernel gives all of one
    /// client's port to the same loop), elsewhere by one of the first loop. `handlers` makes the only handler
    /// of each.
    /// Throws when the address cannot be had, and then nothing is left behind. Control thread; blocks shortly.
    public static List<DatagramChannel> bind(
            Loops loops,
            InetSocketAddress address,
            Function<Loop, DatagramSpace> spaces,
            Function<Loop, ChannelHandler> handlers)
            throws IOException {
        boolean onEveryLoop = loops.transport() == Transport.EPOLL;
        if (onEveryLoop && address.getPort() != 0) {
            probe(address);
        }
        List<DatagramChannel> bound = new ArrayList<>();
        InetSocketAddress wanted = address;
        for (Loop loop : onEveryLoop ? loops.all() : loops.all().subList(0, 1)) {
            DatagramChannel channel = open(loop, spaces.apply(loop), handlers.apply(loop));
            bound.add(channel);
            if (onEveryLoop) {
                channel.config().setOption(UnixChannelOption.SO_REUSEPORT, true);
            }
            channel.config().setReceiveBufferSize(RECEIVE_BYTES);
            batch(channel);
            loop.eventLoop().register(channel).awaitUninterruptibly();
            ChannelFuture result = channel.bind(wanted).awaitUninterruptibly();
            if (!result.isSuccess()) {
                bound.forEach(DatagramChannel::close);
                throw new IOException(
                        "cannot receive on " + wanted + ": " + result.cause().getMessage(), result.cause());
            }
            wanted = channel.localAddress();
        }
        return bound;
    }

    /// As the [Acceptor]'s: another process must not share our port unseen.
    private static void probe(InetSocketAddress address) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(null)) {
            socket.setReuseAddress(false);
            socket.bind(address);
        }
    }

    /// A socket that only speaks with `to`, on this loop. Throws [ChannelException] when the process has no
    /// descriptor or no port left for it, or there is no way to `to`.
    public static DatagramChannel connect(
            Loop loop, InetSocketAddress to, DatagramSpace space, ChannelHandler handler) {
        DatagramChannel channel = open(loop, space, handler);
        loop.eventLoop().register(channel);
        ChannelFuture connected = channel.connect(to);
        if (!connected.isSuccess()) {
            channel.close();
            throw new ChannelException(connected.cause());
        }
        return channel;
    }

    private static DatagramChannel open(Loop loop, DatagramSpace space, ChannelHandler handler) {
        DatagramChannel channel = loop.transport().datagram();
        channel.config().setAllocator(Loops.buffers());
        channel.config().setRecvByteBufAllocator(space);
        // Above it, what is to be sent is dropped: see the callers.
        channel.config()
                .setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(128 << 10, 512 << 10));
        channel.pipeline().addLast(handler);
        return channel;
    }

    /// Reads many datagrams at once from now on (recvmmsg(2)), and those that the kernel has joined (UDP_GRO). Pays
    /// only where many wait.
    public static void batch(DatagramChannel channel) {
        // False where the transport has no such thing.
        channel.config().setOption(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, DatagramSpace.SLOT_BYTES);
        try {
            channel.config().setOption(EpollChannelOption.UDP_GRO, true);
        } catch (ChannelException oldKernel) {
            // Before Linux 5.0: they come one by one.
        }
    }

    /// Whether nobody takes datagrams there: an ICMP message came back, or there is no way. False for a datagram that
    /// could not be sent for a reason of its own.
    public static boolean isUnreachable(Throwable cause) {
        return switch (cause) {
            case PortUnreachableException _, ConnectException _, NoRouteToHostException _ -> true;
            case Errors.NativeIoException error ->
                error.expectedErr() == Errors.ERROR_ECONNREFUSED_NEGATIVE
                        || error.expectedErr() == NETWORK_UNREACHABLE
                        || error.expectedErr() == HOST_UNREACHABLE;
            default -> false;
        };
    }
}
