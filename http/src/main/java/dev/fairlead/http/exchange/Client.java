package dev.fairlead.http.exchange;

import dev.fairlead.net.proxyprotocol.ProxyHeader;
import dev.fairlead.net.tls.TlsSession;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a downstream connection, in the forms in which it is told on. Made once a connection.
public final class Client {
    private final InetSocketAddress address;
    private final byte[] ip;
    private final byte[] forwardedFor;
    private final @Nullable TlsSession tls;
    private final @Nullable String sni;
    private final @Nullable String uniqueId;

    /// Of a connection in the clear.
    public Client(InetSocketAddress address) {
        this(address, null, null, null);
    }

    /// Of a connection that was accepted, whose PROXY header and handshake are done.
    public static Client of(SocketChannel channel) {
        ProxyHeader header = ProxyHeader.of(channel);
        TlsSession tls = TlsSession.of(channel);
        return new Client(
                ProxyHeader.client(channel),
                tls,
                tls == null ? null : tls.sni(),
                header == null ? null : header.tlvs().uniqueId());
    }

    /// Of a connection of QUIC, which nobody stands in front of.
    public static Client of(InetSocketAddress address, @Nullable TlsSession tls) {
        return new Client(address, tls, tls == null ? null : tls.sni(), null);
    }

    /// Somebody who would ask for this name, of whom no more is known.
    public static Client asking(InetSocketAddress address, @Nullable String sni) {
        return new Client(address, null, sni, null);
    }

    private Client(
            InetSocketAddress address, @Nullable TlsSession tls, @Nullable String sni, @Nullable String uniqueId) {
        this.address = address;
        this.tls = tls;
        this.sni = sni;
        this.uniqueId = uniqueId;
        String text = address.getAddress().getHostAddress();
        int zone = text.indexOf('%');
        String plain = zone < 0 ? text : text.substring(0, zone);
        this.ip = plain.getBytes(StandardCharsets.US_ASCII);
        // RFC 7239 §6.1: IPv6 in brackets, and therefore in quotes.
        String node = plain.indexOf(':') < 0 ? plain : "\"[" + plain + "]\"";
        this.forwardedFor = ("for=" + node).getBytes(StandardCharsets.US_ASCII);
    }

    /// The same connection, for somebody who is told to be at this address.
    public Client at(InetSocketAddress other) {
        return new Client(other, tls, sni, uniqueId);
    }

    public InetSocketAddress address() {
        return address;
    }

    /// The IP address, without the port.
    public byte[] ip() {
        return ip;
    }

    /// What the connection's handshake agreed on, whoever is at its other end; null: it is in the clear.
    public @Nullable TlsSession tls() {
        return tls;
    }

    /// The name of the handshake, in lower case; null: none.
    public @Nullable String sni() {
        return sni;
    }

    /// That of the PROXY header with which the connection began; null: none.
    public @Nullable String uniqueId() {
        return uniqueId;
    }

    /// `for=192.0.2.1`, as `Forwarded` has it.
    public byte[] forwardedFor() {
        return forwardedFor;
    }
}
