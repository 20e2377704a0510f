package dev.fairlead.net;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
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
    };

    abstract IoHandlerFactory ioHandler();

    abstract SocketChannel socket();

    abstract ServerChannel serverSocket();

    static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }
}
