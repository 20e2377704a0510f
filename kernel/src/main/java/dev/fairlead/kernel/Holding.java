package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Field;
import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.Layout;
import dev.fairlead.kernel.bpf.MapSpec;
import dev.fairlead.kernel.bpf.Pins;
import dev.fairlead.upstream.balance.Hash;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Who has what is pinned, and how often it has changed hands. `fingerprint` tells
/// of what shape the maps are: only who has maps of the same shape and room can take them over.
record Holding(long fingerprint, long maxFlows, long generation, Holder holder) {
    private static final Layout LAYOUT = new Layout();
    private static final Field FINGERPRINT = LAYOUT.u64("fingerprint");
    private static final Field MAX_FLOWS = LAYOUT.u64("max flows");
    private static final Field GENERATION = LAYOUT.u64("generation");
    private static final Field PROCESS = LAYOUT.u64("process");
    private static final Field BEGAN = LAYOUT.u64("began");
    private static final MapSpec MAP = MapSpec.array("fl_holding", LAYOUT, 1);

    /// Raised when the meaning of what is in the maps changes and their shape does not.
    private static final int REVISION = 1;

    /// This process, as the first that has them.
    static Holding of(SharedMaps shared, int maxFlows) {
        StringBuilder shape = new StringBuilder().append(REVISION);
        shared.all().forEach(each -> add(each, shape));
        for (Family each : Family.values()) {
            FamilyMaps maps = FamilyMaps.of(each, 1);
            maps.all().forEach(map -> add(map, shape));
            add(maps.peers(), shape);
        }
        return new Holding(Hash.of(shape.toString()), maxFlows, 1, Holder.thisProcess());
    }

    private static void add(MapSpec map, StringBuilder shape) {
        shape.append(map.name()).append(map.kind()).append(map.entries()).append(map.content());
    }

    /// What stands among the pins; null when nothing does.
    static @Nullable Holding read(Pins pins) throws IOException {
        if (!pins.has(MAP)) {
            return null;
        }
        try (KernelMap map = pins.there(MAP)) {
            ByteBuffer value = map.value();
            map.get(map.key(), value);
            return new Holding(
                    value.getLong(FINGERPRINT.offset()),
                    value.getLong(MAX_FLOWS.offset()),
                    value.getLong(GENERATION.offset()),
                    new Holder(value.getLong(PROCESS.offset()), value.getLong(BEGAN.offset())));
        }
    }

    void write(Pins pins) throws IOException {
        try (KernelMap map = pins.map(MAP)) {
            ByteBuffer value = map.value();
            value.putLong(FINGERPRINT.offset(), fingerprint);
            value.putLong(MAX_FLOWS.offset(), maxFlows);
            value.putLong(GENERATION.offset(), generation);
            value.putLong(PROCESS.offset(), holder.process());
            value.putLong(BEGAN.offset(), holder.began());
            map.put(map.key(), value);
        }
    }

    boolean hasShapeOf(Holding other) {
        return fingerprint == other.fingerprint && maxFlows == other.maxFlows;
    }

    Holding after(Holding before) {
        return new Holding(fingerprint, maxFlows, before.generation + 1, holder);
    }
}
