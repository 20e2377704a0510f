package dev.fairlead.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a connection must have for a route to take it. All that is given must hold.
public record TcpMatchSpec(
        @Key(
                value =
                        "The name that the client's TLS asks for (SNI): exact, or `*.example.com` for every name below it.",
                optional = true,
                form = Form.HOST_PATTERN,
                example = "\"*.example.com\"")
        @Nullable
        String sni,

        @Key(
                value = "Protocols of which the client's TLS must offer one (ALPN).",
                orOne = true,
                example = "[h2, http/1.1]")
        List<String> alpn,

        @Key(value = "Blocks of addresses of which one must hold the client's.", orOne = true, example = "[10.0.0.0/8]")
        List<Cidr> client) {
    public TcpMatchSpec {
        alpn = List.copyOf(alpn);
        client = List.copyOf(client);
    }

    /// Whether it can only be told from the client's first bytes.
    public boolean needsHello() {
        return sni != null || !alpn.isEmpty();
    }
}
