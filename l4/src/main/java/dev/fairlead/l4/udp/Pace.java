package dev.fairlead.l4.udp;

/// A bound on datagrams a second, a second's worth at once: the generic cell rate algorithm (ITU-T I.371), which
/// needs one number for each flow: the time until which it has used up what it may.
final class Pace {
    /// What [#spend] returns for a datagram that is too many.
    static final long REFUSED = Long.MIN_VALUE;

    private static final long SECOND_NANOS = 1_000_000_000L;

    private Pace() {}

    /// The number after one more datagram. `spentNanos` is what the last call gave that refused nothing, or any time
    /// that has passed.
    static long spend(long spentNanos, int perSecond, long nowNanos) {
        long from = spentNanos - nowNanos > 0 ? spentNanos : nowNanos;
        long until = from + SECOND_NANOS / perSecond;
        return until - nowNanos > SECOND_NANOS ? REFUSED : until;
    }
}
