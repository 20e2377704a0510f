package dev.fairlead.http.codec;

/// How often something may happen: so often at once, and so often a second from then on. One thread.
public final class Allowance {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final int burst;
    private final int perSecond;
    private long left;
    private long filledNanos;

    public Allowance(int burst, int perSecond, long nowNanos) {
        this.burst = burst;
        this.perSecond = perSecond;
        this.left = burst;
        this.filledNanos = nowNanos;
    }

    /// It has happened once more. False: that was too often.
    public boolean spend() {
        if (left == 0) {
            fill(System.nanoTime());
        }
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }

    /// As [#spend], where it cannot be helped: what is too much is made up for by later time.
    public void owe(long nowNanos) {
        fill(nowNanos);
        left--;
    }

    /// Whether it may happen once more.
    public boolean isOneLeft(long nowNanos) {
        fill(nowNanos);
        return left > 0;
    }

    /// One more than time alone would give.
    public void earn() {
        if (left < burst) {
            left++;
        }
    }

    private void fill(long nowNanos) {
        long seconds = (nowNanos - filledNanos) / SECOND_NANOS;
        if (seconds > 0) {
            filledNanos += seconds * SECOND_NANOS;
            left = Math.min(burst, left + perSecond * Math.min(seconds, 1000));
        }
    }
}
