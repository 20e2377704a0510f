package dev.fairlead.l4;

/// How a relay ended.
public enum RelayEnd {
    /// Both sides closed, and every byte was passed on.
    CLOSED,
    /// No byte in either direction for the idle time.
    IDLE,
    /// One side broke.
    RESET,
    /// Cut from here.
    CUT
}
