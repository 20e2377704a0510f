package dev.fairlead.net;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.unix.UnixChannelOption;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.util.ArrayList;
import java.util.List;

/// Opens UDP sockets as channels, where there is no epoll: see [BareDatagrams].
public final class Datagrams {
    /// What the kernel may hold of datagrams that were not read yet; `net.core.rmem_max` caps it. Of those that have
    /// not left yet, `net.core.wmem_max`.
    static final int BUFFER_BYTES = 4 << 20;

    /// RFC 768 has 16 bits for the length.
    private static final int DATAGRAM_BYTES_MAX = 65_535;

    /// What a packet of QUIC may have: more than any path without jumbo frames carries.
    public static final int PACKET_BYTES_MAX = 2048;

    private static final int PACKETS_AT_ONCE = 32;

    private Datagrams() {}

    /// Receives on `address`, on this loop; the handler is the only one. Throws when the address cannot be had, and
    /// then nothing is left behind. Control thread; blocks shortly.
    public static DatagramChannel bind(Loop loop, InetSocketAddress address, ChannelHandler handler)
            throws IOException {
        DatagramChannel channel;
        try {
            channel = open(loop, handler);
        } catch (ChannelException failed) {
            throw unavailable(address, failed);
        }
        channel.config().setReceiveBufferSize(BUFFER_BYTES);
        loop.eventLoop().register(channel).awaitUninterruptibly();
        ChannelFuture result = channel.bind(address).awaitUninterruptibly();
        if (!result.isSuccess()) {
            channel.close();
            throw unavailable(address, result.cause());
        }
        return channel;
    }

    /// Receives on `address` on every loop, where the system lets sockets share it: the kernel gives all of one
    /// client's port to the same. Elsewhere on the first loop only. Each socket has the handler as its first.
    /// Throws when the address cannot be had, and then nothing is left behind. Control thread; blocks shortly.
    public static List<DatagramChannel> bindOnEveryLoop(Loops loops, InetSocketAddress address, ChannelHandler handler)
            throws IOException {
        boolean shared = loops.transport() == Transport.EPOLL;
        if (address.getPort() != 0) {
            probe(address);
        }
        List<DatagramChannel> bound = new ArrayList<>();
        try {
            InetSocketAddress next = address;
            for (Loop loop : shared ? loops.all() : loops.all().subList(0, 1)) {
                DatagramChannel channel = loop.transport().datagram();
                packets(channel, shared);
                bound.add(channel);
                bind(loop, channel, next, handler);
                next = channel.localAddress();
            }
            return bound;
        } catch (IOException taken) {
            bound.forEach(DatagramChannel::close);
            throw taken;
        } catch (ChannelException failed) {
            // There is no descriptor left.
            bound.forEach(DatagramChannel::close);
            throw unavailable(address, failed);
        }
    }

    private static IOException unavailable(InetSocketAddress address, Throwable reason) {
        return new IOException("cannot receive on " + address + ": " + reason.getMessage(), reason);
    }

    private static void packets(DatagramChannel channel, boolean shared) {
        channel.config().setAllocator(Loops.buffers());
        channel.config().setReceiveBufferSize(BUFFER_BYTES);
        channel.config().setSendBufferSize(BUFFER_BYTES);
        int atOnce = 1;
        if (shared) {
            channel.config().setOption(UnixChannelOption.SO_REUSEPORT, true);
            channel.config().setOption(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, PACKET_BYTES_MAX);
            atOnce = PACKETS_AT_ONCE;
        }
        channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(PACKET_BYTES_MAX * atOnce));
    }

    private static void bind(Loop loop, DatagramChannel channel, InetSocketAddress address, ChannelHandler handler)
            throws IOException {
        loop.eventLoop().register(channel).awaitUninterruptibly();
        channel.pipeline().addLast(handler);
        ChannelFuture result = channel.bind(address).awaitUninterruptibly();
        if (!result.isSuccess()) {
            throw unavailable(address, result.cause());
        }
    }

    /// As the [Acceptor]'s: another process must not share our port unseen.
    static void probe(InetSocketAddress address) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(null)) {
            socket.setReuseAddress(false);
            socket.bind(address);
        }
    }

    /// A socket that only speaks with `to`, on this loop, from the source with this number. Throws [ChannelException]
    /// when the process has no descriptor or no port left for it, or there is no way to `to`.
    public static DatagramChannel connect(
            Loop loop, InetSocketAddress to, SourceAddresses sources, int sourceNumber, ChannelHandler handler) {
        DatagramChannel channel = open(loop, handler);
        loop.eventLoop().register(channel);
        InetAddress from = sources.of(to.getAddress(), sourceNumber);
        ChannelFuture connected =
                from == null ? channel.connect(to) : channel.connect(to, new InetSocketAddress(from, 0));
        if (!connected.isSuccess()) {
            channel.close();
            throw new ChannelException(connected.cause());
        }
        return channel;
    }

    private static DatagramChannel open(Loop loop, ChannelHandler handler) {
        DatagramChannel channel = loop.transport().datagram();
        channel.config().setAllocator(Loops.buffers());
        channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(DATAGRAM_BYTES_MAX));
        // Above it, what is to be sent is dropped: see the callers.
        channel.config()
                .setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(128 << 10, 512 << 10));
        channel.pipeline().addLast(handler);
        return channel;
    }

    /// Whether nobody takes datagrams there: an ICMP message came back, or there is no way. False for a datagram that
    /// could not be sent for a reason of its own.
    public static boolean isUnreachable(Throwable cause) {
        return switch (cause) {
            case PortUnreachableException _, ConnectException _, NoRouteToHostException _ -> true;
            default -> false;
        };
    }

    /// Whether it is that port alone where nobody does.
    public static boolean isRefused(Throwable cause) {
        return cause instanceof PortUnreachableException || Connector.isRefused(cause);
    }
}
