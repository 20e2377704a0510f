package dev.fairlead.upstream.health;

/// One endpoint's way up to its full weight after it has recovered or joined: in a straight line over a window,
/// from a tenth, so that caches fill and code warms up before it bears its whole share. Pure; one thread, but any may
/// ask for the percentage.
public final class SlowStart {
    /// Less would be too little to warm anything.
    static final int PERCENT_LEAST = 10;

    private long windowNanos;
    private boolean isWaiting;
    private boolean isRising;
    private long sinceNanos;
    private volatile int percent = 100;

    /// How long the way up is; 0: there is none, and what is on it is at its end.
    public void window(long nanos) {
        windowNanos = nanos;
        if (nanos == 0) {
            isWaiting = false;
            isRising = false;
            percent = 100;
        }
    }

    /// It begins with the next [#tick]: what makes an endpoint recover has no clock at hand.
    public void begin() {
        if (windowNanos == 0) {
            return;
        }
        isWaiting = true;
        isRising = true;
        percent = PERCENT_LEAST;
    }

    /// What part of its weight it has now.
    public int percent() {
        return percent;
    }

    public boolean isRising() {
        return isRising;
    }

    /// True when the percentage has changed.
    public boolean tick(long nowNanos) {
        if (!isRising) {
            return false;
        }
        if (isWaiting) {
            isWaiting = false;
            sinceNanos = nowNanos;
        }
        long elapsed = Math.max(0, nowNanos - sinceNanos);
        int before = percent;
        percent = elapsed >= windowNanos ? 100 : (int) Math.max(PERCENT_LEAST, 100.0 * elapsed / windowNanos);
        isRising = percent < 100;
        return percent != before;
    }
}
