package dev.fairlead.net;

import io.netty.channel.socket.SocketChannel;

/// What takes the connections that an [Acceptor] lets in. Called on the loop that the channel stays on, before the
/// channel is registered: add its handlers. It cannot be closed before that; whoever does not want it closes it in
/// `channelActive`.
public interface Arrivals {
    void onArrived(Loop loop, SocketChannel channel);
}
