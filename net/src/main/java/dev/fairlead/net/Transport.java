package dev.fairlead.net;

import dev.fairlead.sys.SynFilter;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/// How loops wait for sockets: epoll on Linux, the JDK's selector elsewhere.
public enum Transport {
    EPOLL {
        @Override
        IoHandlerFactory ioHandler() {
            return EpollIoHandler.newFactory();
        }

        @Override
        SocketChannel socket() {
            return new EpollSocketChannel();
        }

        @Override
        ServerChannel serverSocket() {
            return new EpollServerSocketChannel();
        }

        @Override
        DatagramChannel datagram() {
            return new EpollDatagramChannel();
        }

        @Override
        public Class<? extends SocketChannel> sockets() {
            return EpollSocketChannel.class;
        }

        @Override
        public Class<? extends DatagramChannel> datagrams() {
            return EpollDatagramChannel.class;
        }

        @Override
        void deafen(ServerChannel socket) {
            SynFilter.attach(((EpollServerSocketChannel) socket).fd().intValue());
        }
    },
    NIO {
        @Override
        IoHandlerFactory ioHandler() {
            return NioIoHandler.newFactory();
        }

        @Override
        SocketChannel socket() {
            return new NioSocketChannel();
        }

        @Override
        ServerChannel serverSocket() {
            return new NioServerSocketChannel();
        }

        @Override
        DatagramChannel datagram() {
            return new NioDatagramChannel();
        }

        @Override
        public Class<? extends SocketChannel> sockets() {
            return NioSocketChannel.class;
        }

        @Override
        public Class<? extends DatagramChannel> datagrams() {
            return NioDatagramChannel.class;
        }

        @Override
        void deafen(ServerChannel socket) {
            // The JDK does not show the descriptor.
        }
    };

    abstract IoHandlerFactory ioHandler();

    abstract SocketChannel socket();

    abstract ServerChannel serverSocket();

    abstract DatagramChannel datagram();

    /// The channel type of [#socket], for a bootstrap of Netty's own.
    public abstract Class<? extends SocketChannel> sockets();

    /// The channel type of UDP sockets.
    public abstract Class<? extends DatagramChannel> datagrams();

    /// Lets no new handshake begin on the socket, where the system can do that.
    abstract void deafen(ServerChannel socket);

    public static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }
}
