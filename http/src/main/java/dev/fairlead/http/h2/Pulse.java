package dev.fairlead.http.h2;

import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import java.time.Duration;

/// The signs of life that a peer gives on a connection, and is asked for by PING (RFC 9113 §6.7) when it has long given
/// none. Its loop only; its owner ends it.
final class Pulse extends Deadline {
    private static final long PING_DATA = 0x6661_6972_6c65_6164L;

    private final Framing framing;
    private final long intervalNanos;
    private final long timeoutNanos;
    private boolean isWatched;
    private boolean isAsked;
    private boolean isDoubted;
    private boolean isGone;
    private boolean wasHeard;
    private long heardNanos = System.nanoTime();

    Pulse(Loop loop, Framing framing, Duration interval, Duration timeout) {
        super(loop);
        this.framing = framing;
        this.intervalNanos = interval.toNanos();
        this.timeoutNanos = timeout.toNanos();
    }

    /// Something has come.
    void heard(long nowNanos) {
        wasHeard = true;
        heardNanos = nowNanos;
    }

    /// Whether anything has ever come.
    boolean wasHeard() {
        return wasHeard;
    }

    /// Whether anything has come since then.
    boolean wasHeardSince(long sinceNanos) {
        return wasHeard && heardNanos - sinceNanos >= 0;
    }

    /// Whether anything is under way: only then is silence a bad sign.
    void watch(boolean watch, long nowNanos) {
        isWatched = watch;
        if (!isAsked) {
            await(nowNanos);
        }
    }

    private void await(long fromNanos) {
        if (isWatched && intervalNanos > 0) {
            at(fromNanos + intervalNanos);
        } else {
            clear();
        }
    }

    /// An answer has been waited for in vain. If nothing at all was heard since then, it may be the connection.
    void doubt(long sinceNanos, long nowNanos) {
        if (!isAsked && heardNanos - sinceNanos < 0) {
            isDoubted = true;
            ask(nowNanos);
        }
    }

    private void ask(long nowNanos) {
        isAsked = true;
        framing.ping(PING_DATA);
        at(nowNanos + timeoutNanos);
    }

    void onAnswered(long nowNanos) {
        isAsked = false;
        isDoubted = false;
        await(nowNanos);
    }

    /// Nothing new is to be asked before it has given a sign.
    boolean isDoubted() {
        return isDoubted;
    }

    /// It gave none: the connection died, and not for what was asked on it.
    boolean isGone() {
        return isGone;
    }

    @Override
    protected void onExpired(long nowNanos) {
        if (isAsked) {
            isGone = true;
            framing.channel().close();
        } else if (nowNanos - heardNanos >= intervalNanos) {
            ask(nowNanos);
        } else {
            await(heardNanos);
        }
    }
}
