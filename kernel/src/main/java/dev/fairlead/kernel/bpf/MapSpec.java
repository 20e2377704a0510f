package dev.fairlead.kernel.bpf;

import dev.fairlead.sys.Bpf;
import org.jspecify.annotations.Nullable;

/// A map of the kernel as it is wanted. `inner`: what a map of maps holds. Two specs are the same map only when they
/// are the same object's equal, so names differ within one program. `content`: how its keys and values are made up.
public record MapSpec(
        String name,
        Kind kind,
        int keyBytes,
        int valueBytes,
        int entries,
        @Nullable MapSpec inner,
        String content) {
    /// By name: those of one program differ in it.
    @Override
    public int hashCode() {
        return name.hashCode();
    }

    /// What kinds of maps there are.
    public enum Kind {
        HASH(Bpf.MAP_HASH, 0),
        /// Forgets what was not used for longest when it is full.
        LRU_HASH(Bpf.MAP_LRU_HASH, 0),
        ARRAY(Bpf.MAP_ARRAY, 0),
        /// An array that is put into [#ARRAYS]; those of one map may differ in size.
        INNER_ARRAY(Bpf.MAP_ARRAY, Bpf.F_INNER_MAP),
        /// A value for each processor: counters that need no atomics.
        PER_CPU_ARRAY(Bpf.MAP_PERCPU_ARRAY, 0),
        ARRAYS(Bpf.MAP_ARRAY_OF_MAPS, 0);

        private final int type;
        private final int flags;

        Kind(int type, int flags) {
            this.type = type;
            this.flags = flags;
        }

        int type() {
            return type;
        }

        int flags() {
            return flags;
        }
    }

    public static MapSpec hash(String name, Layout key, Layout value, int entries) {
        return new MapSpec(name, Kind.HASH, key.size(), value.size(), entries, null, key + ": " + value);
    }

    public static MapSpec lru(String name, Layout key, Layout value, int entries) {
        return new MapSpec(name, Kind.LRU_HASH, key.size(), value.size(), entries, null, key + ": " + value);
    }

    public static MapSpec array(String name, Layout value, int entries) {
        return new MapSpec(name, Kind.ARRAY, 4, value.size(), entries, null, value.toString());
    }

    public static MapSpec perCpu(String name, Layout value, int entries) {
        return new MapSpec(name, Kind.PER_CPU_ARRAY, 4, value.size(), entries, null, value.toString());
    }

    public static MapSpec inner(String name, Layout value, int entries) {
        return new MapSpec(name, Kind.INNER_ARRAY, 4, value.size(), entries, null, value.toString());
    }

    public static MapSpec arrays(String name, MapSpec inner, int entries) {
        return new MapSpec(name, Kind.ARRAYS, 4, 4, entries, inner, inner.content);
    }
}
