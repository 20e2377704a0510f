package dev.fairlead.net;

import dev.fairlead.config.ClientLimits;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// How many connections each client has open, and how fast it opens them. A client is two longs: an address, or a
/// prefix of addresses.
///
/// A table of fixed size in buckets of 16 slots, found by a hash that is seeded for each process, so that nobody can
/// choose addresses that meet. Any thread, without a lock: a client's numbers change by compare-and-set, so the
/// bounds are exact over all loops. A new client takes a free slot of its bucket, or that of the client without a
/// connection that has been quiet for longest; when all sixteen are connected, it goes uncounted.
final class ClientTable {
    private static final int WAYS = 16;
    private static final int FORGOTTEN = -1;
    private static final long SECOND_NANOS = 1_000_000_000L;

    /// Whether a client may have one more.
    enum Answer {
        YES,
        TOO_MANY,
        TOO_FAST,
        /// There is no room to count it.
        UNCOUNTED
    }

    /// One client. The number is that of its open connections, or [#FORGOTTEN] once another has its slot.
    static final class Client extends AtomicInteger {
        private static final long serialVersionUID = 1;
        private static final AtomicLongFieldUpdater<Client> PAID =
                AtomicLongFieldUpdater.newUpdater(Client.class, "paidUntilNanos");

        private final long high;
        private final long low;
        /// Until when its connections are as many as its rate allows: the theoretical arrival time of the generic
        /// cell rate algorithm (ITU-T I.371 Annex A).
        private volatile long paidUntilNanos;

        private Client(long high, long low, long nowNanos) {
            this.high = high;
            this.low = low;
            this.paidUntilNanos = nowNanos;
        }

        private boolean is(long otherHigh, long otherLow) {
            return low == otherLow && high == otherHigh && get() != FORGOTTEN;
        }

        /// Null when it is forgotten.
        private @Nullable Answer open(ClientLimits limits, long nowNanos) {
            int now = get();
            while (now != FORGOTTEN) {
                if (limits.connections() > 0 && now >= limits.connections()) {
                    return Answer.TOO_MANY;
                }
                if (compareAndSet(now, now + 1)) {
                    if (limits.rate() == 0 || pay(limits, nowNanos)) {
                        return Answer.YES;
                    }
                    close();
                    return Answer.TOO_FAST;
                }
                now = get();
            }
            return null;
        }

        private boolean pay(ClientLimits limits, long nowNanos) {
            long step = SECOND_NANOS / limits.rate();
            long ahead = (limits.burst() == 0 ? limits.rate() : limits.burst()) * step - step;
            while (true) {
                long paid = paidUntilNanos;
                long from = paid - nowNanos > 0 ? paid : nowNanos;
                if (from - nowNanos > ahead) {
                    return false;
                }
                if (PAID.compareAndSet(this, paid, from + step)) {
                    return true;
                }
            }
        }

        /// A connection of it has closed.
        void close() {
            decrementAndGet();
        }
    }

    private final AtomicReferenceArray<@Nullable Client> slots;
    private final long seed = ThreadLocalRandom.current().nextLong() | 1;

    /// Room for at least so many.
    ClientTable(int clientsMax) {
        int size = Integer.highestOneBit(Math.max(WAYS, 2 * clientsMax - 1));
        this.slots = new AtomicReferenceArray<>(size);
    }

    int size() {
        return slots.length();
    }

    /// One more connection of the client, if it may. `opened[index]` is then the client, to be told when it closes;
    /// null when it is not counted.
    Answer open(long high, long low, ClientLimits limits, long nowNanos, @Nullable Client[] opened, int index) {
        while (true) {
            Client client = find(high, low);
            if (client == null) {
                client = add(high, low, nowNanos);
            }
            if (client == null) {
                opened[index] = null;
                return Answer.UNCOUNTED;
            }
            Answer answer = client.open(limits, nowNanos);
            if (answer != null) {
                opened[index] = answer == Answer.YES ? client : null;
                return answer;
            }
            // Forgotten in between: it is a new client.
        }
    }

    private int bucket(long high, long low) {
        long hash = (high ^ seed) * 0x9e3779b97f4a7c15L;
        hash = (hash ^ hash >>> 32 ^ low) * 0xd6e8feb86659fd93L * seed;
        hash ^= hash >>> 32;
        return (int) hash & slots.length() - WAYS;
    }

    private @Nullable Client find(long high, long low) {
        int first = bucket(high, low);
        for (int i = first; i < first + WAYS; i++) {
            Client client = slots.get(i);
            if (client != null && client.is(high, low)) {
                return client;
            }
        }
        return null;
    }

    /// Null when there is no room.
    private @Nullable Client add(long high, long low, long nowNanos) {
        int first = bucket(high, low);
        Client added = new Client(high, low, nowNanos);
        while (true) {
            int slot = free(first, nowNanos);
            if (slot < 0) {
                return null;
            }
            Client before = slots.get(slot);
            boolean isFree = before == null || before.get() == FORGOTTEN || before.compareAndSet(0, FORGOTTEN);
            if (isFree && slots.compareAndSet(slot, before, added)) {
                return alone(added, first);
            }
        }
    }

    /// Two loops may add one client at once, each in a slot of its own: at least one of them sees the other's here,
    /// and takes its own back.
    private Client alone(Client added, int first) {
        for (int i = first; i < first + WAYS; i++) {
            Client other = slots.get(i);
            if (other != null && other != added && other.is(added.high, added.low)) {
                added.compareAndSet(0, FORGOTTEN);
                return other;
            }
        }
        return added;
    }

    private int free(int first, long nowNanos) {
        int quietest = -1;
        long quiet = Long.MIN_VALUE;
        for (int i = first; i < first + WAYS; i++) {
            Client client = slots.get(i);
            if (client == null || client.get() == FORGOTTEN) {
                return i;
            }
            long since = nowNanos - client.paidUntilNanos;
            if (client.get() == 0 && since > quiet) {
                quietest = i;
                quiet = since;
            }
        }
        return quietest;
    }
}
