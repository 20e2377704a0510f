package dev.fairlead.http.forward;

import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Hedged;
import dev.fairlead.net.Loop;
import dev.fairlead.upstream.Hedging;
import dev.fairlead.upstream.Upstream;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The second attempt of one exchange, made beside the first on another endpoint when that takes longer than most.
/// One for an exchange at most. It has a place in the budget of the retries until an answer goes to the client. This
/// loop only.
final class Hedge implements Runnable {
    private final Forwarding forwarding;
    private final Exchange exchange;
    private final Loop loop;
    private final Upstream upstream;
    private @Nullable Future<?> delay;
    private @Nullable Attempt made;
    private boolean isBeside;
    private boolean hasPlace;

    private Hedge(Forwarding forwarding, Upstream upstream) {
        this.forwarding = forwarding;
        this.exchange = forwarding.exchange();
        this.loop = forwarding.forwarder().loop();
        this.upstream = upstream;
    }

    /// A hedge after the upstream's delay; null when that is not known yet, and for an upgrade: the tunnel that it
    /// makes is no answer that could be dropped.
    static @Nullable Hedge later(Forwarding forwarding, Upstream upstream) {
        long delayNanos = upstream.hedging().delayNanos();
        if (delayNanos == Hedging.NEVER || forwarding.exchange().request().upgrade() != null) {
            return null;
        }
        var hedge = new Hedge(forwarding, upstream);
        // Not a Deadline: the wheel's tick is longer than many an upstream takes.
        hedge.delay = hedge.loop.eventLoop().schedule(hedge, delayNanos, TimeUnit.NANOSECONDS);
        return hedge;
    }

    @Override
    public void run() {
        delay = null;
        Attempt first = forwarding.awaited();
        if (first != null && upstream.endpoints().size() > 1 && upstream.tryRetry(false)) {
            upstream.retries().pauseOver();
            hasPlace = true;
            attempt(first);
        }
    }

    private void attempt(Attempt first) {
        long now = System.nanoTime();
        exchange.asking(first.endpoint());
        Attempt begun = forwarding.forwarder().take(forwarding, upstream, false, now);
        exchange.asking(null);
        if (begun == null) {
            end();
            return;
        }
        made = begun;
        isBeside = true;
        upstream.hedging().sent();
        exchange.hedged(Hedged.LOST);
        exchange.attempt(begun.endpoint());
        if (!begun.isConnected()) {
            begun.connect(now);
            return;
        }
        begun.use(now);
        forwarding.onConnected(begun);
        begun.flush();
    }

    /// One of two attempts is over. The other, which alone is awaited now; null when there is none.
    @Nullable
    Attempt without(Attempt gone, @Nullable Attempt first) {
        Attempt left = !isBeside ? null : gone == made ? first : made;
        isBeside = false;
        return left;
    }

    /// This attempt's answer goes to the client: the other is not wanted any more.
    void answered(Attempt by, @Nullable Attempt first) {
        Hedging hedging = upstream.hedging();
        if (by == made) {
            hedging.won();
            exchange.hedged(Hedged.WON);
        }
        Attempt other = without(by, first);
        if (other == made && other != null) {
            // It was given less time than the first: what it would have taken is unknown.
            other.abandon();
        } else if (other != null) {
            other.outrun(hedging);
        }
    }

    /// The exchange has taken too long.
    void giveUp(boolean isClients) {
        Attempt beside = made;
        if (isBeside && beside != null) {
            isBeside = false;
            beside.giveUp(isClients);
        }
    }

    /// No hedge is made any more, and if there is one beside the first, it is not wanted.
    void end() {
        if (delay != null) {
            delay.cancel(false);
            delay = null;
        }
        if (hasPlace) {
            hasPlace = false;
            upstream.retries().end();
        }
        Attempt beside = made;
        if (isBeside && beside != null) {
            isBeside = false;
            beside.abandon();
        }
    }
}
