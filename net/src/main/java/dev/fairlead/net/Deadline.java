package dev.fairlead.net;

import org.jspecify.annotations.Nullable;

/// A time by which something must have happened on a loop. Extended by what waits, so that waiting makes no object.
/// This loop only.
public abstract class Deadline {
    private final Deadlines deadlines;
    private long nanos;
    private boolean set;
    private boolean placed;
    private long tick;
    private int slot;

    @Nullable
    Deadline next;

    @Nullable
    Deadline previous;

    protected Deadline(Loop loop) {
        this.deadlines = loop.deadlines();
    }

    /// Sets it, or moves it: [#onExpired] runs soon after `nanos` (of [System#nanoTime]) unless it is moved or
    /// cleared.
    public final void at(long nanos) {
        this.nanos = nanos;
        set = true;
        if (placed && deadlines.tickOf(nanos) + 1 < tick) {
            deadlines.remove(this);
            placed = false;
        }
        if (!placed) {
            deadlines.add(this);
        }
    }

    /// Clears it. It stays in the wheel until that comes by, so that setting it again costs nothing.
    public final void clear() {
        set = false;
    }

    /// Clears it and lets the wheel forget it: its owner ends.
    public final void end() {
        set = false;
        if (placed) {
            deadlines.remove(this);
            placed = false;
        }
    }

    /// The time has come. The deadline is clear now.
    protected abstract void onExpired(long nowNanos);

    final long nanos() {
        return nanos;
    }

    final int slot() {
        return slot;
    }

    final void place(long tick, int slot) {
        this.tick = tick;
        this.slot = slot;
        placed = true;
    }

    /// The wheel came by.
    final void passed(long nowNanos) {
        deadlines.remove(this);
        placed = false;
        if (!set) {
            return;
        }
        if (nanos - nowNanos > 0) {
            deadlines.add(this);
            return;
        }
        set = false;
        onExpired(nowNanos);
    }
}
