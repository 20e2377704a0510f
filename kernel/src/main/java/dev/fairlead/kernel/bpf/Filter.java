package dev.fairlead.kernel.bpf;

import dev.fairlead.sys.Device;
import dev.fairlead.sys.PacketFilters;
import dev.fairlead.sys.PacketFilters.Direction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/// A program on an interface as a filter of traffic control, for Linux before 6.6. It has a name, by which the next
/// process finds it, and stays until it is removed.
public final class Filter implements Link {
    private final int interfaceIndex;
    private final Direction direction;
    private final String name;

    private Filter(int interfaceIndex, Direction direction, String name) {
        this.interfaceIndex = interfaceIndex;
        this.direction = direction;
        this.name = name;
    }

    /// In the place of the filter that has the name, in one step, or as a new one.
    public static Filter attach(LoadedProgram program, int interfaceIndex, String name) throws IOException {
        Filter filter = new Filter(interfaceIndex, program.hook().direction(), name);
        filter.replace(program);
        return filter;
    }

    @Override
    public void replace(LoadedProgram program) throws IOException {
        try (PacketFilters filters = PacketFilters.open()) {
            int handle = filters.on(interfaceIndex, direction).stream()
                    .filter(each -> each.name().equals(name))
                    .mapToInt(PacketFilters.Filter::handle)
                    .findFirst()
                    .orElse(0);
            filters.put(interfaceIndex, direction, handle, name, program.descriptor());
        }
    }

    /// The interface is gone, or the filter is there: nothing is held.
    @Override
    public void close() {}

    /// The names of filters that are like this one, and the interfaces which they are on.
    public record Found(int interfaceIndex, String name) {}

    public static List<Found> find(Predicate<String> name) throws IOException {
        List<Found> found = new ArrayList<>();
        try (PacketFilters filters = PacketFilters.open()) {
            for (Device each : Device.all()) {
                for (Direction direction : Direction.values()) {
                    filters.on(each.index(), direction).stream()
                            .filter(filter -> name.test(filter.name()))
                            .forEach(filter -> found.add(new Found(each.index(), filter.name())));
                }
            }
        }
        return found;
    }

    /// Removes those of such names, whichever packets they see.
    public static void removeAll(Predicate<String> name) throws IOException {
        for (Direction each : Direction.values()) {
            remove(each, name, List.of());
        }
    }

    /// Removes those of such names, but for those on these interfaces. One that cannot be removed keeps none of the
    /// others.
    public static void remove(Direction direction, Predicate<String> name, Collection<Integer> kept)
            throws IOException {
        IOException worst = null;
        try (PacketFilters filters = PacketFilters.open()) {
            for (Device each : Device.all()) {
                try {
                    remove(filters, each, direction, name, kept);
                } catch (IOException failed) {
                    if (Device.all().stream().anyMatch(there -> there.index() == each.index())) {
                        worst = failed;
                    }
                }
            }
        }
        if (worst != null) {
            throw worst;
        }
    }

    private static void remove(
            PacketFilters filters, Device device, Direction direction, Predicate<String> name, Collection<Integer> kept)
            throws IOException {
        for (PacketFilters.Filter filter : filters.on(device.index(), direction)) {
            if (name.test(filter.name()) && !kept.contains(device.index())) {
                filters.remove(device.index(), direction, filter.handle());
            }
        }
    }
}
