package dev.fairlead.upstream;

/// Why a flow is on its endpoint.
public enum Why {
    /// The balancer chose it among several.
    BALANCER("balancer"),
    /// Nobody else could be picked.
    ONLY("only-one"),
    /// Too few endpoints may be used, so all are.
    PANIC("panic"),
    /// The client was there before.
    STICKY("sticky"),
    /// Another endpoint could not be connected.
    RETRY("retry"),
    /// The connection id of QUIC names it.
    CONNECTION_ID("connection-id"),
    /// It was under way when it came here: it goes on where the client's address leads.
    ADOPTED("adopted"),
    /// It stays, though new flows go elsewhere: its endpoint drains, is down, or gone from the config.
    HELD("held");

    private final String word;

    Why(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
