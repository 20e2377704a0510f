package dev.fairlead.l4;

import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;

/// The three times of a relay in one deadline: without a byte, without a byte since one half closed, and in all.
/// This loop only.
final class RelayClock extends Deadline {
    private final RelayTerms terms;
    private final Expired expired;
    private final long endNanos;
    private boolean halfClosed;
    private long touchedNanos;

    interface Expired {
        void onExpired(RelayEnd end);
    }

    RelayClock(Loop loop, RelayTerms terms, Expired expired) {
        super(loop);
        this.terms = terms;
        this.expired = expired;
        this.endNanos = terms.beganNanos() + terms.lifetimeNanos();
    }

    /// Bytes have moved.
    void touch(long nowNanos) {
        touchedNanos = nowNanos;
        long quiet = nowNanos + quietNanos();
        at(hasLifetime() && endNanos - quiet < 0 ? endNanos : quiet);
    }

    /// From now on the fin time holds, where it is the shorter.
    void halfClosed(long nowNanos) {
        halfClosed = true;
        touch(nowNanos);
    }

    long touchedNanos() {
        return touchedNanos;
    }

    private boolean hasLifetime() {
        return terms.lifetimeNanos() > 0;
    }

    private long quietNanos() {
        return halfClosed ? Math.min(terms.finNanos(), terms.idleNanos()) : terms.idleNanos();
    }

    @Override
    protected void onExpired(long nowNanos) {
        if (hasLifetime() && nowNanos - endNanos >= 0) {
            expired.onExpired(RelayEnd.LIFETIME);
        } else {
            expired.onExpired(
                    halfClosed && terms.finNanos() <= terms.idleNanos() ? RelayEnd.FIN_TIMEOUT : RelayEnd.IDLE);
        }
    }
}
