package dev.fairlead.net;

import dev.fairlead.net.proxyprotocol.ProxyHeader;

/// What became of a connection that had to begin with a PROXY protocol header.
enum HeaderOutcome {
    V1("v1"),
    V2("v2"),
    /// The proxy speaks for itself.
    LOCAL("local"),
    MALFORMED("malformed"),
    /// It did not come in time.
    TIMEOUT("timeout"),
    /// The connection ended before it was whole.
    LEFT("left");

    private final String word;

    HeaderOutcome(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }

    static HeaderOutcome of(ProxyHeader header) {
        if (header.local()) {
            return LOCAL;
        }
        return switch (header.version()) {
            case V1 -> V1;
            case V2 -> V2;
        };
    }
}
