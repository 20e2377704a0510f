package dev.fairlead.kernel;

import dev.fairlead.config.KernelSpec;
import dev.fairlead.kernel.Interfaces.Interface;
import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.KernelMaps;
import dev.fairlead.kernel.bpf.Link;
import dev.fairlead.kernel.bpf.LoadedProgram;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;

/// The program inside Linux: its maps, and the interfaces that it is on. One for all listeners; there from the first
/// of them that starts to the end of the process. The control thread writes, the sweeping thread reads and removes.
final class Engine implements AutoCloseable {
    private final SharedMaps shared = SharedMaps.of();
    private final KernelMaps maps;
    private final List<Interface> interfaces;
    private final int maxFlows;
    private final List<Link> links = new ArrayList<>();

    // written by the control thread, read by any
    private volatile List<FamilyMaps> families = List.of();

    // Numbers that are taken; guarded by this.
    private final BitSet services = new BitSet();
    private final BitSet members = new BitSet();
    private final BitSet sources = new BitSet();

    private Engine(KernelSpec spec) throws IOException {
        this.interfaces = Interfaces.of(spec.interfaces());
        this.maxFlows = spec.maxFlows() > 0 ? spec.maxFlows() : Room.flows();
        this.maps = KernelMaps.create(shared.all());
    }

    /// Loads the program for one version of IP and puts it on the interfaces. Throws and leaves nothing behind when
    /// Linux does not let it.
    static Engine start(KernelSpec spec, Family family) throws IOException {
        Engine engine = new Engine(spec);
        try {
            engine.need(family);
        } catch (IOException failed) {
            engine.close();
            throw failed;
        }
        return engine;
    }

    /// Lets the program have a version of IP that it may not have had yet; flows of the other are not disturbed. What
    /// no listener needs takes no memory and no time.
    void need(Family family) throws IOException {
        if (families.stream().anyMatch(each -> each.family() == family)) {
            return;
        }
        // Each flow has two entries.
        FamilyMaps more = FamilyMaps.of(family, 2 * maxFlows);
        maps.add(more.flows());
        maps.add(more.services());
        List<FamilyMaps> all = Stream.concat(families.stream(), Stream.of(more)).toList();
        // The links keep the program.
        try (LoadedProgram loaded = maps.load(Translation.program(shared, all))) {
            if (links.isEmpty()) {
                for (Interface each : interfaces) {
                    links.add(loaded.attach(each.index(), each.name()));
                }
            } else {
                for (Link link : links) {
                    link.replace(loaded);
                }
            }
        }
        families = all;
    }

    List<Interface> interfaces() {
        return interfaces;
    }

    int maxFlows() {
        return maxFlows;
    }

    Tables tables() {
        return new Tables(shared, families, maps);
    }

    List<FamilyMaps> families() {
        return families;
    }

    KernelMap flows(FamilyMaps family) {
        return maps.of(family.flows());
    }

    synchronized int takeService() throws IOException {
        return take(services, 1, SharedMaps.SERVICES_MAX, "listeners");
    }

    synchronized int takeMember() throws IOException {
        return take(members, 1, SharedMaps.ENDPOINTS_MAX, "endpoints");
    }

    /// So many source addresses, side by side.
    synchronized int takeSources(int count) throws IOException {
        return take(sources, count, SharedMaps.SOURCES_MAX, "source addresses");
    }

    synchronized void giveBack(int service, int firstSource, int sourceCount) {
        services.clear(service);
        sources.clear(firstSource, firstSource + sourceCount);
    }

    synchronized void giveBackSources(int first, int count) {
        sources.clear(first, first + count);
    }

    synchronized void giveBackMember(int number) {
        members.clear(number);
    }

    private static int take(BitSet taken, int count, int most, String what) throws IOException {
        int from = taken.nextClearBit(0);
        while (count > 0 && taken.get(from, from + count).cardinality() > 0) {
            from = taken.nextClearBit(from + 1);
        }
        if (from + count > most) {
            throw new IOException("the kernel's table has room for " + most + " " + what);
        }
        taken.set(from, from + count);
        return from;
    }

    /// What all processors have counted for a member.
    Member.Count count(int member) {
        ByteBuffer value = maps.of(shared.tallies()).value();
        maps.get(shared.tallies(), KernelMap.buffer(4).putInt(0, member), value);
        Tallies names = Tallies.TALLIES;
        long[] sums = new long[5];
        int[] offsets = {
            names.flows().offset(),
            names.packetsIn().offset(),
            names.bytesIn().offset(),
            names.packetsOut().offset(),
            names.bytesOut().offset()
        };
        for (int from = 0; from < value.capacity(); from += names.layout().size()) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += value.getLong(from + offsets[i]);
            }
        }
        return new Member.Count(sums[0], sums[1], sums[2], sums[3], sums[4]);
    }

    /// Packets of a service that were lost so far, by reason.
    long[] lost(int service) {
        ByteBuffer value = maps.of(shared.losses()).value();
        maps.get(shared.losses(), KernelMap.buffer(4).putInt(0, service), value);
        long[] sums = new long[Loss.values().length];
        for (int from = 0; from < value.capacity(); from += shared.losses().valueBytes()) {
            for (Loss loss : Loss.values()) {
                sums[loss.ordinal()] += value.getLong(from + loss.field().offset());
            }
        }
        return sums;
    }

    /// Takes the program off the interfaces, and all flows with it.
    @Override
    public void close() {
        links.forEach(Link::close);
        maps.close();
    }
}
