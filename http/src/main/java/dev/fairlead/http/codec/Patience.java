package dev.fairlead.http.codec;

import dev.fairlead.config.HttpTimeouts;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;

/// How long a client is waited for, whatever it is that is awaited. Its loop only.
///
/// For a body, and for the taking of a response, it is a [Credit] of `timeouts.body`. Time in which it is we who do
/// not read costs nothing.
public final class Patience extends Deadline {
    /// How long a closed half waits for the next bytes of the other: what is in flight arrives in this time, or
    /// never.
    private static final long LINGER_NANOS = 2_000_000_000L;
    /// For how long it does so at most.
    private static final long LINGER_NANOS_MAX = 30_000_000_000L;

    /// What the client owes.
    public enum Waiting {
        HEAD,
        KEEP_ALIVE,
        BODY,
        TAKING,
        LINGER
    }

    private final Owner owner;
    private final long headNanos;
    private final long keepAliveNanos;
    private final Credit body;
    private final Credit taking;
    private Waiting waiting = Waiting.HEAD;

    private long seenBytes;
    private long takenBytes;
    private boolean slow;
    private long lingerEndNanos;

    /// Who waits.
    public interface Owner {
        /// The client has not done in time what was awaited.
        void onOverdue(Waiting waiting);
    }

    /// `minRate`: bytes a second; 0: any rate will do.
    public Patience(Loop loop, HttpTimeouts timeouts, long minRate, Owner owner) {
        super(loop);
        this.owner = owner;
        this.headNanos = timeouts.head().toNanos();
        this.keepAliveNanos = timeouts.keepAlive().toNanos();
        this.body = new Credit(timeouts.body().toNanos(), minRate);
        this.taking = new Credit(timeouts.body().toNanos(), minRate);
        refill();
    }

    /// `nowNanos`: when the head, or the connection, began.
    void head(long nowNanos) {
        await(Waiting.HEAD, nowNanos + headNanos);
    }

    void keepAlive(long nowNanos) {
        await(Waiting.KEEP_ALIVE, nowNanos + keepAliveNanos);
    }

    /// Not keep-alive any longer: the connection is wanted back at this time.
    void idleUntil(long nanos) {
        await(Waiting.KEEP_ALIVE, nanos);
    }

    /// An exchange begins, and with it two bodies; or nothing is left but to send the last bytes.
    public void refill() {
        clear();
        body.fill();
        taking.fill();
        seenBytes = 0;
    }

    /// For more of the body, of which so many bytes have come.
    public void body(long nowNanos, long bytes) {
        body.earn(bytes - seenBytes, nowNanos);
        seenBytes = bytes;
        slow = body.isLow();
        await(Waiting.BODY, body.spendFrom(nowNanos));
    }

    /// For nothing now. The credits keep.
    public void rest() {
        if (body.isSpending()) {
            body.rest(System.nanoTime());
        }
        clear();
    }

    /// For the client to take more than the bytes that it has, which it has just ceased to do.
    public void taking(long nowNanos, long bytes) {
        rest();
        takenBytes = bytes;
        slow = taking.isLow();
        await(Waiting.TAKING, taking.spendFrom(nowNanos));
    }

    /// It has taken so many by now. Whether that leaves it time.
    public boolean takes(long nowNanos, long bytes) {
        boolean hasTaken = bytes > takenBytes;
        taking.earn(bytes - takenBytes, nowNanos);
        takenBytes = bytes;
        long until = taking.spendFrom(nowNanos);
        if (until <= nowNanos) {
            slow |= hasTaken;
            return false;
        }
        slow = taking.isLow();
        await(Waiting.TAKING, until);
        return true;
    }

    /// It takes again as fast as we send.
    public void taken(long nowNanos, long bytes) {
        if (taking.isSpending()) {
            taking.earn(bytes - takenBytes, nowNanos);
            taking.rest(nowNanos);
            clear();
        }
    }

    /// Whether the client whose time is over was slow all the while, rather than silent at the end.
    public boolean wasSlow() {
        return slow;
    }

    void lingerFrom(long nowNanos) {
        lingerEndNanos = nowNanos + LINGER_NANOS_MAX;
        await(Waiting.LINGER, nowNanos + LINGER_NANOS);
    }

    /// More has come from a client that is lingered for.
    void lingerOn(long nowNanos) {
        if (waiting == Waiting.LINGER) {
            await(Waiting.LINGER, Math.min(nowNanos + LINGER_NANOS, lingerEndNanos));
        }
    }

    private void await(Waiting what, long until) {
        waiting = what;
        at(until);
    }

    @Override
    protected void onExpired(long nowNanos) {
        owner.onOverdue(waiting);
    }
}
