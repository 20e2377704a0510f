package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.FileBytes;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/// What bodies stand in, outside of the heap. Whoever uses it holds it, beginning with its maker; when nobody does it
/// is given back. Any thread.
abstract class Held implements FileBytes.Owner {
    private static final AtomicIntegerFieldUpdater<Held> HOLDS =
            AtomicIntegerFieldUpdater.newUpdater(Held.class, "holds");

    private volatile int holds = 1;

    /// For one more user, by one who holds it.
    final void hold() {
        if (!tryHold()) {
            throw new IllegalStateException("nobody holds it");
        }
    }

    /// For one who does not hold it yet. False: it is gone.
    final boolean tryHold() {
        while (true) {
            int now = holds;
            if (now == 0) {
                return false;
            }
            if (HOLDS.compareAndSet(this, now, now + 1)) {
                return true;
            }
        }
    }

    @Override
    public final void let() {
        int left = HOLDS.decrementAndGet(this);
        if (left < 0) {
            throw new IllegalStateException("let go more often than held");
        }
        if (left == 0) {
            giveBack();
        }
    }

    /// Nobody holds it any more.
    abstract void giveBack();
}
