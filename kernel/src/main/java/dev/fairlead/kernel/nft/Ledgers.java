package dev.fairlead.kernel.nft;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The ledgers of all listeners, found by where a flow's client speaks to. Any thread.
final class Ledgers {
    private final Set<Ledger> all = ConcurrentHashMap.newKeySet();
    private final Map<Door, Ledger> byPort = new ConcurrentHashMap<>();
    private final Map<Door, Ledger> wide = new ConcurrentHashMap<>();

    /// A ledger, and the door of its listener by which a flow came.
    record Place(Ledger ledger, Door door) {}

    Set<Ledger> all() {
        return all;
    }

    /// Flows that come by these doors are this one's, from whomever they were before.
    void put(Ledger ledger, Set<Door> doors) {
        all.add(ledger);
        Predicate<Door> isInTheWay = other ->
                !doors.contains(other) && doors.stream().anyMatch(each -> each.isWide() && each.clashesWith(other));
        byPort.keySet().removeIf(isInTheWay);
        wide.keySet().removeIf(isInTheWay);
        doors.forEach(each -> of(each).put(each, ledger));
    }

    /// Those doors are its own no more, as far as they still were.
    void take(Ledger ledger, Set<Door> doors) {
        doors.forEach(each -> of(each).remove(each, ledger));
    }

    void remove(Ledger ledger) {
        all.remove(ledger);
        byPort.values().removeIf(ledger::equals);
        wide.values().removeIf(ledger::equals);
    }

    private Map<Door, Ledger> of(Door door) {
        return door.isWide() ? wide : byPort;
    }

    /// Null when it is nobody's.
    @Nullable
    Place of(Tracked flow) {
        Door exact = flow.seat().door();
        Ledger found = byPort.get(exact);
        if (found != null) {
            return new Place(found, exact);
        }
        for (Map.Entry<Door, Ledger> each : wide.entrySet()) {
            if (each.getKey().clashesWith(exact)) {
                return new Place(each.getValue(), each.getKey());
            }
        }
        return null;
    }
}
