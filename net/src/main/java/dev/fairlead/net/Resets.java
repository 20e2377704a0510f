package dev.fairlead.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;

/// Closes with a RST in place of a FIN. To the other side it is a connection that was broken or refused, never an
/// empty answer; and the kernel forgets it at once, where a FIN would leave it waiting for a client that may never
/// answer, and then for a minute more.
public final class Resets {
    private Resets() {}

    /// Past what stands in the pipeline: TLS would say that all was said. Its loop only.
    public static void close(Channel channel) {
        if (channel.isOpen()) {
            linger(channel);
            channel.unsafe().close(channel.voidPromise());
        }
    }

    /// A channel that was accepted and never registered. Two system calls.
    static void closeUnregistered(Channel channel) {
        linger(channel);
        channel.unsafe().closeForcibly();
    }

    private static void linger(Channel channel) {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException _) {
            // The kernel has closed it already: there is nobody left to reset.
        }
    }
}
