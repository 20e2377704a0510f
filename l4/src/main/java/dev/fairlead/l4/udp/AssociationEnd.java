package dev.fairlead.l4.udp;

/// Why an association is over: the word in metrics and in the access log.
enum AssociationEnd {
    /// Every response that was expected has been passed on.
    ANSWERED("answered"),
    /// A response did not come in time: a fault of the endpoint.
    UNANSWERED("unanswered"),
    /// No datagram in either direction for the idle time.
    IDLE("idle"),
    /// Nobody takes datagrams at the endpoint: an ICMP message came back.
    UNREACHABLE("unreachable"),
    /// The endpoint is down, ejected or gone; the client's next datagram goes to another.
    DOWN("down"),
    /// It had been silent longest when there was no room for a new one.
    EVICTED("evicted"),
    /// Its plane drains or closes.
    DRAINED("drained");

    private final String word;

    AssociationEnd(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }
}
