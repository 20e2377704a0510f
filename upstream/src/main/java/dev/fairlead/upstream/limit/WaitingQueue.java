package dev.fairlead.upstream.limit;

import dev.fairlead.config.QueueSpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Histogram;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// Flows and exchanges of all loops that wait until an endpoint of one upstream has room, in the order in which
/// they came. Whoever frees room calls [#freed]; the first in the queue then tries again, on its own loop, and
/// after it the next, until one finds no room. So one at a time has its turn, and nobody overtakes: who comes while
/// others wait has to enter too.
///
/// No wake-up is lost. Room that is freed before the first has its turn is seen by its try; room that is freed
/// during the try is remembered and makes it try once more; and room that was freed between a newcomer's look and
/// its entry is found by the turn that every entry gives.
///
/// Any thread. The lock is held for a few writes and never while a waiter tries, and it is taken only while
/// somebody waits: an empty queue costs one volatile read.
public final class WaitingQueue {
    // immutable
    private final Map<Outcome, Counter> outcomes = new EnumMap<>(Outcome.class);
    private final Counter refusals;
    private final Histogram seconds;

    // written by the control thread, read by any
    private volatile QueueSpec spec;

    // written under the lock, read by any
    private volatile int length;

    // under the lock
    private @Nullable Place first;
    private @Nullable Place last;
    /// Whose turn it is.
    private @Nullable Place turn;
    /// Room was freed since that turn began.
    private boolean isFreedAgain;

    public WaitingQueue(String upstream, QueueSpec spec, Metrics metrics) {
        this.spec = spec;
        for (Outcome outcome : Outcome.values()) {
            String word = outcome.name().toLowerCase(Locale.ROOT);
            outcomes.put(outcome, metrics.counter(Metric.UPSTREAM_QUEUE_WAITS, upstream, word));
        }
        this.refusals = metrics.counter(Metric.UPSTREAM_QUEUE_REFUSALS, upstream);
        this.seconds = metrics.histogram(Metric.UPSTREAM_QUEUE_SECONDS, upstream);
        metrics.gauge(Metric.UPSTREAM_QUEUE_LENGTH, this::length, upstream);
    }

    /// One waiter in the queue.
    public final class Place {
        private final Waiter waiter;
        private final Executor loop;
        private final long sinceNanos;
        private @Nullable Place next;
        private @Nullable Place previous;
        private boolean isIn = true;

        private Place(Waiter waiter, Executor loop, long sinceNanos) {
            this.waiter = waiter;
            this.loop = loop;
            this.sinceNanos = sinceNanos;
        }

        /// The wait is over. On its loop; false, and nothing happens, when it was over already.
        public boolean end(Outcome outcome, long nowNanos) {
            if (!drop(this)) {
                return false;
            }
            Objects.requireNonNull(outcomes.get(outcome)).increment();
            seconds.record(nowNanos - sinceNanos);
            return true;
        }
    }

    /// What became of a wait: the word in the metrics.
    public enum Outcome {
        /// Its turn came, and with it an endpoint or an answer.
        SERVED,
        /// It waited too long.
        TIMEOUT,
        /// Its client left.
        LEFT
    }

    /// Control thread. Who waits already stays.
    public void update(QueueSpec newSpec) {
        spec = newSpec;
    }

    public long timeoutNanos() {
        return spec.timeout().toNanos();
    }

    public int length() {
        return length;
    }

    /// Whether it takes anybody.
    public boolean isOn() {
        return spec.max() > 0;
    }

    public boolean isEmpty() {
        return length == 0;
    }

    /// Goes to the end of the queue; null when it is full or off. Each turn comes through `loop`, never within this
    /// call, until one of them is [Waiter.Turn#OVER] or the place is left.
    public @Nullable Place enter(Waiter waiter, Executor loop, long nowNanos) {
        Place place = new Place(waiter, loop, nowNanos);
        synchronized (this) {
            if (length >= spec.max()) {
                place.isIn = false;
            } else {
                append(place);
            }
        }
        if (!place.isIn) {
            if (isOn()) {
                refusals.increment();
            }
            return null;
        }
        freed();
        return place;
    }

    /// There may be room, or more of it than before.
    public void freed() {
        if (length == 0) {
            return;
        }
        synchronized (this) {
            if (turn != null) {
                isFreedAgain = true;
                return;
            }
            turn = first;
        }
        call();
    }

    /// Whether the first in the queue is of another loop: it has no use for a connection that this loop keeps.
    public boolean isNextElsewhere(Executor loop) {
        if (length == 0) {
            return false;
        }
        synchronized (this) {
            return first != null && !first.loop.equals(loop);
        }
    }

    /// Gives the turn to whom it belongs, on its loop. One whose loop has ended is passed by.
    private void call() {
        while (true) {
            Place called;
            synchronized (this) {
                called = turn;
            }
            if (called == null) {
                return;
            }
            try {
                called.loop.execute(() -> onTurn(called));
                return;
            } catch (RejectedExecutionException ended) {
                synchronized (this) {
                    if (called.isIn) {
                        remove(called);
                    }
                    turn = first;
                }
            }
        }
    }

    private void onTurn(Place place) {
        Waiter.Turn result;
        do {
            if (!hasTurn(place)) {
                return;
            }
            result = Waiter.Turn.OVER;
            try {
                result = place.waiter.onTurn();
            } finally {
                if (result == Waiter.Turn.OVER) {
                    drop(place);
                }
            }
        } while (result != Waiter.Turn.OVER && goesOn(place, result));
    }

    private synchronized boolean hasTurn(Place place) {
        if (turn != place) {
            return false;
        }
        if (place == first) {
            isFreedAgain = false;
        }
        return true;
    }

    /// Nothing for it now. True when it has to try again at once.
    private boolean goesOn(Place place, Waiter.Turn result) {
        synchronized (this) {
            if (turn != place) {
                return false;
            }
            if (isFreedAgain) {
                turn = first;
            } else {
                turn = result == Waiter.Turn.PASSED ? place.next : null;
            }
            if (turn == place) {
                return true;
            }
        }
        call();
        return false;
    }

    /// Takes it out; when it had the turn, or held up those behind it, the next one has. False when it was out already.
    private boolean drop(Place place) {
        boolean givesOn;
        synchronized (this) {
            if (!place.isIn) {
                return false;
            }
            // What the first has no use for, as a connection of another loop, may be just what the second waits for.
            givesOn = turn == place || (turn == null && first == place);
            remove(place);
            if (givesOn) {
                turn = first;
            }
        }
        if (givesOn) {
            call();
        }
        return true;
    }

    private void setLength(int now) {
        length = now;
    }

    private void append(Place place) {
        Place before = last;
        place.previous = before;
        if (before == null) {
            first = place;
        } else {
            before.next = place;
        }
        last = place;
        setLength(length + 1);
    }

    private void remove(Place place) {
        place.isIn = false;
        Place before = place.previous;
        Place after = place.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        place.previous = null;
        place.next = null;
        setLength(length - 1);
    }
}
