package dev.fairlead.net.proxyprotocol;

import dev.fairlead.config.ProxyVersion;
import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// What a PROXY protocol header says of a connection. `source` and `destination` are the client's address and the
/// one it has connected to; both null when the header does not tell (`UNKNOWN`, `AF_UNSPEC`, `AF_UNIX`), and then
/// those of the connection itself hold. `local`: the sender speaks for itself, as in a health check.
public record ProxyHeader(
        ProxyVersion version,
        boolean local,
        @Nullable InetSocketAddress source,
        @Nullable InetSocketAddress destination,
        Tlvs tlvs) {
    private static final AttributeKey<ProxyHeader> KEY = AttributeKey.valueOf(ProxyHeader.class, "header");

    /// The header that began the connection; null: there was none.
    public static @Nullable ProxyHeader of(Channel channel) {
        return channel.hasAttr(KEY) ? channel.attr(KEY).get() : null;
    }

    /// Whose connection it is: by its header, else the other end of the socket.
    public static InetSocketAddress client(SocketChannel channel) {
        ProxyHeader header = of(channel);
        return header == null || header.source == null ? channel.remoteAddress() : header.source;
    }

    /// What the client has connected to: by its header, else this end of the socket.
    public static InetSocketAddress target(SocketChannel channel) {
        ProxyHeader header = of(channel);
        return header == null || header.destination == null ? channel.localAddress() : header.destination;
    }

    /// The channel began with this header.
    public void attachTo(Channel channel) {
        channel.attr(KEY).set(this);
    }
}
