package dev.fairlead.net.tls;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import java.security.cert.X509Certificate;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a client's handshake agreed on. Of one connection; its loop only.
public final class TlsSession {
    private static final AttributeKey<TlsSession> KEY = AttributeKey.valueOf(TlsSession.class, "session");

    private final Served served;
    private final ServedNames names;
    private final @Nullable String sni;
    private final String version;
    private final String cipher;
    private final @Nullable String protocol;
    private final @Nullable X509Certificate clientCertificate;
    private @Nullable PeerCertificate peer;

    TlsSession(
            ServedNames names,
            Served served,
            @Nullable String sni,
            String version,
            String cipher,
            @Nullable String protocol,
            @Nullable X509Certificate clientCertificate) {
        this.names = names;
        this.served = served;
        this.sni = sni;
        this.version = version;
        this.cipher = cipher;
        this.protocol = protocol;
        this.clientCertificate = clientCertificate;
    }

    /// That of a client's connection; null: it is in the clear.
    public static @Nullable TlsSession of(Channel channel) {
        return channel.hasAttr(KEY) ? channel.attr(KEY).get() : null;
    }

    void attachTo(Channel channel) {
        channel.attr(KEY).set(this);
    }

    /// The name that the client asked for, in lower case; null: none.
    public @Nullable String sni() {
        return sni;
    }

    /// `TLSv1.3`.
    public String version() {
        return version;
    }

    public String cipher() {
        return cipher;
    }

    /// What was agreed on by ALPN; null: nothing.
    public @Nullable String protocol() {
        return protocol;
    }

    /// The subject of the client's certificate (RFC 2253), made fit for a header field; empty: it has none.
    public String clientSubject() {
        return client().subject();
    }

    /// The names in the client's certificate, made fit for a header field: `DNS:joe.example,email:joe@example.com`.
    public String clientNames() {
        return client().names();
    }

    /// SHA-256 of the client's certificate, in hexadecimal.
    public String clientFingerprint() {
        return client().fingerprint();
    }

    private PeerCertificate client() {
        PeerCertificate told = peer;
        if (told == null) {
            told = clientCertificate == null ? PeerCertificate.NONE : PeerCertificate.of(clientCertificate);
            peer = told;
        }
        return told;
    }

    /// Whether a request for this host, given without a port, may come on this connection.
    public boolean agrees(String host) {
        String asked = sni;
        if (asked == null) {
            return true;
        }
        // Neither SNI (RFC 6066 §3) nor certificates have the root's dot: it is the same name.
        String plain = (host.endsWith(".") ? host.substring(0, host.length() - 1) : host).toLowerCase(Locale.ROOT);
        return switch (names.spec().hostAgreement()) {
            case NOTHING -> true;
            case SNI -> asked.equals(plain);
            case CERTIFICATE -> asked.equals(plain) || served.isFor(plain);
        };
    }

    /// Closes our half of a connection, in the clear or not. TLS says so first, or else the end could be that of
    /// somebody who has cut the connection (RFC 8446 §6.1). All that was written is sent.
    public static void shutdownOutput(DuplexChannel channel) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        if (handler == null) {
            channel.shutdownOutput();
        } else {
            handler.closeOutbound().addListener(_ -> channel.shutdownOutput());
        }
    }
}
