package dev.fairlead.http.forward;

import dev.fairlead.config.RetrySpec;
import dev.fairlead.net.Loop;
import dev.fairlead.upstream.Retries;
import dev.fairlead.upstream.Upstream;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The retries of one exchange that count against its upstream's budget: the place that one has in it, and the
/// pause before it. Made when the first is wanted. This loop only.
final class Retrying implements Runnable {
    private final Forwarding forwarding;
    private final Loop loop;
    private final Upstream upstream;
    private int count;
    private boolean hasPlace;
    private boolean mayReturn;
    private @Nullable Future<?> pause;

    Retrying(Forwarding forwarding, Upstream upstream) {
        this.forwarding = forwarding;
        this.loop = forwarding.forwarder().loop();
        this.upstream = upstream;
    }

    /// Takes a place in the budget and pauses; then attempts. False when the budget is spent.
    boolean begin(Retries.Reason reason, boolean isOver) {
        end();
        if (!upstream.tryRetry(isOver)) {
            return false;
        }
        hasPlace = true;
        mayReturn = reason != Retries.Reason.RESET;
        count++;
        RetrySpec spec = upstream.spec().retry();
        long nanos = Backoff.nanos(
                count,
                spec.backoffBase().toNanos(),
                spec.backoffMax().toNanos(),
                ThreadLocalRandom.current().nextLong());
        // Not a Deadline: the wheel's tick is as long as the whole pause.
        pause = loop.eventLoop().schedule(this, nanos, TimeUnit.NANOSECONDS);
        return true;
    }

    @Override
    public void run() {
        pause = null;
        upstream.retries().pauseOver();
        if (forwarding.tryAttempt()) {
            return;
        }
        if (mayReturn) {
            // The others are down: where it was already is better than nowhere.
            forwarding.exchange().forgetTried();
        }
        forwarding.attempt();
    }

    /// The retry is over: answered, failed, or not wanted any more.
    void end() {
        if (pause != null) {
            pause.cancel(false);
            pause = null;
            upstream.retries().pauseOver();
        }
        if (hasPlace) {
            hasPlace = false;
            upstream.retries().end();
        }
    }
}
