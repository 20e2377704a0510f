package dev.fairlead.upstream.health;

/// One endpoint's exile: how long it is kept out, and longer each time it comes back no better. The first lasts
/// `baseNanos`, the nth in a row n times that, at most `mostNanos`; every `baseNanos` served without another takes
/// one off the row. Pure; one thread.
public final class Ejection {
    private int row;
    private boolean isOut;
    private long changedNanos;
    private long untilNanos;

    public boolean isOut() {
        return isOut;
    }

    public void eject(long nowNanos, long baseNanos, long mostNanos) {
        row = rowAt(nowNanos, baseNanos) + 1;
        isOut = true;
        changedNanos = nowNanos;
        // As a division: base x row could overflow.
        long nanos = row > mostNanos / Math.max(1, baseNanos) ? mostNanos : row * baseNanos;
        untilNanos = nowNanos + nanos;
    }

    /// True when the exile ends with this call.
    public boolean returns(long nowNanos) {
        if (!isOut || nowNanos - untilNanos < 0) {
            return false;
        }
        isOut = false;
        changedNanos = nowNanos;
        return true;
    }

    /// Ends it at once and forgets the row: an operator says the endpoint is well.
    public void pardon() {
        isOut = false;
        row = 0;
    }

    private int rowAt(long nowNanos, long baseNanos) {
        if (row == 0) {
            return 0;
        }
        long served = Math.max(0, nowNanos - changedNanos) / Math.max(1, baseNanos);
        return (int) Math.max(0, row - served);
    }

    /// How many of `count` endpoints may be out at once: `percent` of them, rounded down, but one of two or more,
    /// and never the only one.
    public static int most(int count, int percent) {
        int most = (int) ((long) count * percent / 100);
        return count < 2 || percent == 0 ? 0 : Math.clamp(most, 1, count);
    }
}
