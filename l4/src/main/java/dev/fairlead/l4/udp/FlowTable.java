package dev.fairlead.l4.udp;

import dev.fairlead.upstream.balance.Hash;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The flows of one loop: found by the addresses of their datagrams, and lined up by how long they have been silent.
/// Chained buckets whose places depend on a seed that nobody outside knows, so that chosen client addresses make no
/// long chain. It does no I/O and has no clock. One thread only.
final class FlowTable<F extends FlowTable.Entry> {
    private static final int BUCKETS_MIN = 64;

    private final long seed;
    private @Nullable Entry[] buckets = new Entry[BUCKETS_MIN];
    private int size;
    private int found;
    private @Nullable Entry oldest;
    private @Nullable Entry newest;

    /// What is in a table: extended by the flow itself, so that an entry is no object of its own.
    abstract static class Entry {
        private long high;
        private long low;
        private long port;
        private boolean isFound;
        private boolean isListed;
        private long lastNanos;

        private @Nullable Entry nextInBucket;
        private @Nullable Entry older;
        private @Nullable Entry newer;

        final long high() {
            return high;
        }

        final long low() {
            return low;
        }

        final long port() {
            return port;
        }

        /// When it was added or touched last.
        final long lastNanos() {
            return lastNanos;
        }
    }

    FlowTable(long seed) {
        this.seed = seed;
    }

    /// Entries, hidden ones included.
    int size() {
        return size;
    }

    /// The entry that was added with these and is not hidden. `high` and `low` are the client's address, `port` its
    /// port (and whatever else tells clients apart).
    @SuppressWarnings("unchecked") // Only `F`s come in.
    @Nullable
    F find(long high, long low, long port) {
        for (Entry each = buckets[place(high, low, port)]; each != null; each = each.nextInBucket) {
            if (each.low == low && each.port == port && each.high == high) {
                return (F) each;
            }
        }
        return null;
    }

    /// Adds an entry under what is not yet found here.
    void add(F flow, long high, long low, long port, long nowNanos) {
        Entry entry = flow;
        assert !entry.isListed && find(high, low, port) == null;
        entry.high = high;
        entry.low = low;
        entry.port = port;
        if (++found > buckets.length) {
            grow();
        }
        put(entry);
        entry.isListed = true;
        size++;
        append(entry, nowNanos);
    }

    /// It has spoken.
    void touch(F flow, long nowNanos) {
        Entry entry = flow;
        if (!entry.equals(newest)) {
            unlink(entry);
            append(entry, nowNanos);
        } else {
            entry.lastNanos = nowNanos;
        }
    }

    /// It is no longer found, but stays: the next datagram of its client is another flow's.
    void hide(F flow) {
        Entry entry = flow;
        if (!entry.isFound) {
            return;
        }
        int place = place(entry.high, entry.low, entry.port);
        Entry before = null;
        for (Entry each = buckets[place]; each != null && !each.equals(entry); each = each.nextInBucket) {
            before = each;
        }
        if (before == null) {
            buckets[place] = entry.nextInBucket;
        } else {
            before.nextInBucket = entry.nextInBucket;
        }
        entry.nextInBucket = null;
        entry.isFound = false;
        found--;
    }

    void remove(F flow) {
        Entry entry = flow;
        if (!entry.isListed) {
            return;
        }
        hide(flow);
        unlink(entry);
        entry.isListed = false;
        size--;
    }

    /// The one that has been silent longest; null when there is none.
    @SuppressWarnings("unchecked")
    @Nullable
    F oldest() {
        return (F) oldest;
    }

    /// All of them as they are now: while they are gone through, any may be removed.
    @SuppressWarnings("unchecked")
    List<F> all() {
        List<F> all = new ArrayList<>(size);
        for (Entry each = oldest; each != null; each = each.newer) {
            all.add((F) each);
        }
        return all;
    }

    /// As [#oldest], if it has been silent for at least this long.
    @Nullable
    F silentFor(long nanos, long nowNanos) {
        F first = oldest();
        return first != null && nowNanos - first.lastNanos() >= nanos ? first : null;
    }

    private int place(long high, long low, long port) {
        long hash = Hash.mix(seed ^ low);
        if (high != 0) {
            hash = Hash.mix(hash ^ high);
        }
        return (int) (Hash.mix(hash ^ port) >>> 32) & (buckets.length - 1);
    }

    private void put(Entry entry) {
        int place = place(entry.high, entry.low, entry.port);
        entry.nextInBucket = buckets[place];
        buckets[place] = entry;
        entry.isFound = true;
    }

    private void grow() {
        buckets = new Entry[buckets.length * 2];
        for (Entry each = oldest; each != null; each = each.newer) {
            if (each.isFound) {
                put(each);
            }
        }
    }

    private void append(Entry entry, long nowNanos) {
        entry.lastNanos = nowNanos;
        Entry before = newest;
        entry.older = before;
        entry.newer = null;
        if (before == null) {
            oldest = entry;
        } else {
            before.newer = entry;
        }
        newest = entry;
    }

    private void unlink(Entry entry) {
        Entry before = entry.older;
        Entry after = entry.newer;
        if (before == null) {
            oldest = after;
        } else {
            before.newer = after;
        }
        if (after == null) {
            newest = before;
        } else {
            after.older = before;
        }
        entry.older = null;
        entry.newer = null;
    }
}
