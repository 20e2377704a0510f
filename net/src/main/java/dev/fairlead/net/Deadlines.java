package dev.fairlead.net;

import io.netty.channel.EventLoop;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The deadlines of one loop, in a wheel of lists (Varghese and Lauck, 1987, scheme 6). Made for deadlines that are
/// put off at every byte and seldom reached: putting one off is one field write, and it is moved only when the
/// wheel comes by. Precise to one [#TICK_NANOS]; never early. This loop only.
public final class Deadlines {
    static final long TICK_NANOS = 25_000_000;
    private static final int SLOTS = 1024;
    private static final Logger LOG = LoggerFactory.getLogger(Deadlines.class);

    private final EventLoop eventLoop;
    private final @Nullable Deadline[] heads = new Deadline[SLOTS];
    private final long startNanos = System.nanoTime();
    private long tick;
    private int count;
    private @Nullable ScheduledFuture<?> ticking;

    Deadlines(EventLoop eventLoop) {
        this.eventLoop = eventLoop;
    }

    int count() {
        return count;
    }

    /// Puts the deadline in the list of the tick after its time, or in the last list of the wheel when it is
    /// further away than that.
    void add(Deadline deadline) {
        assert eventLoop.inEventLoop();
        if (ticking == null) {
            tick = tickOf(System.nanoTime());
            ticking = eventLoop.scheduleAtFixedRate(this::advance, TICK_NANOS, TICK_NANOS, TimeUnit.NANOSECONDS);
        }
        long at = Math.max(tick + 1, Math.min(tickOf(deadline.nanos()) + 1, tick + SLOTS - 1));
        int slot = (int) (at % SLOTS);
        deadline.place(at, slot);
        Deadline head = heads[slot];
        deadline.next = head;
        deadline.previous = null;
        if (head != null) {
            head.previous = deadline;
        }
        heads[slot] = deadline;
        count++;
    }

    void remove(Deadline deadline) {
        assert eventLoop.inEventLoop();
        Deadline next = deadline.next;
        Deadline previous = deadline.previous;
        if (previous == null) {
            heads[deadline.slot()] = next;
        } else {
            previous.next = next;
        }
        if (next != null) {
            next.previous = previous;
        }
        deadline.next = null;
        deadline.previous = null;
        count--;
    }

    /// The first tick at which a deadline of this time may fire.
    long tickOf(long nanos) {
        return Math.floorDiv(nanos - startNanos, TICK_NANOS);
    }

    private void advance() {
        long now = System.nanoTime();
        long reached = tickOf(now);
        while (tick < reached) {
            tick++;
            fire((int) (tick % SLOTS), now);
        }
        ScheduledFuture<?> timer = ticking;
        if (count == 0 && timer != null) {
            // Nothing to wait for: an idle loop sleeps.
            timer.cancel(false);
            ticking = null;
        }
    }

    /// Takes one after the other off the list. What fires may add and remove any deadline: none is ever added to
    /// the list of the present tick.
    private void fire(int slot, long now) {
        for (Deadline deadline = heads[slot]; deadline != null; deadline = heads[slot]) {
            try {
                deadline.passed(now);
            } catch (RuntimeException broken) {
                // Its owner's mistake. Thrown on, it would stop the wheel, and with it every deadline of the loop.
                LOG.atError().setCause(broken).log("a deadline failed");
            }
        }
    }
}
