package dev.fairlead.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;

/// Holds packets back that are not full, while what belongs together is written in several system calls: a head, and
/// what the kernel takes from a file.
public final class Cork {
    private Cork() {}

    /// Flushes the channel so. Its loop only.
    public static void flush(Channel channel) {
        if (channel instanceof EpollSocketChannel socket) {
            set(socket, true);
            channel.flush();
            set(socket, false);
        } else {
            channel.flush();
        }
    }

    private static void set(EpollSocketChannel socket, boolean is) {
        try {
            socket.config().setTcpCork(is);
        } catch (ChannelException _) {
            // It is closed: nothing is sent any more.
        }
    }
}
