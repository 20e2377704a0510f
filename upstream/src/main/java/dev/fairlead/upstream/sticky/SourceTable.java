package dev.fairlead.upstream.sticky;

import dev.fairlead.metrics.Counter;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Which endpoint each client had last, by the hash of its address; an entry that is not asked for is forgotten. It
/// never holds more than `entriesMax`: then the entry that was idle longest among a few makes room.
///
/// An open table of buckets of 16, half full at most, so that a full bucket is rare. Any thread, without a lock: a
/// slot changes by one compare-and-set, and when two threads race for one client the later entry is the one that
/// grows old unseen. A key of 64 bits stands for the address; two clients with one key would share an endpoint.
public final class SourceTable<E> {
    private static final int WAYS = 16;
    /// Buckets that are looked through for an entry to evict, when a key's own is empty and the table full.
    private static final int BUCKETS_SEARCHED = 64;

    private static final class Entry<E> {
        private final long key;
        private final E endpoint;
        private volatile long usedNanos;

        private Entry(long key, E endpoint, long usedNanos) {
            this.key = key;
            this.endpoint = endpoint;
            this.usedNanos = usedNanos;
        }
    }

    private final int entriesMax;
    private final int buckets;
    private final AtomicReferenceArray<@Nullable Entry<E>> slots;
    private final AtomicInteger size = new AtomicInteger();
    private final Counter evictions;
    // control thread
    private int swept;

    /// `evictions` counts entries that had to make room.
    public SourceTable(int entriesMax, Counter evictions) {
        this.evictions = evictions;
        this.entriesMax = entriesMax;
        int wanted = Math.max(1, (2 * entriesMax + WAYS - 1) / WAYS);
        this.buckets = Integer.highestOneBit(2 * wanted - 1);
        this.slots = new AtomicReferenceArray<>(buckets * WAYS);
    }

    public int entriesMax() {
        return entriesMax;
    }

    /// Entries now, expired ones that nobody has met yet included.
    public int size() {
        return size.get();
    }

    private int bucket(long key) {
        return ((int) (key >>> 32) & (buckets - 1)) * WAYS;
    }

    /// The client's endpoint, or null; being asked for keeps it.
    public @Nullable E get(long key, long nowNanos, long idleNanos) {
        int first = bucket(key);
        for (int i = first; i < first + WAYS; i++) {
            Entry<E> entry = slots.get(i);
            if (entry == null || entry.key != key) {
                continue;
            }
            if (nowNanos - entry.usedNanos < idleNanos) {
                entry.usedNanos = nowNanos;
                return entry.endpoint;
            }
            drop(i, entry);
        }
        return null;
    }

    private void drop(int slot, Entry<E> entry) {
        if (slots.compareAndSet(slot, entry, null)) {
            size.decrementAndGet();
        }
    }

    /// The client has this endpoint now.
    public void put(long key, E endpoint, long nowNanos) {
        Entry<E> wanted = new Entry<>(key, endpoint, nowNanos);
        int first = bucket(key);
        for (int i = first; i < first + WAYS; i++) {
            Entry<E> entry = slots.get(i);
            if (entry != null && entry.key == key && slots.compareAndSet(i, entry, wanted)) {
                return;
            }
        }
        if (size.incrementAndGet() <= entriesMax && fill(first, wanted)) {
            return;
        }
        size.decrementAndGet();
        replaceOldest(first, wanted, nowNanos);
    }

    private boolean fill(int first, Entry<E> wanted) {
        for (int i = first; i < first + WAYS; i++) {
            if (slots.compareAndSet(i, null, wanted)) {
                return true;
            }
        }
        return false;
    }

    /// In the client's own bucket, or, when that is empty, by taking room from the next that is not. A race that is
    /// lost leaves the client unremembered until it comes again.
    private void replaceOldest(int first, Entry<E> wanted, long nowNanos) {
        for (int tried = 0; tried < BUCKETS_SEARCHED; tried++) {
            int from = (first + tried * WAYS) & (buckets * WAYS - 1);
            int oldest = oldest(from, nowNanos);
            Entry<E> leaving = oldest < 0 ? null : slots.get(oldest);
            if (leaving == null) {
                continue;
            }
            evictions.increment();
            if (tried == 0) {
                slots.compareAndSet(oldest, leaving, wanted);
                return;
            }
            drop(oldest, leaving);
            if (size.incrementAndGet() > entriesMax || !fill(first, wanted)) {
                size.decrementAndGet();
            }
            return;
        }
    }

    private int oldest(int first, long nowNanos) {
        int oldest = -1;
        long idle = Long.MIN_VALUE;
        for (int i = first; i < first + WAYS; i++) {
            Entry<E> entry = slots.get(i);
            if (entry != null && nowNanos - entry.usedNanos > idle) {
                idle = nowNanos - entry.usedNanos;
                oldest = i;
            }
        }
        return oldest;
    }

    /// Forgets expired entries among the next `most` slots. Control thread.
    public void sweep(int most, long nowNanos, long idleNanos) {
        for (int i = 0; i < Math.min(most, slots.length()); i++) {
            Entry<E> entry = slots.get(swept);
            if (entry != null && nowNanos - entry.usedNanos >= idleNanos) {
                drop(swept, entry);
            }
            swept = swept + 1 == slots.length() ? 0 : swept + 1;
        }
    }

    /// A table of another size with the same entries, as far as they fit.
    public SourceTable<E> resized(int newEntriesMax) {
        SourceTable<E> other = new SourceTable<>(newEntriesMax, evictions);
        for (int i = 0; i < slots.length(); i++) {
            Entry<E> entry = slots.get(i);
            if (entry != null) {
                other.put(entry.key, entry.endpoint, entry.usedNanos);
            }
        }
        return other;
    }
}
