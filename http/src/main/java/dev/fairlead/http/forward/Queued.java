package dev.fairlead.http.forward;

import dev.fairlead.http.exchange.Fault;
import dev.fairlead.net.Waiting;
import dev.fairlead.upstream.limit.Waiter;
import dev.fairlead.upstream.limit.WaitingQueue;
import org.jspecify.annotations.Nullable;

/// One wait of an exchange for an endpoint with room. Its body is not read before one is there to take it. Made only
/// when all are full. This loop only.
final class Queued implements Waiting.Owner {
    private final Forwarding forwarding;
    private @Nullable Waiting waiting;

    private Queued(Forwarding forwarding) {
        this.forwarding = forwarding;
    }

    /// Begins to wait; null when the queue takes nobody.
    static @Nullable Queued begin(Forwarding forwarding, WaitingQueue queue) {
        var queued = new Queued(forwarding);
        queued.waiting = Waiting.begin(forwarding.forwarder().loop(), queue, queued, System.nanoTime());
        if (queued.waiting == null) {
            return null;
        }
        forwarding.exchange().downstream().wantBody(false);
        return queued;
    }

    @Override
    public Waiter.Turn onTurn() {
        Waiting held = waiting;
        waiting = null;
        if (forwarding.tryAttempt()) {
            return Waiter.Turn.OVER;
        }
        if (forwarding.exchange().hasFoundFull()) {
            waiting = held;
            return forwarding.exchange().hasFailed() ? Waiter.Turn.PASSED : Waiter.Turn.FULL;
        }
        forwarding.onNoneLeft();
        return Waiter.Turn.OVER;
    }

    @Override
    public void onWaitedTooLong() {
        waiting = null;
        forwarding.fail(Fault.CONNECTION_LIMIT, "queue.timeout");
    }

    /// The exchange is over.
    void end() {
        if (waiting != null) {
            waiting.abandon();
            waiting = null;
        }
    }
}
