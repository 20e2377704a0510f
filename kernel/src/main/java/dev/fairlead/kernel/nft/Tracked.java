package dev.fairlead.kernel.nft;

import dev.fairlead.kernel.FlowEnd;
import dev.fairlead.kernel.Transport;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/// A flow with another destination than its packets had, as conntrack tells of it. `timeoutSeconds`: for how long it
/// may still be silent. Bytes are 0 where Linux does not count them, times where it notes none; they are nanoseconds of
/// the epoch.
record Tracked(
        int id,
        InetSocketAddress client,
        Seat seat,
        State state,
        long timeoutSeconds,
        long bytesIn,
        long bytesOut,
        long beganNanos,
        long endedNanos) {
    /// enum tcp_conntrack of linux/netfilter/nf_conntrack_tcp.h, in its order. Datagrams have none.
    enum State {
        NONE,
        SYN_SENT,
        SYN_RECEIVED,
        ESTABLISHED,
        FIN_WAIT,
        CLOSE_WAIT,
        LAST_ACK,
        TIME_WAIT,
        CLOSE;

        static State of(int number) {
            return number < values().length ? values()[number] : NONE;
        }
    }

    /// Whether both sides have ended it, or one has reset it. It stays for what may still come.
    boolean isClosed() {
        return state == State.TIME_WAIT || state == State.CLOSE;
    }

    /// Whether the endpoint has not answered the client's SYN.
    boolean isUnanswered() {
        return state == State.SYN_SENT;
    }

    /// Whether the client has not shown that it hears the endpoint.
    boolean isNew() {
        return state == State.SYN_SENT || state == State.SYN_RECEIVED;
    }

    /// How it is over, when Linux has let it go.
    FlowEnd end() {
        return switch (state) {
            case NONE, ESTABLISHED -> FlowEnd.IDLE;
            case SYN_SENT, SYN_RECEIVED -> FlowEnd.UNANSWERED;
            case FIN_WAIT, CLOSE_WAIT, LAST_ACK -> FlowEnd.FIN_TIMEOUT;
            case TIME_WAIT -> FlowEnd.CLOSED;
            case CLOSE -> FlowEnd.RESET;
        };
    }

    /// From its first packet to its last, as near as the silence after that tells.
    long lastedNanos(int idleSeconds, FlowEnd over) {
        long silence = switch (over) {
            case CLOSED, RESET -> Part.CLOSED;
            case UNANSWERED -> Part.UNANSWERED;
            case IDLE -> idleSeconds;
            case FIN_TIMEOUT, DRAINED, FORGOTTEN -> 0;
        };
        return beganNanos == 0 || endedNanos == 0
                ? 0
                : Math.max(0, endedNanos - beganNanos - TimeUnit.SECONDS.toNanos(silence));
    }

    boolean isTcp() {
        return seat.door().transport() == Transport.TCP;
    }
}
