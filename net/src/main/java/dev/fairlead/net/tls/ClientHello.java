package dev.fairlead.net.tls;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a TLS client says before anything is encrypted. `sni` is the name that it asks for, in lower case and
/// without a dot at its end; with Encrypted Client Hello (RFC 9849) it is the outer one. `alpn` are the protocols
/// that it offers, in its order. `takesEcdsa`: it can do with a certificate that has an ECDSA key.
public record ClientHello(@Nullable String sni, List<String> alpn, boolean takesEcdsa) {
    /// Of a connection that is not TLS, or was not looked at.
    public static final ClientHello NONE = new ClientHello(null, List.of());

    public ClientHello {
        alpn = List.copyOf(alpn);
    }

    /// Of a client that knows RSA only.
    public ClientHello(@Nullable String sni, List<String> alpn) {
        this(sni, alpn, false);
    }
}
