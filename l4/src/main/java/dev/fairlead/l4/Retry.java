package dev.fairlead.l4;

import dev.fairlead.net.Loop;
import dev.fairlead.upstream.Upstream;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The retries of one flow's connect, each with a place in the budget of its upstream. A flow has nothing that it could
/// answer instead: so while the budget is spent it asks again after a pause, for as long as one connect may take. Made
/// when the first is wanted. This loop only.
final class Retry implements Runnable {
    /// Where `retry.backoff-base` is nothing: a loop must not ask without a pause.
    private static final long PAUSE_NANOS_MIN = 1_000_000;

    private final Search search;
    private final Loop loop;
    private final Upstream upstream;
    private boolean hasPlace;
    private long giveUpNanos;
    private @Nullable Future<?> pause;

    Retry(Search search, Loop loop, Upstream upstream) {
        this.search = search;
        this.loop = loop;
        this.upstream = upstream;
    }

    /// Another attempt, now or when the budget bears it.
    void begin() {
        end();
        Duration patience = upstream.spec().timeouts().connect();
        giveUpNanos = System.nanoTime() + patience.toNanos();
        ask();
    }

    private void ask() {
        if (upstream.tryRetryPlace(true)) {
            upstream.retries().pauseOver();
            hasPlace = true;
            search.attempt();
        } else if (System.nanoTime() - giveUpNanos >= 0) {
            upstream.retries().refused();
            search.onNoRetry();
        } else {
            long base = Math.max(
                    PAUSE_NANOS_MIN, upstream.spec().retry().backoffBase().toNanos());
            long nanos = base / 2 + ThreadLocalRandom.current().nextLong(base);
            pause = loop.eventLoop().schedule(this, nanos, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void run() {
        pause = null;
        ask();
    }

    /// The connect is over, or nobody wants it any more.
    void end() {
        if (pause != null) {
            pause.cancel(false);
            pause = null;
        }
        if (hasPlace) {
            hasPlace = false;
            upstream.retries().end();
        }
    }
}
