package dev.fairlead.l4.udp;

/// Why a datagram was not passed on: the word in metrics.
enum Drop {
    /// Not in `allow`, or in `deny`.
    DENIED("denied"),
    /// `max-flows` is reached and none has been silent for long enough.
    MAX_FLOWS("max-flows"),
    /// `max-flows-per-client` is reached.
    MAX_FLOWS_PER_CLIENT("max-flows-per-client"),
    /// Its flow sends faster than `max-rate`.
    MAX_RATE("max-rate"),
    /// The upstream has no endpoint to go to.
    NO_ENDPOINT("no-endpoint"),
    /// Every endpoint has its `max-connections` or `max-requests`.
    FULL("full"),
    /// The process has no descriptor or no port left for a socket.
    NO_SOCKET("no-socket"),
    /// It would begin a flow on a plane that drains.
    DRAINING("draining"),
    /// Too much waits to be sent already.
    CONGESTED("congested"),
    /// The system would not send it: too large for the way, or forbidden.
    NOT_SENT("not-sent"),
    /// It has no content, and where there is no epoll such datagrams cannot be passed on.
    EMPTY("empty");

    private final String word;

    Drop(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }
}
