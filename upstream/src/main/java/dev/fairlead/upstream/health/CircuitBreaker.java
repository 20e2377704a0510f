package dev.fairlead.upstream.health;

import dev.fairlead.config.BreakerSpec;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Stops asking a service that fails: closed while it is well; open, once the share of failures in a sliding window
/// is too great, for a fixed time; then half-open, in which a few trials pass. When all of them succeed it closes,
/// when one fails it opens again. Any thread; allocates nothing. At the edges of a tenth of the window an outcome
/// may be lost to a race: shares are estimates anyway. The number of trials is exact.
public final class CircuitBreaker {
    /// The window slides in so many steps.
    private static final int STEPS = 10;

    private final Terms terms;
    private final long stepNanos;

    // any thread
    private final AtomicIntegerArray successes = new AtomicIntegerArray(STEPS + 1);
    private final AtomicIntegerArray failures = new AtomicIntegerArray(STEPS + 1);
    /// The step that is counted into now.
    private final AtomicLong step = new AtomicLong(Long.MIN_VALUE);
    private volatile State state = State.CLOSED;
    private volatile long openedNanos;
    private final AtomicInteger trials = new AtomicInteger();
    private final AtomicInteger passed = new AtomicInteger();

    /// Opens at `failurePercent` of at least `outcomesMin` outcomes within `windowNanos`, for `openNanos`; then
    /// `trials` decide.
    public record Terms(int failurePercent, int outcomesMin, long windowNanos, long openNanos, int trials) {}

    public enum State {
        CLOSED(0),
        OPEN(1),
        HALF_OPEN(2);

        private final int number;

        State(int number) {
            this.number = number;
        }

        /// What metrics say for it.
        public int number() {
            return number;
        }
    }

    /// As the config wants it; null when it wants none.
    public static @Nullable CircuitBreaker of(@Nullable BreakerSpec spec) {
        return spec == null
                ? null
                : new CircuitBreaker(new Terms(
                        spec.failures(),
                        spec.outcomesMin(),
                        spec.window().toNanos(),
                        spec.openTime().toNanos(),
                        spec.trials()));
    }

    public CircuitBreaker(Terms terms) {
        this.terms = terms;
        this.stepNanos = Math.max(1, terms.windowNanos / STEPS);
    }

    public State state() {
        return state;
    }

    /// Whether one more may go through. When half-open, a true is one of the trials: [#on] must follow, or
    /// [#abandoned].
    public boolean tryPass(long nowNanos) {
        return switch (state) {
            case CLOSED -> true;
            case OPEN -> nowNanos - openedNanos >= terms.openNanos && halfOpen(nowNanos) && tryTrial(nowNanos);
            case HALF_OPEN -> tryTrial(nowNanos);
        };
    }

    private synchronized boolean halfOpen(long nowNanos) {
        if (state == State.OPEN) {
            trials.set(0);
            passed.set(0);
            openedNanos = nowNanos;
            state = State.HALF_OPEN;
        }
        return state == State.HALF_OPEN;
    }

    private boolean tryTrial(long nowNanos) {
        int begun = trials.get();
        while (begun < terms.trials) {
            if (trials.compareAndSet(begun, begun + 1)) {
                return true;
            }
            begun = trials.get();
        }
        // Trials that never told how they ended must not keep it half-open for ever.
        if (nowNanos - openedNanos >= terms.openNanos) {
            openedNanos = nowNanos;
            trials.set(1);
            return true;
        }
        return false;
    }

    /// A pass was not used.
    public void abandoned() {
        if (state == State.HALF_OPEN) {
            trials.getAndUpdate(begun -> Math.max(0, begun - 1));
        }
    }

    public void on(boolean success, long nowNanos) {
        switch (state) {
            case CLOSED -> count(success, nowNanos);
            // Of what began before it opened.
            case OPEN -> {}
            case HALF_OPEN -> {
                if (!success) {
                    open(nowNanos);
                } else if (passed.incrementAndGet() >= terms.trials) {
                    close(nowNanos);
                }
            }
        }
    }

    private void count(boolean success, long nowNanos) {
        slide(Math.floorDiv(nowNanos, stepNanos));
        int slot = Math.floorMod(step.get(), STEPS + 1);
        (success ? successes : failures).getAndIncrement(slot);
        if (success) {
            return;
        }
        long good = 0;
        long bad = 0;
        for (int i = 0; i <= STEPS; i++) {
            good += successes.get(i);
            bad += failures.get(i);
        }
        if (good + bad >= terms.outcomesMin && bad * 100 >= (good + bad) * terms.failurePercent) {
            open(nowNanos);
        }
    }

    /// Empties the steps that the window has left behind.
    private void slide(long now) {
        long seen = step.get();
        while (seen < now) {
            if (step.compareAndSet(seen, now)) {
                long from = seen == Long.MIN_VALUE ? now - STEPS : Math.max(seen + 1, now - STEPS);
                for (long each = from; each <= now; each++) {
                    int slot = Math.floorMod(each, STEPS + 1);
                    successes.set(slot, 0);
                    failures.set(slot, 0);
                }
                return;
            }
            seen = step.get();
        }
    }

    private synchronized void open(long nowNanos) {
        openedNanos = nowNanos;
        state = State.OPEN;
    }

    private synchronized void close(long nowNanos) {
        if (state == State.HALF_OPEN) {
            step.set(Math.floorDiv(nowNanos, stepNanos));
            for (int i = 0; i <= STEPS; i++) {
                successes.set(i, 0);
                failures.set(i, 0);
            }
            state = State.CLOSED;
        }
    }
}
