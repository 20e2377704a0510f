package dev.fairlead.upstream;

import dev.fairlead.config.RetrySpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/// The retries of one upstream over all loops: how many it bears at once, and what they were for.
///
/// The budget counts a retry from the decision to make it, through its pause, to the head of its answer. It is a
/// share of the flows and exchanges that are in their first attempt: when everything fails, the endpoints are asked no
/// more than that much oftener than the clients ask. Any thread.
public final class Retries {
    /// What an exchange was tried again for.
    public enum Reason {
        /// No connection could be made: nothing was asked of the endpoint.
        CONNECT,
        /// A pooled connection turned out to be dead.
        IDLE,
        /// A connection broke off before the answer.
        RESET,
        /// `retry.attempt-timeout`.
        TIMEOUT,
        /// `retry.statuses`.
        STATUS;

        private final String label = name().toLowerCase(Locale.ROOT);

        /// How logs and metrics call it.
        public String label() {
            return label;
        }
    }

    /// One retry, in the upper half of [#underWay].
    private static final long ONE = 1L << 32;

    // immutable
    private final Counter[] counters;
    private final Counter refusals;

    // written by the control thread, read by any
    private volatile int percent;
    private volatile int min;

    // any thread
    /// Retries under way in the upper half, those of them that pause in the lower.
    private final AtomicLong underWay = new AtomicLong();

    Retries(String upstream, RetrySpec spec, Metrics metrics) {
        counters = Arrays.stream(Reason.values())
                .map(reason -> metrics.counter(Metric.UPSTREAM_RETRIES, upstream, reason.label()))
                .toArray(Counter[]::new);
        refusals = metrics.counter(Metric.UPSTREAM_RETRY_REFUSALS, upstream);
        update(spec);
    }

    /// Control thread.
    void update(RetrySpec spec) {
        percent = spec.budget();
        min = spec.budgetMin();
    }

    /// Takes the place of one retry, which begins with a pause; false when the budget is spent. `active`: exchanges
    /// on the endpoints now, the one that asks included. Exact over all loops. Given back with [#end].
    boolean tryBegin(int active) {
        boolean has = tryPlace(active);
        if (!has) {
            refused();
        }
        return has;
    }

    /// As [#tryBegin], for one who asks again when there is none, and so is not refused yet.
    boolean tryPlace(int active) {
        while (true) {
            long seen = underWay.get();
            int retries = (int) (seen >>> 32);
            // Those that pause are on no endpoint.
            int first = active - (retries - (int) seen);
            if (retries >= Math.max(min, (long) first * percent / 100)) {
                return false;
            }
            if (underWay.compareAndSet(seen, seen + ONE + 1)) {
                return true;
            }
        }
    }

    /// One was not made because the budget was spent.
    public void refused() {
        refusals.increment();
    }

    /// The pause of one retry is over, or was given up.
    public void pauseOver() {
        underWay.decrementAndGet();
    }

    /// One retry that does not pause is over, or has its answer.
    public void end() {
        underWay.addAndGet(-ONE);
    }

    /// An exchange, or the connect of a flow, is tried again for this.
    public void count(Reason reason) {
        counters[reason.ordinal()].increment();
    }

    /// Retries under way, those that pause included.
    public int underWay() {
        return (int) (underWay.get() >>> 32);
    }
}
