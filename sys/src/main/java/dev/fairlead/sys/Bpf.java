package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// bpf(2): maps, programs and links inside Linux. Descriptors are plain ints; what a call cannot do it says as a
/// negative errno. Keys and values are direct buffers in native order, used from 0 to their capacity. Any thread.
public final class Bpf {
    /// Kinds of maps: `enum bpf_map_type` of linux/bpf.h.
    public static final int MAP_HASH = 1;

    public static final int MAP_ARRAY = 2;
    public static final int MAP_PERCPU_ARRAY = 6;
    public static final int MAP_LRU_HASH = 9;
    public static final int MAP_ARRAY_OF_MAPS = 12;

    /// Of an array that is put into a map of maps, whose size may then differ from that of the others (5.10).
    public static final int F_INNER_MAP = 1 << 12;

    /// What [#update] does when the key is there, or is not.
    public static final int ANY = 0;

    public static final int NO_EXIST = 1;

    public static final int ENOENT = -2;
    public static final int EEXIST = -17;
    public static final int EINVAL = -22;
    public static final int ENOSPC = -28;

    private static final int CMD_MAP_CREATE = 0;
    private static final int CMD_LOOKUP = 1;
    private static final int CMD_UPDATE = 2;
    private static final int CMD_DELETE = 3;
    private static final int CMD_PROG_LOAD = 5;
    private static final int CMD_PIN = 6;
    private static final int CMD_GET = 7;
    private static final int CMD_TEST_RUN = 10;
    private static final int CMD_LOOKUP_BATCH = 24;
    private static final int CMD_UPDATE_BATCH = 26;
    private static final int CMD_LINK_CREATE = 28;
    private static final int CMD_LINK_UPDATE = 29;

    /// How a program is put into a driver: by the driver itself, or by Linux behind any driver.
    public static final int XDP_GENERIC = 2;

    public static final int XDP_DRIVER = 4;

    /// Room for all fields that are used here of `union bpf_attr`.
    private static final int ATTR_BYTES = 160;

    private static final int LOG_BYTES = 1 << 20;
    private static final int NAME_BYTES_MAX = 15;

    private static final Call SYSCALL = Call.of("syscall");
    private static final Call CLOSE = Call.of("close");
    private static final long NUMBER = number();

    private Bpf() {}

    /// What a load came to: a descriptor, or a negative errno and what the verifier said.
    public record Loaded(int descriptor, String log) {}

    /// What a program did with a packet: its return value, or a negative errno; the packet as it left it; the mean
    /// time of one run in nanoseconds.
    public record TestRun(int result, byte[] packet, int nanos) {}

    /// How many entries were read, or a negative errno; and whether there are no more.
    public record Batch(int count, boolean isLast) {}

    private static long number() {
        return switch (System.getProperty("os.arch")) {
            case "amd64" -> 321;
            // The number of all architectures that came late to Linux.
            default -> 280;
        };
    }

    /// `inner`: a map like those that a map of maps will hold, -1 for any other kind.
    public static int createMap(
            String name, int type, int keyBytes, int valueBytes, int entries, int flags, int inner) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_BYTES, 8);
            attr.set(JAVA_INT, 0, type);
            attr.set(JAVA_INT, 4, keyBytes);
            attr.set(JAVA_INT, 8, valueBytes);
            attr.set(JAVA_INT, 12, entries);
            attr.set(JAVA_INT, 16, flags);
            if (inner >= 0) {
                attr.set(JAVA_INT, 20, inner);
            }
            name(attr, 28, name);
            return call(CMD_MAP_CREATE, attr);
        }
    }

    /// Fills `value`. 0 when the key is there.
    public static int lookup(int map, ByteBuffer key, ByteBuffer value) {
        return element(CMD_LOOKUP, map, key, value, 0);
    }

    public static int update(int map, ByteBuffer key, ByteBuffer value, int flags) {
        return element(CMD_UPDATE, map, key, value, flags);
    }

    public static int delete(int map, ByteBuffer key) {
        return element(CMD_DELETE, map, key, null, 0);
    }

    private static int element(int command, int map, ByteBuffer key, @Nullable ByteBuffer value, long flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_BYTES, 8);
            attr.set(JAVA_INT, 0, map);
            attr.set(ADDRESS, 8, whole(key));
            if (value != null) {
                attr.set(ADDRESS, 16, whole(value));
            }
            attr.set(JAVA_LONG, 24, flags);
            return call(command, attr);
        } finally {
            Reference.reachabilityFence(key);
            Reference.reachabilityFence(value);
        }
    }

    /// Fills `keys` and `values` with up to `count` entries, from where `cursor` says on, which is moved; `first`:
    /// from the beginning. What it came to; [#ENOSPC] when `count` is less than one bucket of a hash map has. A
    /// cursor has the size of a key, and at least 4 bytes.
    public static Batch lookupBatch(
            int map, boolean first, ByteBuffer cursor, ByteBuffer keys, ByteBuffer values, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_BYTES, 8);
            if (!first) {
                attr.set(ADDRESS, 0, whole(cursor));
            }
            attr.set(ADDRESS, 8, whole(cursor));
            attr.set(ADDRESS, 16, whole(keys));
            attr.set(ADDRESS, 24, whole(values));
            attr.set(JAVA_INT, 32, count);
            attr.set(JAVA_INT, 36, map);
            int result = call(CMD_LOOKUP_BATCH, attr);
            boolean isGood = result == 0 || result == ENOENT;
            // The end of the map is told as ENOENT.
            return new Batch(isGood ? attr.get(JAVA_INT, 32) : result, result != 0);
        } finally {
            Reference.reachabilityFence(cursor);
            Reference.reachabilityFence(keys);
            Reference.reachabilityFence(values);
        }
    }

    /// Puts `count` entries; 0, or a negative errno, after which some of them may be there.
    public static int updateBatch(int map, ByteBuffer keys, ByteBuffer values, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_BYTES, 8);
            attr.set(ADDRESS, 16, whole(keys));
            attr.set(ADDRESS, 24, whole(values));
            attr.set(JAVA_INT, 32, count);
            attr.set(JAVA_INT, 36, map);
            return call(CMD_UPDATE_BATCH, attr);
        } finally {
            Reference.reachabilityFence(keys);
            Reference.reachabilityFence(values);
        }
    }

    /// Loads a program of a kind, for a kind of place (`enum bpf_prog_type`, `enum bpf_attach_type`). When the verifier
    /// refuses it, it is loaded once more with the
    /// verifier's log on.
    public static Loaded load(String name, byte[] instructions, String license, int type, int attachType) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocate(instructions.length, 8);
            MemorySegment.copy(instructions, 0, code, JAVA_BYTE, 0, instructions.length);
            MemorySegment attr = arena.allocate(ATTR_BYTES, 8);
            attr.set(JAVA_INT, 0, type);
            attr.set(JAVA_INT, 4, instructions.length / 8);
            attr.set(ADDRESS, 8, code);
            attr.set(ADDRESS, 16, arena.allocateFrom(license));
            name(attr, 48, name);
            attr.set(JAVA_INT, 68, attachType);
            int plain = call(CMD_PROG_LOAD, attr);
            if (plain >= 0) {
                return new Loaded(plain, "");
            }
            MemorySegment log = arena.allocate(LOG_BYTES);
            attr.set(JAVA_INT, 24, 1);
            attr.set(JAVA_INT, 28, LOG_BYTES);
            attr.set(ADDRESS, 32, log);
            int again = call(CMD_PROG_LOAD, attr);
            return new Loaded(again, again >= 0 ? "" : log.getString(0));
        }
    }

    /// Runs a program on a packet, `repeat` times on the same one.
    public static TestRun test(int program, byte[] packet, int repeat) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(packet.length);
            MemorySegment.copy(packet, 0, in, JAVA_BYTE, 0, packet.length);
            MemorySegment out = arena.allocate(packet.length + 256L);
            MemorySegment attr = arena.allocate(ATTR_BYTES, 8);
            attr.set(JAVA_INT, 0, program);
            attr.set(JAVA_INT, 8, packet.length);
            attr.set(JAVA_INT, 12, (int) out.byteSize());
            attr.set(ADDRESS, 16, in);
            attr.set(ADDRESS, 24, out);
            attr.set(JAVA_INT, 32, repeat);
            int result = call(CMD_TEST_RUN, attr);
            if (result < 0) {
                return new TestRun(result, packet, 0);
            }
            byte[] left = out.asSlice(0, attr.get(JAVA_INT, 12)).toArray(JAVA_BYTE);
            return new TestRun(attr.get(JAVA_INT, 4), left, attr.get(JAVA_INT, 36));
        }
    }

    /// Lets a program see what comes in on an interface. It does as long as the link's descriptor or a pin of it lasts.
    public static int link(int program, int interfaceIndex, int attachType, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_BYTES, 8);
            attr.set(JAVA_INT, 0, program);
            attr.set(JAVA_INT, 4, interfaceIndex);
            attr.set(JAVA_INT, 8, attachType);
            attr.set(JAVA_INT, 12, flags);
            return call(CMD_LINK_CREATE, attr);
        }
    }

    /// Puts another program in the place of the link's; no packet misses both.
    public static int replace(int link, int program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_BYTES, 8);
            attr.set(JAVA_INT, 0, link);
            attr.set(JAVA_INT, 4, program);
            return call(CMD_LINK_UPDATE, attr);
        }
    }

    /// Gives what a descriptor stands for a name in a BPF file system, under which it outlives the process.
    public static int pin(int descriptor, String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_BYTES, 8);
            attr.set(ADDRESS, 0, arena.allocateFrom(path));
            attr.set(JAVA_INT, 8, descriptor);
            return call(CMD_PIN, attr);
        }
    }

    /// A descriptor of what was pinned there.
    public static int pinned(String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(ATTR_BYTES, 8);
            attr.set(ADDRESS, 0, arena.allocateFrom(path));
            return call(CMD_GET, attr);
        }
    }

    public static void close(int descriptor) {
        int _ = CLOSE.call(descriptor);
    }

    private static MemorySegment whole(ByteBuffer buffer) {
        return MemorySegment.ofBuffer(buffer.duplicate().clear());
    }

    private static void name(MemorySegment attr, long at, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(bytes, 0, attr, JAVA_BYTE, at, Math.min(bytes.length, NAME_BYTES_MAX));
    }

    private static int call(int command, MemorySegment attr) {
        return SYSCALL.call(NUMBER, command, attr.address(), ATTR_BYTES);
    }
}
