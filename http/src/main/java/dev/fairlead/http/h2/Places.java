package dev.fairlead.http.h2;

import dev.fairlead.config.PoolSpec;
import dev.fairlead.http.codec.Allowance;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import dev.fairlead.upstream.Endpoint;

/// The places for attempts on one HTTP/2 connection to an endpoint: whether there is one more, and for how long the
/// connection is kept while none is taken. Its loop only; its owner ends it.
final class Places extends Deadline {
    /// Streams that are taken back, at once and a second. Endpoints guard themselves against who does so too often
    /// (CVE-2023-44487) by ending the connection, and with it what other clients have asked. The strictest ones
    /// in common use bear 200 in 30 seconds.
    private static final int CANCELS = 100;

    private static final int CANCELS_PER_SECOND = 3;

    private final Loop loop;
    private final Endpoint endpoint;
    private final int max;
    private final Runnable onIdle;
    private final long madeNanos = System.nanoTime();
    private final Allowance cancels = new Allowance(CANCELS, CANCELS_PER_SECOND, madeNanos);

    private PoolSpec terms;
    private int taken;
    private boolean areClosed;

    /// `onIdle`: none was taken for as long as `terms` allow.
    Places(Loop loop, Endpoint endpoint, int max, PoolSpec terms, Runnable onIdle) {
        super(loop);
        this.loop = loop;
        this.endpoint = endpoint;
        this.max = max;
        this.terms = terms;
        this.onIdle = onIdle;
    }

    boolean isOneLeft(long nowNanos) {
        return !areClosed && taken < max && nowNanos - tooOldNanos() < 0 && (isBorne(nowNanos) || isLastResort());
    }

    /// Whether one more may be taken back.
    private boolean isBorne(long nowNanos) {
        return cancels.isOneLeft(nowNanos);
    }

    /// No other connection may be opened: that the endpoint ends this one is the lesser evil, for it may, and not to
    /// ask fails for certain.
    private boolean isLastResort() {
        int most = endpoint.spec().maxConnections();
        return most > 0 && endpoint.connections() >= most;
    }

    boolean isOneTaken() {
        return taken > 0;
    }

    void take() {
        taken++;
        clear();
    }

    void give() {
        taken--;
    }

    /// The stream of one that was taken is taken back. After too many of them the connection rests: for good it would
    /// be of no use, and of no end, as long as one slow answer is under way.
    void cancelled() {
        cancels.owe(System.nanoTime());
    }

    /// No more are to be had.
    void close() {
        areClosed = true;
    }

    /// What becomes of the connection while none is taken.
    void follow(PoolSpec newTerms) {
        terms = newTerms;
    }

    /// None is taken. Whether the connection is kept. That other loops wait for one is asked only now: one on which a
    /// long answer is under way could not be theirs anyhow.
    boolean rest(long nowNanos) {
        if (areClosed || terms.idleMax() == 0 || endpoint.isGone() || nowNanos - tooOldNanos() >= 0) {
            return false;
        }
        if (!isBorne(nowNanos) || endpoint.isConnectionWantedElsewhere(loop.eventLoop())) {
            return false;
        }
        long idleNanos = nowNanos + terms.idleTimeout().toNanos();
        at(tooOldNanos() - idleNanos < 0 ? tooOldNanos() : idleNanos);
        return true;
    }

    private long tooOldNanos() {
        return madeNanos + terms.maxAge().toNanos();
    }

    @Override
    protected void onExpired(long nowNanos) {
        onIdle.run();
    }
}
