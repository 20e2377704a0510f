package dev.fairlead.http.cache;

import dev.fairlead.http.cache.DiskFolder.Name;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What is still to become of files of the disk tier, in the order in which it was wanted. Of a file that is to change
/// again before it has changed, only the last is left. Any thread puts, one takes.
final class Changes {
    /// What waits for being written may take so much memory.
    private static final long BYTES_MAX = 32L << 20;

    private final ConcurrentHashMap<Name, Change> waiting = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<Name> order = new LinkedBlockingQueue<>();
    private final AtomicLong bytes = new AtomicLong();

    /// `variants`, whose bodies are held by it, are null when the file is to go.
    record Change(String key, Entry @Nullable [] variants, long bytes) {
        /// The file is to go.
        static Change gone(String key) {
            return new Change(key, null, 0);
        }

        void letGo() {
            if (variants != null) {
                Cache.let(variants);
            }
        }
    }

    interface Maker {
        void make(Name name, Change change);
    }

    @Nullable
    Change get(Name name) {
        return waiting.get(name);
    }

    boolean has(Name name) {
        return waiting.containsKey(name);
    }

    Set<Name> names() {
        return waiting.keySet();
    }

    boolean isEmpty() {
        return order.isEmpty();
    }

    boolean hasRoom(long more) {
        long now = bytes.get();
        return now == 0 || now + more <= BYTES_MAX;
    }

    void put(Name name, Change change) {
        Change before = waiting.put(name, change);
        bytes.addAndGet(change.bytes - (before == null ? 0 : before.bytes));
        if (before == null) {
            order.add(name);
        } else {
            before.letGo();
        }
    }

    /// Has whoever waits in [#make] look up.
    void wake() {
        order.add(new Name(0, 0));
    }

    /// Has the next one made; waits for it.
    void make(Maker by) throws InterruptedException {
        Name name = order.take();
        Change change = waiting.get(name);
        if (change == null) {
            return;
        }
        by.make(name, change);
        if (waiting.remove(name, change)) {
            bytes.addAndGet(-change.bytes);
            change.letGo();
        } else {
            // It has changed again meanwhile.
            order.add(name);
        }
    }
}
