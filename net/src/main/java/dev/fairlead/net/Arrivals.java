package dev.fairlead.net;

import io.netty.channel.socket.SocketChannel;

/// What takes the connections that an [Acceptor] lets in. Called on the loop that the channel stays on, before the
/// channel is registered: add its handlers. It cannot be closed before that; whoever does not want it closes it in
/// `channelActive`.
///
/// Behind another proxy it is called once the header of that has been read, and the channel is registered then;
/// [dev.fairlead.net.proxyprotocol.ProxyHeader#client] tells in every case whose connection it is.
public interface Arrivals {
    void onArrived(Loop loop, SocketChannel channel);
}
