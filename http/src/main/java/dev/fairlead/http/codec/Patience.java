package dev.fairlead.http.codec;

import dev.fairlead.config.HttpTimeouts;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;

/// How long a client is waited for, whatever it is that is awaited. Its loop only.
///
/// For a body, and for the taking of a response, it is a credit of time: full (`timeouts.body`) at first, spent while
/// we wait, earned with every byte at the least rate that is asked of a client, and never more than full. So a pause
/// may be as long as the time-out, but a client cannot buy another such pause with one byte. Time in which it is we
/// who do not read costs nothing.
final class Patience extends Deadline {
    /// How long a closed half waits for the next bytes of the other: what is in flight arrives in this time, or
    /// never.
    private static final long LINGER_NANOS = 2_000_000_000L;
    /// For how long it does so at most.
    private static final long LINGER_NANOS_MAX = 30_000_000_000L;

    /// What the client owes.
    enum Waiting {
        HEAD,
        KEEP_ALIVE,
        BODY,
        TAKING,
        LINGER
    }

    private final DownstreamConnection connection;
    private final long headNanos;
    private final long bodyNanos;
    private final long keepAliveNanos;
    private final long minRate;
    private Waiting waiting = Waiting.HEAD;

    private long creditNanos;
    private long sinceNanos;
    private long seenBytes;
    private boolean spending;
    private boolean earned;
    private long lingerEndNanos;

    /// `minRate`: bytes a second; 0: any rate will do.
    Patience(Loop loop, HttpTimeouts timeouts, long minRate, DownstreamConnection connection) {
        super(loop);
        this.connection = connection;
        this.headNanos = timeouts.head().toNanos();
        this.bodyNanos = timeouts.body().toNanos();
        this.keepAliveNanos = timeouts.keepAlive().toNanos();
        this.minRate = minRate;
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

    /// A body may begin: its credit is full.
    void newBody() {
        clear();
        creditNanos = bodyNanos;
        seenBytes = 0;
        spending = false;
    }

    /// For more of the body, of which so many bytes have come.
    void body(long nowNanos, long bytes) {
        spend(nowNanos);
        earn(bytes - seenBytes);
        seenBytes = bytes;
        earned = creditNanos < bodyNanos;
        spending = true;
        sinceNanos = nowNanos;
        await(Waiting.BODY, nowNanos + creditNanos);
    }

    /// For nothing now. The credit of the body keeps.
    void rest() {
        if (spending) {
            spend(System.nanoTime());
            spending = false;
        }
        clear();
    }

    /// For the client to take bytes, which it has just ceased to do.
    void taking(long nowNanos) {
        rest();
        earned = false;
        await(Waiting.TAKING, nowNanos + bodyNanos);
    }

    /// It was late and has taken so many meanwhile. Whether that buys it more time.
    boolean takingOn(long nowNanos, long bytes) {
        if (bytes <= 0) {
            return false;
        }
        earned = minRate > 0;
        await(Waiting.TAKING, nowNanos + Math.min(bodyNanos, nanosOf(bytes)));
        return true;
    }

    /// Whether the time that is over now was less than the whole credit: the client was slow, not silent.
    boolean hasEarned() {
        return earned;
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

    private void spend(long nowNanos) {
        if (spending) {
            creditNanos -= nowNanos - sinceNanos;
        }
    }

    private void earn(long bytes) {
        if (bytes > 0 && creditNanos < bodyNanos) {
            creditNanos = Math.min(bodyNanos, creditNanos + nanosOf(bytes));
        }
    }

    /// The time that so many bytes are worth.
    private long nanosOf(long bytes) {
        return minRate == 0 || bytes / minRate > bodyNanos / 1_000_000_000L
                ? bodyNanos
                : bytes * 1_000_000_000L / minRate;
    }

    private void await(Waiting what, long until) {
        waiting = what;
        at(until);
    }

    @Override
    protected void onExpired(long nowNanos) {
        connection.onOverdue(waiting);
    }
}
