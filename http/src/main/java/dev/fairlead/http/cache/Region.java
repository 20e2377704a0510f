package dev.fairlead.http.cache;

import dev.fairlead.http.exchange.FileBytes;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/// Where in the [Pages] one body stands. Whoever uses it holds it; when nobody does its pages go back. Any thread.
final class Region implements FileBytes.Owner {
    private static final AtomicIntegerFieldUpdater<Region> HOLDS =
            AtomicIntegerFieldUpdater.newUpdater(Region.class, "holds");

    private final Pages pages;
    private final long from;
    private final int size;
    private volatile int holds = 1;

    Region(Pages pages, long from, int size) {
        this.pages = pages;
        this.from = from;
        this.size = size;
    }

    int size() {
        return size;
    }

    /// For one more user, by one who holds it.
    void hold() {
        if (!tryHold()) {
            throw new IllegalStateException("nobody holds it");
        }
    }

    /// For one who does not hold it yet. False: it is gone.
    boolean tryHold() {
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
    public void let() {
        int left = HOLDS.decrementAndGet(this);
        if (left < 0) {
            throw new IllegalStateException("let go more often than held");
        }
        if (left == 0) {
            pages.give(from, size);
        }
    }

    /// The bytes `[at, to)`, for one who holds it and as long as he does.
    ByteBuffer view(int at, int to) {
        return pages.view(from + at, to - at);
    }

    /// The same as a buffer that holds it itself.
    ByteBuf lend(int at, int to) {
        hold();
        return new FileBytes(view(at, to), pages.channel(), from + at, this);
    }
}
