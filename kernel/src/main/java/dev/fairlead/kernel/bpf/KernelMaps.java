package dev.fairlead.kernel.bpf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Maps inside Linux.
public final class KernelMaps implements Maps, AutoCloseable {
    private final Map<MapSpec, KernelMap> bySpec = new ConcurrentHashMap<>();
    private final Replacements replacements = new Replacements();
    private final @Nullable Pins pins;

    private KernelMaps(@Nullable Pins pins) {
        this.pins = pins;
    }

    /// Makes all of them, or none.
    public static KernelMaps create(Collection<MapSpec> specs) throws IOException {
        return create(specs, null);
    }

    /// Those that are among the pins are taken as they are; the others are made and pinned there.
    public static KernelMaps create(Collection<MapSpec> specs, @Nullable Pins pins) throws IOException {
        KernelMaps maps = new KernelMaps(pins);
        try {
            maps.addAll(specs);
        } catch (IOException | RuntimeException | Error failed) {
            maps.close();
            throw failed;
        }
        return maps;
    }

    /// Those that are among the pins, to look at them: nothing is made. All of them have to be there.
    public static KernelMaps there(Collection<MapSpec> specs, Pins pins) throws IOException {
        KernelMaps maps = new KernelMaps(pins);
        try {
            for (MapSpec spec : specs) {
                maps.bySpec.put(spec, pins.there(spec));
            }
        } catch (IOException | RuntimeException | Error failed) {
            maps.close();
            throw failed;
        }
        return maps;
    }

    /// More of them.
    public void addAll(Collection<MapSpec> specs) throws IOException {
        for (MapSpec spec : specs) {
            bySpec.put(spec, pins == null ? KernelMap.create(spec) : pins.map(spec));
        }
    }

    /// Fewer of them, and of their pins: programs that use them keep them. Nobody else does.
    public void removeAll(Collection<MapSpec> specs) throws IOException {
        for (MapSpec spec : specs) {
            KernelMap there = bySpec.remove(spec);
            if (there != null) {
                there.close();
            }
            if (pins != null) {
                pins.unpin(spec.name());
            }
        }
    }

    /// Those of them that are not there yet.
    public void addMissing(Collection<MapSpec> specs) throws IOException {
        addAll(specs.stream().filter(each -> !bySpec.containsKey(each)).toList());
    }

    public KernelMap of(MapSpec spec) {
        return Objects.requireNonNull(bySpec.get(spec), spec.name());
    }

    public LoadedProgram load(Program program) throws IOException {
        return LoadedProgram.load(program, bySpec);
    }

    @Override
    public boolean get(MapSpec map, ByteBuffer key, ByteBuffer value) {
        return of(map).get(key, value);
    }

    @Override
    public void put(MapSpec map, ByteBuffer key, ByteBuffer value) throws IOException {
        of(map).put(key, value);
    }

    @Override
    public void putAll(MapSpec map, ByteBuffer keys, ByteBuffer values, int count) throws IOException {
        of(map).putAll(keys, values, count);
    }

    @Override
    public boolean remove(MapSpec map, ByteBuffer key) {
        return of(map).remove(key);
    }

    @Override
    public void putArray(MapSpec outer, int index, MapSpec array, ByteBuffer rows) throws IOException {
        KernelMap inner = KernelMap.create(array);
        try {
            inner.fill(rows);
        } catch (IOException failed) {
            inner.close();
            throw failed;
        }
        replacements.put(of(outer), index, inner);
    }

    @Override
    public void close() {
        replacements.close();
        bySpec.values().forEach(KernelMap::close);
    }
}
