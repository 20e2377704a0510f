package dev.fairlead.net;

import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;

/// What takes the connections that an [Acceptor] lets in. Called on the loop that the connection stays on.
public interface Arrivals {
    /// A channel, before it is registered: add its handlers. It cannot be closed before that; whoever does not want it
    /// closes it in `channelActive`.
    ///
    /// Behind another proxy it is called once the header of that was read, and the channel is registered already.
    /// [dev.fairlead.net.proxyprotocol.ProxyHeader#client] tells in every case whose connection it is.
    void onArrived(Loop loop, SocketChannel channel);

    /// Whether it ever [#takesSockets]. Asked when the listener is bound.
    default boolean mayTakeSockets() {
        return false;
    }

    /// Whether connections are wanted without a channel ([BareSockets]), where the transport can give them so and no
    /// proxy's header is to be read first. Asked for each.
    default boolean takesSockets() {
        return false;
    }

    /// Such a connection, a descriptor that this now owns: once it is closed, `onClosed` has to run.
    default void onSocket(Loop loop, int socket, InetSocketAddress client, Runnable onClosed) {
        throw new IllegalStateException("not asked for");
    }
}
