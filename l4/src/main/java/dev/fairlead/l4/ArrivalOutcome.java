package dev.fairlead.l4;

/// What became of a connection whose route was looked for: the word in metrics.
enum ArrivalOutcome {
    ROUTED("routed"),
    /// No route takes it, and the listener has no `upstream`.
    NO_ROUTE("no-route"),
    /// Its first bytes are no TLS, and the listener wants that.
    NOT_TLS("not-tls"),
    /// Its hello is none, or longer than `hello-bytes`.
    MALFORMED("malformed"),
    /// Its hello was not whole in time.
    TIMEOUT("timeout"),
    /// The client ended the connection before that.
    LEFT("left");

    private final String word;

    ArrivalOutcome(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }
}
