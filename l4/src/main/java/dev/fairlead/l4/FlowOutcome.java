package dev.fairlead.l4;

/// How a flow ended: who closed first, or what closed it. The word in metrics and in the access log.
enum FlowOutcome {
    /// Both sides closed in good order, the client first.
    CLIENT_FIN("client-fin"),
    /// Both sides closed in good order, the endpoint first.
    SERVER_FIN("server-fin"),
    /// The client reset its connection, or was gone before there was an endpoint.
    CLIENT_RESET("client-reset"),
    /// The endpoint reset its connection.
    SERVER_RESET("server-reset"),
    /// The client acknowledged nothing any more.
    CLIENT_LOST("client-lost"),
    /// The endpoint acknowledged nothing any more.
    SERVER_LOST("server-lost"),
    /// No byte in either direction for the idle time.
    IDLE("idle"),
    /// One side had closed its half, and the other sent nothing for the fin time.
    FIN_TIMEOUT("fin-timeout"),
    /// It had lasted its longest.
    LIFETIME("max-lifetime"),
    /// No endpoint could be connected.
    REFUSED("refused"),
    /// Every endpoint that could be asked has its `max-connections`.
    FULL("full"),
    /// Cut at the end of a drain.
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
            case DOWNSTREAM_FIN -> CLIENT_FIN;
            case UPSTREAM_FIN -> SERVER_FIN;
            case DOWNSTREAM_RESET -> CLIENT_RESET;
            case UPSTREAM_RESET -> SERVER_RESET;
            case DOWNSTREAM_LOST -> CLIENT_LOST;
            case UPSTREAM_LOST -> SERVER_LOST;
            case IDLE -> IDLE;
            case FIN_TIMEOUT -> FIN_TIMEOUT;
            case LIFETIME -> LIFETIME;
            case CUT -> DRAINED;
        };
    }
}
