package dev.fairlead.l4;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a TLS client says before anything is encrypted. `sni` is the name that it asks for, in lower case and
/// without a dot at its end; with Encrypted Client Hello (RFC 9849) it is the outer one. `alpn` are the protocols
/// that it offers, in its order.
record ClientHello(@Nullable String sni, List<String> alpn) {
    /// Of a connection that is not TLS, or was not looked at.
    static final ClientHello NONE = new ClientHello(null, List.of());

    ClientHello {
        alpn = List.copyOf(alpn);
    }
}
