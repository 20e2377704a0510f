package dev.fairlead.http.cache;

import java.util.concurrent.atomic.AtomicLong;

/// Memory for bodies that come and are meant to be kept, of which each takes a [Claim]. Any thread.
final class Room {
    private final AtomicLong bytes = new AtomicLong();
    private final long bytesMax;

    Room(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    boolean tryTake(long more) {
        if (bytes.addAndGet(more) <= bytesMax) {
            return true;
        }
        bytes.addAndGet(-more);
        return false;
    }

    void give(long less) {
        bytes.addAndGet(-less);
    }
}
