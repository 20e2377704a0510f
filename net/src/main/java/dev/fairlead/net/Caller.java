package dev.fairlead.net;

import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.UnixChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// A connection that was accepted and is not let in yet.
sealed interface Caller {
    /// Not registered yet, so there is no pipeline to go through.
    record OfChannel(SocketChannel channel) implements Caller {
        @Override
        public int descriptor() {
            return channel instanceof UnixChannel unix ? unix.fd().intValue() : -1;
        }

        @Override
        public @Nullable InetSocketAddress address() {
            return channel.remoteAddress();
        }

        @Override
        public void refuse() {
            Resets.closeUnregistered(channel);
        }
    }

    /// One that has no channel.
    record Bare(int descriptor, InetSocketAddress address, ClientGate.Visit visit) implements Caller {
        /// The connection with a channel after all.
        SocketChannel channel() {
            return new EpollSocketChannel(descriptor);
        }

        @Override
        public void refuse() {
            visit.end();
            BareSockets.ofThisLoop().reset(descriptor);
        }
    }

    /// -1: the transport does not show it.
    int descriptor();

    /// Null: it has left again.
    @Nullable
    InetSocketAddress address();

    /// Resets it, in two system calls.
    void refuse();
}
