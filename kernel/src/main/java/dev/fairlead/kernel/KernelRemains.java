package dev.fairlead.kernel;

import dev.fairlead.config.Address;
import dev.fairlead.config.AddressRange;
import dev.fairlead.kernel.bpf.Filter;
import dev.fairlead.kernel.bpf.KernelMaps;
import dev.fairlead.kernel.bpf.MapSpec;
import dev.fairlead.kernel.bpf.Pins;
import dev.fairlead.sys.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What is pinned in a directory, looked at from outside: by an operator's command, whether a process has it or not.
/// `process` is null when none runs that has it. Listeners and flows are unknown when their tables are of another
/// version's shape.
public record KernelRemains(
        Path directory,
        @Nullable Long process,
        long generation,
        List<String> interfaces,
        boolean isKnown,
        List<Listener> listeners,
        long flows) {
    public KernelRemains {
        interfaces = List.copyOf(interfaces);
        listeners = List.copyOf(listeners);
    }

    /// A listener with all its addresses, and how many endpoints its flows know.
    public record Listener(String address, String protocol, int endpoints) {}

    /// Null when nothing is pinned there, and no filter on an interface is of it.
    public static @Nullable KernelRemains read(Path directory) throws IOException {
        Pins pins = Pins.existing(directory);
        Holding holding = pins == null ? null : Holding.read(pins);
        List<Filter.Found> filters = Filter.find(FilterName.anyOf(directory));
        if (pins == null || holding == null) {
            return filters.isEmpty() ? null : unpinned(directory, filters);
        }
        List<String> interfaces =
                names(Stream.concat(pins.interfaces().stream(), filters.stream().map(Filter.Found::interfaceIndex)));
        Long process = holding.holder().isAlive() ? holding.holder().process() : null;
        int maxFlows = (int) holding.maxFlows();
        SharedMaps shared = SharedMaps.of();
        List<FamilyMaps> families = FamilyMaps.among(pins, maxFlows);
        List<MapSpec> all = new ArrayList<>(shared.all());
        families.forEach(each -> all.addAll(each.all()));
        // A process that is just starting has not made all of them yet.
        if (!holding.hasShapeOf(Holding.of(shared, maxFlows)) || !all.stream().allMatch(pins::has)) {
            return new KernelRemains(directory, process, holding.generation(), interfaces, false, List.of(), 0);
        }
        try (KernelMaps maps = KernelMaps.there(all, pins)) {
            long[] entries = {0};
            for (FamilyMaps each : families) {
                maps.of(each.begun()).each(Sweep.PIECE, (_, _, count) -> entries[0] += count);
                maps.of(each.flows()).each(Sweep.PIECE, (_, _, count) -> entries[0] += count);
            }
            return new KernelRemains(
                    directory,
                    process,
                    holding.generation(),
                    interfaces,
                    true,
                    listeners(Found.read(maps, shared, families)),
                    entries[0] / 2);
        }
    }

    /// Of a process that could pin nothing: only its filters outlive it, with tables that have no names.
    private static KernelRemains unpinned(Path directory, List<Filter.Found> filters) throws IOException {
        Long process = filters.stream()
                .map(each -> FilterName.living(each.name()))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        List<String> interfaces = names(filters.stream().map(Filter.Found::interfaceIndex));
        return new KernelRemains(directory, process, 0, interfaces, false, List.of(), 0);
    }

    /// The interfaces on which a program is that no living process has: it goes on taking packets of its listeners,
    /// before sockets and nftables see them.
    static List<String> abandoned(Path directory) throws IOException {
        Pins pins = Pins.existing(directory);
        Holding holding = pins == null ? null : Holding.read(pins);
        boolean isHeld = holding != null && holding.holder().isAlive();
        Stream<Integer> pinned = pins == null || isHeld ? Stream.of() : pins.interfaces().stream();
        Stream<Integer> filters = Filter.find(FilterName.anyOf(directory)).stream()
                .filter(each -> !isHeld && FilterName.living(each.name()) == null)
                .map(Filter.Found::interfaceIndex);
        return names(Stream.concat(pinned, filters));
    }

    private static List<String> names(Stream<Integer> indexes) throws IOException {
        Map<Integer, String> known = new HashMap<>();
        Device.all().forEach(each -> known.put(each.index(), each.name()));
        return indexes.distinct()
                .map(index -> known.getOrDefault(index, "gone (" + index + ")"))
                .toList();
    }

    private static List<Listener> listeners(Found found) {
        Map<Integer, Integer> endpoints = found.endpointsByService();
        List<Listener> all = new ArrayList<>();
        found.listeners().stream()
                .collect(Collectors.groupingBy(Found.Listener::number))
                .forEach((number, places) -> {
                    String protocol = places.getFirst().protocol() == Transport.TCP.number() ? "tcp" : "udp";
                    List<Address> addresses = places.stream()
                            .map(each -> new Address(
                                    each.address().getAddress(), each.address().getPort()))
                            .toList();
                    String text = AddressRange.joined(addresses).stream()
                            .map(AddressRange::toString)
                            .collect(Collectors.joining(", "));
                    all.add(new Listener(text, protocol, endpoints.getOrDefault(number, 0)));
                });
        all.sort(Comparator.comparing(Listener::address));
        return all;
    }

    /// Takes everything out of the kernel. No process has it.
    public static void clean(Path directory) throws IOException {
        Filter.removeAll(FilterName.anyOf(directory));
        Pins pins = Pins.existing(directory);
        if (pins != null) {
            pins.delete();
        }
    }
}
