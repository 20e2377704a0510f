package dev.fairlead.l4;

/// How a relay ended: who closed first, or what closed it.
public enum RelayEnd {
    /// Both sides closed, the downstream side first, and every byte was passed on.
    DOWNSTREAM_FIN,
    /// Both sides closed, the upstream side first, and every byte was passed on.
    UPSTREAM_FIN,
    /// The downstream side reset its connection.
    DOWNSTREAM_RESET,
    /// The upstream side reset its connection.
    UPSTREAM_RESET,
    /// The downstream side acknowledged nothing any more: keep-alive or the user timeout ran out.
    DOWNSTREAM_LOST,
    /// The upstream side acknowledged nothing any more.
    UPSTREAM_LOST,
    /// No byte in either direction for the idle time.
    IDLE,
    /// One side had closed its half, and then came no byte for the fin time.
    FIN_TIMEOUT,
    /// The flow had lasted its longest.
    LIFETIME,
    /// Cut from here.
    CUT;

    /// Whether both connections are reset, so that a stream that was cut does not look like one that ended.
    boolean isReset() {
        return switch (this) {
            case DOWNSTREAM_RESET, UPSTREAM_RESET, DOWNSTREAM_LOST, UPSTREAM_LOST, CUT -> true;
            case DOWNSTREAM_FIN, UPSTREAM_FIN, IDLE, FIN_TIMEOUT, LIFETIME -> false;
        };
    }
}
