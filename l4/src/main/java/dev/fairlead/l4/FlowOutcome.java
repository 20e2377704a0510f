package dev.fairlead.l4;

/// How a flow ended: the word in metrics and in the access log.
enum FlowOutcome {
    /// Both sides closed, and every byte was passed on.
    CLOSED("closed"),
    /// No byte in either direction for the idle time.
    IDLE("idle"),
    /// No endpoint could be connected.
    REFUSED("refused"),
    /// Every endpoint that could be asked has its `max-connections`.
    FULL("full"),
    /// One side broke.
    RESET("reset"),
    /// Cut because its plane closed.
    DRAINED("drained");

    private final String word;

    FlowOutcome(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }

    static FlowOutcome of(RelayEnd end) {
        return switch (end) {
            case CLOSED -> CLOSED;
            case IDLE -> IDLE;
            case RESET -> RESET;
            case CUT -> DRAINED;
        };
    }
}
