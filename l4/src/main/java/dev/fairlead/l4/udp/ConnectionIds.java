package dev.fairlead.l4.udp;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/// The connection ids that servers gave themselves in handshakes, each with the association it was seen on last: at
/// most one for each association, so never more than these. Any thread.
final class ConnectionIds {
    private final ConcurrentMap<ConnectionId, Association> owners = new ConcurrentHashMap<>();
    private final AtomicInteger size = new AtomicInteger();
    /// How many there are of each length: a short header does not say how long its id is.
    private final AtomicIntegerArray lengths = new AtomicIntegerArray(QuicHeader.ID_LENGTH_MAX + 1);

    int size() {
        return size.get();
    }

    boolean has(int length) {
        return lengths.get(length) > 0;
    }

    @Nullable
    Association owner(ConnectionId id) {
        return owners.get(id);
    }

    /// The association has it from now on, whoever had it before. False when there is no room for another.
    boolean put(ConnectionId id, Association owner, int max) {
        if (owners.replace(id, owner) != null) {
            return true;
        }
        if (size.incrementAndGet() > max) {
            size.getAndDecrement();
            return false;
        }
        lengths.getAndIncrement(id.length());
        if (owners.put(id, owner) != null) {
            // Another loop was faster.
            forgotten(id);
        }
        return true;
    }

    /// Forgets it, unless another association has it by now.
    void remove(ConnectionId id, Association owner) {
        if (owners.remove(id, owner)) {
            forgotten(id);
        }
    }

    private void forgotten(ConnectionId id) {
        lengths.getAndDecrement(id.length());
        size.getAndDecrement();
    }
}
