package dev.fairlead.http.exchange;

import dev.fairlead.net.tls.TlsSession;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a downstream connection, in the forms in which it is told on. Made once a connection.
public final class Client {
    private final InetSocketAddress address;
    private final byte[] ip;
    private final byte[] forwardedFor;
    private final @Nullable TlsSession tls;

    /// Of a connection in the clear.
    public Client(InetSocketAddress address) {
        this(address, null);
    }

    public Client(InetSocketAddress address, @Nullable TlsSession tls) {
        this.address = address;
        this.tls = tls;
        String text = address.getAddress().getHostAddress();
        int zone = text.indexOf('%');
        String plain = zone < 0 ? text : text.substring(0, zone);
        this.ip = plain.getBytes(StandardCharsets.US_ASCII);
        // RFC 7239 §6.1: IPv6 in brackets, and therefore in quotes.
        String node = plain.indexOf(':') < 0 ? plain : "\"[" + plain + "]\"";
        this.forwardedFor = ("for=" + node).getBytes(StandardCharsets.US_ASCII);
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

    /// `for=192.0.2.1`, as `Forwarded` has it.
    public byte[] forwardedFor() {
        return forwardedFor;
    }
}
