package dev.fairlead.kernel;

import dev.fairlead.config.Address;
import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.KernelMaps;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an earlier process has left in the maps and nobody has claimed yet: listeners and endpoints, with the numbers
/// by which flows know them. Guarded by the [Engine].
final class Found {
    /// Where a listener was, and by which protocol.
    private record Door(InetSocketAddress address, int protocol) {}

    /// A listener's numbers, at one of its addresses.
    record Listener(int number, InetSocketAddress address, int protocol, int firstSource, List<InetAddress> sources) {
        Listener {
            sources = List.copyOf(sources);
        }
    }

    /// A listener whose flows go to the one with the number `heir`, unless somebody claims it yet.
    record Legacy(int heir, Listener listener) {}

    private record Seat(int service, InetSocketAddress address) {}

    private final Map<Door, Listener> listeners = new HashMap<>();
    private final Map<Seat, Integer> endpoints = new HashMap<>();
    private final Set<Integer> claimed = new HashSet<>();

    // Listeners that had an address of one that goes on with another number, by their own number.
    private final Map<Integer, Legacy> legacies = new HashMap<>();

    static Found nothing() {
        return new Found();
    }

    static Found read(KernelMaps maps, SharedMaps shared, List<FamilyMaps> families) throws IOException {
        Found found = new Found();
        for (FamilyMaps family : families) {
            maps.of(family.services()).each(SharedMaps.PLACES_MAX, (keys, values, count) -> {
                for (int i = 0; i < count; i++) {
                    found.listener(maps, shared, family, keys, values, i);
                }
            });
        }
        Map<Integer, Family> familyOf = new HashMap<>();
        found.listeners.values().forEach(each -> familyOf.put(each.number, Family.of(each.address.getAddress())));
        maps.of(shared.endpoints()).each(SharedMaps.ENDPOINTS_MAX, (keys, values, count) -> {
            for (int i = 0; i < count; i++) {
                found.endpoint(
                        familyOf,
                        keys.getInt(4 * i),
                        values,
                        i * shared.endpoints().valueBytes());
            }
        });
        return found;
    }

    private void listener(
            KernelMaps maps, SharedMaps shared, FamilyMaps family, ByteBuffer keys, ByteBuffer values, int i) {
        int key = i * family.services().keyBytes();
        int value = i * family.services().valueBytes();
        ServiceKey names = family.serviceKey();
        ServiceEntry entry = ServiceEntry.ENTRY;
        int first = values.getInt(value + entry.firstSource().offset());
        List<InetAddress> sources = new ArrayList<>();
        for (int s = 0; s < values.getInt(value + entry.sources().offset()); s++) {
            ByteBuffer source = maps.of(shared.sources()).value();
            maps.get(shared.sources(), KernelMap.buffer(4).putInt(0, first + s), source);
            sources.add(ip(source, 0, family.family()));
        }
        InetSocketAddress address =
                address(keys, key + names.address().offset(), key + names.port().offset(), family.family());
        int protocol = keys.getShort(key + names.protocol().offset());
        int number = values.getInt(value + entry.id().offset());
        listeners.put(new Door(address, protocol), new Listener(number, address, protocol, first, sources));
    }

    /// One without a listener is nobody's: no flow knows it.
    private void endpoint(Map<Integer, Family> familyOf, int number, ByteBuffer values, int at) {
        EndpointEntry names = EndpointEntry.ENTRY;
        int service = values.getInt(at + names.service().offset()) - 1;
        Family family = familyOf.get(service);
        if (family != null) {
            InetSocketAddress address = address(
                    values, at + names.address().offset(), at + names.port().offset(), family);
            endpoints.put(new Seat(service, address), number);
        }
    }

    private static InetSocketAddress address(ByteBuffer in, int ipAt, int portAt, Family family) {
        int port = in.order(ByteOrder.BIG_ENDIAN).getShort(portAt) & 0xffff;
        in.order(ByteOrder.nativeOrder());
        return new InetSocketAddress(ip(in, ipAt, family), port);
    }

    private static InetAddress ip(ByteBuffer in, int at, Family family) {
        byte[] address = new byte[family.addressBytes()];
        in.get(at, address);
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /// One for each address.
    List<Listener> listeners() {
        return List.copyOf(listeners.values());
    }

    Map<Integer, Integer> endpointsByService() {
        Map<Integer, Integer> counts = new HashMap<>();
        endpoints.keySet().forEach(seat -> counts.merge(seat.service, 1, Integer::sum));
        return counts;
    }

    List<Integer> endpoints() {
        return List.copyOf(endpoints.values());
    }

    /// Takes the listener that was where this one is; null when none was, or another has taken it. What it had of
    /// addresses besides stays here. Others that have become one with it are [legacies][#takeLegacies].
    @Nullable
    Listener claim(Terms terms) {
        Listener mine = null;
        for (Address each : terms.spec().eachAddress()) {
            Listener there = listeners.remove(
                    new Door(each.socketAddress(), terms.transport().number()));
            if (there == null || claimed.contains(there.number)) {
                continue;
            }
            if (mine == null) {
                mine = there;
                claimed.add(there.number);
                legacies.remove(there.number);
            } else {
                legacies.putIfAbsent(there.number, new Legacy(mine.number, there));
            }
        }
        return mine;
    }

    /// Takes the listeners that nobody can claim any more, and that have an heir.
    List<Legacy> takeLegacies() {
        List<Legacy> taken = List.copyOf(legacies.values());
        legacies.clear();
        taken.forEach(each -> claimed.add(each.listener.number));
        return taken;
    }

    /// Takes the number that an endpoint of this listener had; null when it had none.
    @Nullable
    Integer claim(int service, InetSocketAddress address) {
        return endpoints.isEmpty() ? null : endpoints.remove(new Seat(service, address));
    }

    boolean hasListener(int number) {
        return !claimed.contains(number)
                && (legacies.containsKey(number)
                        || listeners.values().stream().anyMatch(each -> each.number == number));
    }

    /// Whether somebody has taken the listener or is its heir, though not all of its addresses.
    boolean isTaken(int number) {
        return claimed.contains(number) || legacies.containsKey(number);
    }

    /// Takes the endpoints of a listener that are not among these: the config has lost them, and so have flows.
    List<Integer> takeOthers(int service, Set<Integer> needed) {
        List<Integer> taken = new ArrayList<>();
        for (Iterator<Map.Entry<Seat, Integer>> all = endpoints.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Seat, Integer> each = all.next();
            if (each.getKey().service == service && !needed.contains(each.getValue())) {
                taken.add(each.getValue());
                all.remove();
            }
        }
        return taken;
    }

    /// Takes the addresses that nobody has claimed, each as a listener.
    List<Listener> takeListeners() {
        List<Listener> taken = listeners();
        listeners.clear();
        return taken;
    }
}
