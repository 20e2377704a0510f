package dev.fairlead.kernel;

import org.jspecify.annotations.Nullable;

/// When a flow is over, by what its entry says and for how long it has been silent. Pure.
public record Ageing(long idleNanos, long finNanos, boolean isDraining) {
    /// What may still come after the end: a last acknowledgement, a FIN once more.
    private static final long CLOSED_NANOS = 10_000_000_000L;

    /// A client has given up by then: Linux sends the last of its SYNs after about as long (`tcp_syn_retries`).
    private static final long UNANSWERED_NANOS = 60_000_000_000L;

    /// Of a datagram listener that drains: who has been silent for so long has nothing under way.
    private static final long DRAINED_NANOS = 1_000_000_000L;

    /// Of a TCP listener that drains: time for a lost packet of a handshake. What is left of a flood is not waited for.
    private static final long HANDSHAKE_NANOS = 3_000_000_000L;

    public Ageing(long idleNanos, long finNanos) {
        this(idleNanos, finNanos, false);
    }

    /// The same once the listener drains: datagrams have no end, so silence is one.
    Ageing ofDrain(Transport transport) {
        long idle = transport == Transport.TCP ? idleNanos : Math.min(idleNanos, DRAINED_NANOS);
        return new Ageing(idle, finNanos, true);
    }

    /// Null while it is not over. A flow counts as long as both are silent: the caller asks the twin before it
    /// believes.
    @Nullable
    FlowEnd over(int flags, boolean isTcp, long silentNanos) {
        if ((flags & FlowEntry.RESET) != 0) {
            return silentNanos > CLOSED_NANOS ? FlowEnd.RESET : null;
        }
        int done = flags & (FlowEntry.CLIENT_DONE | FlowEntry.ENDPOINT_DONE);
        if (done == (FlowEntry.CLIENT_DONE | FlowEntry.ENDPOINT_DONE)) {
            return silentNanos > CLOSED_NANOS ? FlowEnd.CLOSED : null;
        }
        if (done != 0 && silentNanos > Math.min(finNanos, idleNanos)) {
            return FlowEnd.FIN_TIMEOUT;
        }
        boolean isNew = isTcp && done == 0 && (flags & (FlowEntry.PROVED | FlowEntry.ADOPTED)) == 0;
        if (isNew && silentNanos > Math.min(isDraining ? HANDSHAKE_NANOS : UNANSWERED_NANOS, idleNanos)) {
            return FlowEnd.UNANSWERED;
        }
        return silentNanos > idleNanos ? FlowEnd.IDLE : null;
    }
}
