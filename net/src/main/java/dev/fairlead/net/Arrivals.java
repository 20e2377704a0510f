package dev.fairlead.net;

import io.netty.channel.socket.SocketChannel;

/// What takes the connections that an [Acceptor] lets in. Called on the loop that the channel stays on, before the
/// channel is registered: add its handlers.
public interface Arrivals {
    void onArrived(Loop loop, SocketChannel channel);
}
