package dev.fairlead.http.codec;

import dev.fairlead.config.HttpTimeouts;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;

/// How long a client is waited for, whatever it is that is awaited. Its loop only.
final class Patience extends Deadline {
    /// How long a closed half waits for the other: what is in flight arrives in this time, or never.
    private static final long LINGER_NANOS = 2_000_000_000L;

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
    private Waiting waiting = Waiting.HEAD;

    Patience(Loop loop, HttpTimeouts timeouts, DownstreamConnection connection) {
        super(loop);
        this.connection = connection;
        this.headNanos = timeouts.head().toNanos();
        this.bodyNanos = timeouts.body().toNanos();
        this.keepAliveNanos = timeouts.keepAlive().toNanos();
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

    void body(long nowNanos) {
        await(Waiting.BODY, nowNanos + bodyNanos);
    }

    /// For the client to take bytes.
    void taking(long nowNanos) {
        await(Waiting.TAKING, nowNanos + bodyNanos);
    }

    void linger(long nowNanos) {
        await(Waiting.LINGER, nowNanos + LINGER_NANOS);
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
