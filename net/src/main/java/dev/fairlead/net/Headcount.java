package dev.fairlead.net;

import dev.fairlead.metrics.Counter;
import java.util.concurrent.atomic.AtomicInteger;

/// How many connections a listener has let in, and whether it may let in more: exact over all loops. Any thread.
final class Headcount {
    private final Counter pauses;
    private final Runnable onRoom;
    private final AtomicInteger open = new AtomicInteger();
    private volatile int max;
    private volatile boolean paused;

    /// `onRoom`: accepting may go on.
    Headcount(int max, Counter pauses, Runnable onRoom) {
        this.max = max;
        this.pauses = pauses;
        this.onRoom = onRoom;
    }

    int open() {
        return open.get();
    }

    /// Whether accepting has to wait until somebody leaves.
    boolean isPaused() {
        return paused;
    }

    boolean isHalfFull() {
        return 2L * open.get() > max;
    }

    void max(int changed) {
        max = changed;
        resume();
    }

    /// Never counts above the bound, not even for a moment: whoever leaves in that moment would see a full listener
    /// and wake nobody.
    boolean tryEnter() {
        int now = open.get();
        while (now < max) {
            if (open.compareAndSet(now, now + 1)) {
                if (now + 1 >= max) {
                    pause();
                }
                return true;
            }
            now = open.get();
        }
        pause();
        return false;
    }

    void onLeft() {
        int now = open.decrementAndGet();
        if (paused && now < max) {
            resume();
        }
    }

    private void pause() {
        if (!paused) {
            paused = true;
            pauses.increment();
        }
        if (open.get() < max) {
            // One left between the count and the pause, and did not see it.
            resume();
        }
    }

    private void resume() {
        paused = false;
        onRoom.run();
    }
}
