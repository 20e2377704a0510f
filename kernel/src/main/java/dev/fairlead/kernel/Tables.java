package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.MapSpec;
import dev.fairlead.kernel.bpf.Maps;
import dev.fairlead.upstream.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/// Writes what the program goes by: services, endpoints, tables. One thread.
final class Tables {
    private final SharedMaps shared;
    private final List<FamilyMaps> families;
    private final Maps maps;

    Tables(SharedMaps shared, List<FamilyMaps> families, Maps maps) {
        this.shared = shared;
        this.families = List.copyOf(families);
        this.maps = maps;
    }

    /// New flows to the address are begun as the service says, from now on.
    void putService(Service service, int firstSource) throws IOException {
        for (int i = 0; i < service.sources().size(); i++) {
            ByteBuffer value = value(shared.sources());
            value.put(0, service.sources().get(i).getAddress());
            maps.put(shared.sources(), index(firstSource + i), value);
        }
        ServiceEntry names = ServiceEntry.ENTRY;
        FamilyMaps family = family(service.address().getAddress());
        ByteBuffer value = value(family.services());
        value.putInt(names.id().offset(), service.id());
        value.putInt(names.choice().offset(), service.choice());
        value.putInt(names.sources().offset(), service.sources().size());
        value.putInt(names.firstSource().offset(), firstSource);
        value.putInt(names.firstPort().offset(), service.ports().first());
        value.putInt(names.ports().offset(), service.ports().count());
        ByteBuffer key =
                serviceKey(family, service.address(), service.transport().number());
        maps.put(family.services(), key, value);
    }

    /// No new flow is begun; those that there are go on.
    void removeService(InetSocketAddress address, int protocol) {
        FamilyMaps family = family(address.getAddress());
        maps.remove(family.services(), serviceKey(family, address, protocol));
    }

    private static ByteBuffer serviceKey(FamilyMaps family, InetSocketAddress address, int protocol) {
        ServiceKey names = family.serviceKey();
        ByteBuffer key = KernelMap.buffer(family.services().keyBytes());
        key.put(names.address().offset(), address.getAddress().getAddress());
        putPort(key, names.port().offset(), address.getPort());
        key.putShort(names.protocol().offset(), (short) protocol);
        return key;
    }

    void putEndpoint(int id, int service, InetSocketAddress address, boolean isUsable) throws IOException {
        ByteBuffer value = value(shared.endpoints());
        put(value, 0, service, address, isUsable);
        maps.put(shared.endpoints(), index(id), value);
    }

    /// Those of a listener, of which these may be given new flows.
    void putEndpoints(Collection<Member> members, Set<Endpoint> usable) throws IOException {
        int bytes = shared.endpoints().valueBytes();
        ByteBuffer keys = KernelMap.buffer(4 * members.size());
        ByteBuffer values = KernelMap.buffer(bytes * members.size());
        int count = 0;
        for (Member each : members) {
            keys.putInt(4 * count, each.number());
            put(values, bytes * count, each.service(), each.endpoint().address(), usable.contains(each.endpoint()));
            count++;
        }
        maps.putAll(shared.endpoints(), keys, values, count);
    }

    private static void put(ByteBuffer to, int at, int service, InetSocketAddress address, boolean isUsable) {
        EndpointEntry names = EndpointEntry.ENTRY;
        to.put(at + names.address().offset(), address.getAddress().getAddress());
        putPort(to, at + names.port().offset(), address.getPort());
        to.putShort(at + names.usable().offset(), (short) (isUsable ? 1 : 0));
        to.putInt(at + names.service().offset(), service + 1);
    }

    /// Its place is free.
    void removeEndpoint(int id) throws IOException {
        maps.put(shared.endpoints(), index(id), value(shared.endpoints()));
    }

    /// The endpoints in whose order the service's slots are; with none, new flows are lost.
    void putTable(int service, int[] endpoints) throws IOException {
        int perRow = SharedMaps.SLOTS_PER_ROW;
        int count = 1 + (endpoints.length + perRow - 1) / perRow;
        ByteBuffer rows = KernelMap.buffer(count * SharedMaps.ROW.size());
        rows.putInt(0, endpoints.length);
        rows.slice(SharedMaps.ROW.size(), 4 * endpoints.length)
                .order(ByteOrder.nativeOrder())
                .asIntBuffer()
                .put(endpoints);
        maps.putArray(shared.tables(), service, SharedMaps.tableOf(count), rows);
    }

    private FamilyMaps family(InetAddress address) {
        Family wanted = Family.of(address);
        return families.stream()
                .filter(each -> each.family() == wanted)
                .findFirst()
                .orElseThrow();
    }

    private static ByteBuffer value(MapSpec map) {
        return KernelMap.buffer(map.valueBytes());
    }

    private static ByteBuffer index(int index) {
        return KernelMap.buffer(4).putInt(0, index);
    }

    private static void putPort(ByteBuffer to, int at, int port) {
        to.order(ByteOrder.BIG_ENDIAN).putShort(at, (short) port).order(ByteOrder.nativeOrder());
    }
}
