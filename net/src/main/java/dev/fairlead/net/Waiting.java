package dev.fairlead.net;

import dev.fairlead.upstream.limit.Waiter;
import dev.fairlead.upstream.limit.WaitingQueue;
import dev.fairlead.upstream.limit.WaitingQueue.Outcome;
import org.jspecify.annotations.Nullable;

/// One wait of a flow or exchange for an endpoint with room: its place in the queue of an upstream, and the
/// deadline of it. This loop only.
public final class Waiting extends Deadline implements Waiter {
    private final Owner owner;
    private WaitingQueue.@Nullable Place place;

    /// Who waits.
    public interface Owner {
        /// There may be room: try again.
        Waiter.Turn onTurn();

        /// The wait has lasted too long, and is over.
        void onWaitedTooLong();
    }

    private Waiting(Loop loop, Owner owner) {
        super(loop);
        this.owner = owner;
    }

    /// Begins to wait; null when the queue takes nobody. The first turn comes after this has returned.
    public static @Nullable Waiting begin(Loop loop, WaitingQueue queue, Owner owner, long nowNanos) {
        var waiting = new Waiting(loop, owner);
        waiting.place = queue.enter(waiting, loop.eventLoop(), nowNanos);
        if (waiting.place == null) {
            return null;
        }
        waiting.at(nowNanos + queue.timeoutNanos());
        return waiting;
    }

    @Override
    public Turn onTurn() {
        Turn turn = owner.onTurn();
        if (turn == Turn.OVER) {
            leave(Outcome.SERVED);
        }
        return turn;
    }

    @Override
    protected void onExpired(long nowNanos) {
        leave(Outcome.TIMEOUT);
        owner.onWaitedTooLong();
    }

    /// Its client has left.
    public void abandon() {
        leave(Outcome.LEFT);
    }

    private void leave(Outcome outcome) {
        end();
        WaitingQueue.Place held = place;
        place = null;
        if (held != null) {
            held.end(outcome, System.nanoTime());
        }
    }
}
