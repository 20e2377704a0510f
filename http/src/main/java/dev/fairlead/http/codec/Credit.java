package dev.fairlead.http.codec;

/// The time a client has for one body, its own or the one it is sent: full at first, spent while it is waited for,
/// earned with every byte at the least rate that is asked of it, and never more than full. So a pause may be as long
/// as the whole, but a client cannot buy another such pause with one byte. One loop.
final class Credit {
    private final long fullNanos;
    /// Bytes a second; 0: any rate will do.
    private final long minRate;

    private long nanos;
    private long sinceNanos;
    private boolean spending;

    Credit(long fullNanos, long minRate) {
        this.fullNanos = fullNanos;
        this.minRate = minRate;
    }

    void fill() {
        nanos = fullNanos;
        spending = false;
    }

    /// The client is waited for from now on. Returns when its time is over.
    long spendFrom(long nowNanos) {
        spend(nowNanos);
        spending = true;
        sinceNanos = nowNanos;
        return nowNanos + nanos;
    }

    /// It is not waited for, or no longer.
    void rest(long nowNanos) {
        spend(nowNanos);
        spending = false;
    }

    private void spend(long nowNanos) {
        if (spending) {
            nanos = Math.max(0, nanos - (nowNanos - sinceNanos));
            sinceNanos = nowNanos;
        }
    }

    /// So many bytes have come, or were taken. The time until now was spent before.
    void earn(long bytes, long nowNanos) {
        spend(nowNanos);
        if (bytes > 0 && nanos < fullNanos) {
            nanos = Math.min(fullNanos, nanos + worth(bytes));
        }
    }

    private long worth(long bytes) {
        return minRate == 0 || bytes / minRate > fullNanos / 1_000_000_000L
                ? fullNanos
                : bytes * 1_000_000_000L / minRate;
    }

    /// Less than half is left: a client whose time is over soon was slow, rather than silent.
    boolean isLow() {
        return nanos < fullNanos / 2;
    }

    boolean isSpending() {
        return spending;
    }
}
