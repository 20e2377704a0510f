package dev.fairlead.kernel;

/// How a flow left the kernel's table.
public enum FlowEnd {
    /// Both sides have sent their last byte.
    CLOSED("closed"),
    /// One of them has reset the connection.
    RESET("reset"),
    /// One side had sent its last byte, and nothing came for the fin time.
    FIN_TIMEOUT("fin-timeout"),
    /// The endpoint never answered, or the client never acknowledged that.
    UNANSWERED("unanswered"),
    /// Nothing came for the idle time.
    IDLE("idle"),
    /// Cut: at the end of a drain, or because its endpoint may not keep it.
    DRAINED("drained"),
    /// The client began another connection from the same port, or the table was full and this flow silent for
    /// longest.
    FORGOTTEN("forgotten");

    private final String word;

    FlowEnd(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
