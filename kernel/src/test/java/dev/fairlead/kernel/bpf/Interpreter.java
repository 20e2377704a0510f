package dev.fairlead.kernel.bpf;

import dev.fairlead.sys.Bpf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Runs a program without Linux: RFC 9669 in a few hundred lines, with maps in Java and those functions of Linux that
/// the programs here call. Slower and stricter than a processor: what it reads or writes outside of what it was given
/// is an [AssertionError].
public final class Interpreter implements Maps {
    private static final int STACK = 512;
    private static final int CONTEXT = 192;

    /// Marks what stands for an array of a map of maps.
    private static final int ARRAY_TAG = 0x7fff_0000;

    private static final int ROUTE_BYTES = 64;

    /// That which all sockets are of.
    public static final long NETWORK = 7;

    private static final int STEPS_MAX = 100_000;

    private final Program program;
    private final List<ByteBuffer> regions = new ArrayList<>();
    private final Map<MapSpec, Map<ByteBuffer, ByteBuffer>> maps;
    private final Map<Integer, Map<ByteBuffer, ByteBuffer>> arrays;
    private final List<MapSpec> specs;
    private final long[] r = new long[11];

    /// What the routing table answers: given the question, it fills in what Linux would, and returns its result.
    public interface Routes {
        int find(ByteBuffer question);
    }

    private Routes routes = question -> 0;
    private long nanos = 1_000_000_000L;
    private int random;
    private Runnable meanwhile = () -> {};
    private long socket;
    private ByteBuffer packet = ByteBuffer.allocate(0);
    private long packetAddress;

    /// What a packet came to.
    public record Outcome(int verdict, byte[] packet, int outbound, boolean byNeighbour) {}

    private int outbound;
    private boolean byNeighbour;

    public Interpreter(Program program) {
        this(program, new HashMap<>(), new HashMap<>());
    }

    /// Another program on the maps of the first.
    public Interpreter(Program program, Interpreter first) {
        this(program, first.maps, first.arrays);
    }

    private Interpreter(
            Program program,
            Map<MapSpec, Map<ByteBuffer, ByteBuffer>> maps,
            Map<Integer, Map<ByteBuffer, ByteBuffer>> arrays) {
        this.program = program.withLines();
        this.maps = maps;
        this.arrays = arrays;
        this.specs = program.maps();
        specs.forEach(spec -> maps.putIfAbsent(spec, new LinkedHashMap<>()));
        regions.add(ByteBuffer.allocate(0));
    }

    public void routes(Routes wanted) {
        routes = wanted;
    }

    public void nanos(long now) {
        nanos = now;
    }

    /// That which connects, sends and is answered from now on.
    public void socket(long number) {
        socket = number;
    }

    /// What another processor does, once, before the program next puts an entry.
    public void meanwhile(Runnable other) {
        meanwhile = other;
    }

    public long nanos() {
        return nanos;
    }

    @Override
    public boolean get(MapSpec map, ByteBuffer key, ByteBuffer value) {
        ByteBuffer found = entry(map, maps.get(map), copy(key, map.keyBytes()));
        if (found == null) {
            return false;
        }
        value.put(0, found, 0, map.valueBytes());
        return true;
    }

    @Override
    public void put(MapSpec map, ByteBuffer key, ByteBuffer value) {
        ByteBuffer copied = copy(key, map.keyBytes());
        ByteBuffer there = maps.get(map).get(copied);
        if (there == null) {
            maps.get(map).put(copied, copy(value, map.valueBytes()));
        } else {
            there.put(0, value, 0, map.valueBytes());
        }
    }

    @Override
    public void putAll(MapSpec map, ByteBuffer keys, ByteBuffer values, int count) {
        for (int i = 0; i < count; i++) {
            put(
                    map,
                    keys.slice(i * map.keyBytes(), map.keyBytes()).order(ByteOrder.nativeOrder()),
                    values.slice(i * map.valueBytes(), map.valueBytes()).order(ByteOrder.nativeOrder()));
        }
    }

    @Override
    public boolean remove(MapSpec map, ByteBuffer key) {
        return maps.get(map).remove(copy(key, map.keyBytes())) != null;
    }

    @Override
    public void putArray(MapSpec outer, int index, MapSpec array, ByteBuffer rows) {
        Map<ByteBuffer, ByteBuffer> made = new LinkedHashMap<>();
        int bytes = array.valueBytes();
        for (int i = 0; i < array.entries(); i++) {
            made.put(number(i), copy(rows.slice(i * bytes, bytes), bytes));
        }
        arrays.put(index, made);
    }

    /// Every entry of a map, changed in place by whoever reads it.
    public Map<ByteBuffer, ByteBuffer> entries(MapSpec map) {
        return maps.get(map);
    }

    private static ByteBuffer number(int value) {
        return order(ByteBuffer.allocate(4)).putInt(0, value);
    }

    private static ByteBuffer copy(ByteBuffer from, int bytes) {
        return order(ByteBuffer.allocate(bytes)).put(0, from, 0, bytes);
    }

    private static ByteBuffer order(ByteBuffer buffer) {
        return buffer.order(ByteOrder.nativeOrder());
    }

    /// Arrays have every entry from the beginning.
    private ByteBuffer entry(MapSpec spec, Map<ByteBuffer, ByteBuffer> map, ByteBuffer key) {
        ByteBuffer found = map.get(key);
        boolean isArray = spec.kind() == MapSpec.Kind.ARRAY || spec.kind() == MapSpec.Kind.PER_CPU_ARRAY;
        if (found == null && isArray && Integer.compareUnsigned(key.getInt(0), spec.entries()) < 0) {
            found = order(ByteBuffer.allocate(spec.valueBytes()));
            map.put(key, found);
        }
        return found;
    }

    /// Runs the program on a packet that came in on an interface. `change`: what else is known of the packet.
    public Outcome run(byte[] frame, int interfaceIndex, UnaryOperator<ByteBuffer> change) {
        while (regions.size() > 1) {
            regions.removeLast();
        }
        packet = order(ByteBuffer.allocate(frame.length)).put(0, frame);
        ByteBuffer context = order(ByteBuffer.allocate(CONTEXT));
        if (program.hook() == Hook.DRIVER) {
            context.putInt(Hook.DRIVER_INTERFACE.offset(), interfaceIndex);
        } else {
            context.putInt(Skb.LENGTH.offset(), frame.length);
            context.putInt(Skb.INTERFACE.offset(), interfaceIndex);
            if (frame.length >= 14) {
                context.putInt(Skb.PROTOCOL.offset(), packet.getShort(12) & 0xffff);
            }
        }
        change.apply(context);
        long contextAddress = region(context);
        long stack = region(order(ByteBuffer.allocate(STACK)));
        packetAddress = region(packet);
        outbound = 0;
        byNeighbour = false;
        r[1] = contextAddress;
        r[10] = stack + STACK;
        int verdict = steps(contextAddress);
        return new Outcome(verdict, packet.array().clone(), outbound, byNeighbour);
    }

    /// Runs a program for a socket that connects, with its address in the context: what the program leaves there.
    public ByteBuffer connect(int expected, UnaryOperator<ByteBuffer> address) {
        while (regions.size() > 1) {
            regions.removeLast();
        }
        ByteBuffer context = address.apply(order(ByteBuffer.allocate(CONTEXT)));
        r[1] = region(context);
        r[10] = region(order(ByteBuffer.allocate(STACK))) + STACK;
        int verdict = steps(r[1]);
        if (verdict != expected) {
            throw new AssertionError("it said " + verdict);
        }
        return context;
    }

    public Outcome run(byte[] frame) {
        return run(frame, 1, UnaryOperator.identity());
    }

    private long region(ByteBuffer buffer) {
        regions.add(buffer);
        return (long) (regions.size() - 1) << 32;
    }

    private int steps(long contextAddress) {
        int at = 0;
        List<Instruction> all = program.instructions();
        for (int step = 0; step < STEPS_MAX; step++) {
            Instruction i = all.get(at++);
            int code = i.code();
            switch (code & 7) {
                case 0 -> {
                    r[i.destination()] = i.map() == null
                            ? (i.immediate() & 0xffffffffL)
                                    | ((long) all.get(at).immediate() << 32)
                            : -1L - specs.indexOf(i.map());
                    at++;
                }
                case 1 -> r[i.destination()] = load(r[i.source()] + i.offset(), bytes(code), contextAddress, i);
                case 2 -> store(r[i.destination()] + i.offset(), bytes(code), i.immediate(), i);
                case 3 -> {
                    if ((code & 0xe0) == 0xc0) {
                        atomic(i);
                    } else {
                        store(r[i.destination()] + i.offset(), bytes(code), r[i.source()], i);
                    }
                }
                case 4, 7 -> r[i.destination()] = arithmetic(i);
                case 5 -> {
                    if (code == 0x95) {
                        return (int) r[0];
                    }
                    if (code == 0x85) {
                        call(i);
                    } else if (isTaken(i)) {
                        at += i.offset();
                    }
                }
                default -> throw wrong(i, "unknown code " + code);
            }
        }
        throw new AssertionError("it does not end");
    }

    private static AssertionError wrong(Instruction i, String what) {
        return new AssertionError(what + " at " + i.line());
    }

    private static int bytes(int code) {
        return switch (code & 0x18) {
            case 0 -> 4;
            case 0x08 -> 2;
            case 0x10 -> 1;
            default -> 8;
        };
    }

    private ByteBuffer memory(long address, int bytes, Instruction i) {
        int region = (int) (address >>> 32);
        int offset = (int) address;
        if (region <= 0 || region >= regions.size()) {
            throw wrong(i, "no memory at " + Long.toHexString(address));
        }
        ByteBuffer memory = regions.get(region);
        if (offset < 0 || offset + bytes > memory.capacity()) {
            throw wrong(i, "out of bounds: " + offset + " of " + memory.capacity());
        }
        return memory;
    }

    private long load(long address, int bytes, long contextAddress, Instruction i) {
        // Linux rewrites these two: they are no numbers of 4 bytes.
        Field data = program.hook().data();
        Field dataEnd = program.hook().dataEnd();
        if (data != null && address == contextAddress + data.offset()) {
            return packetAddress;
        }
        if (dataEnd != null && address == contextAddress + dataEnd.offset()) {
            return packetAddress + packet.capacity();
        }
        ByteBuffer memory = memory(address, bytes, i);
        int at = (int) address;
        return switch (bytes) {
            case 1 -> memory.get(at) & 0xffL;
            case 2 -> memory.getShort(at) & 0xffffL;
            case 4 -> memory.getInt(at) & 0xffffffffL;
            default -> memory.getLong(at);
        };
    }

    private void store(long address, int bytes, long value, Instruction i) {
        ByteBuffer memory = memory(address, bytes, i);
        int at = (int) address;
        switch (bytes) {
            case 1 -> memory.put(at, (byte) value);
            case 2 -> memory.putShort(at, (short) value);
            case 4 -> memory.putInt(at, (int) value);
            default -> memory.putLong(at, value);
        }
    }

    private void atomic(Instruction i) {
        int bytes = bytes(i.code());
        long address = r[i.destination()] + i.offset();
        long before = load(address, bytes, -1, i);
        long operand = r[i.source()];
        store(address, bytes, (i.immediate() & 0xf0) == 0x40 ? before | operand : before + operand, i);
        if ((i.immediate() & 1) != 0) {
            r[i.source()] = before;
        }
    }

    private long arithmetic(Instruction i) {
        long left = r[i.destination()];
        long right = (i.code() & 8) != 0 ? r[i.source()] : i.immediate();
        if ((i.code() & 7) == 4 && (i.code() & 0xf0) != 0xd0) {
            throw wrong(i, "no 32 bit arithmetic is written here");
        }
        return switch (i.code() & 0xf0) {
            case 0x00 -> left + right;
            case 0x10 -> left - right;
            case 0x20 -> left * right;
            case 0x30 -> right == 0 ? 0 : Long.divideUnsigned(left, right);
            case 0x40 -> left | right;
            case 0x50 -> left & right;
            case 0x60 -> left << right;
            case 0x70 -> left >>> right;
            case 0x90 -> right == 0 ? left : Long.remainderUnsigned(left, right);
            case 0xa0 -> left ^ right;
            case 0xb0 -> right;
            case 0xd0 ->
                i.immediate() == 16
                        ? Short.toUnsignedLong(Short.reverseBytes((short) left))
                        : Integer.toUnsignedLong(Integer.reverseBytes((int) left));
            default -> throw wrong(i, "unknown arithmetic");
        };
    }

    private boolean isTaken(Instruction i) {
        long left = r[i.destination()];
        long right = (i.code() & 8) != 0 ? r[i.source()] : i.immediate();
        int order = Long.compareUnsigned(left, right);
        return switch (i.code() & 0xf0) {
            case 0x00 -> true;
            case 0x10 -> order == 0;
            case 0x20 -> order > 0;
            case 0x30 -> order >= 0;
            case 0x40 -> (left & right) != 0;
            case 0x50 -> order != 0;
            case 0xa0 -> order < 0;
            case 0xb0 -> order <= 0;
            default -> throw wrong(i, "unknown jump");
        };
    }

    private void call(Instruction i) {
        Helper helper = List.of(Helper.values()).stream()
                .filter(each -> each.number() == i.immediate())
                .findFirst()
                .orElseThrow(() -> wrong(i, "unknown function"));
        r[0] = switch (helper) {
            case MAP_LOOKUP -> lookup(i);
            case MAP_UPDATE -> update(i);
            case KTIME_NANOS, KTIME_COARSE -> nanos;
            case NETWORK_COOKIE -> NETWORK;
            case SOCKET_COOKIE -> socket;
            case RANDOM -> Integer.toUnsignedLong(random += 0x9e3779b9);
            case L4_CHECKSUM -> checksum(i);
            case CHECKSUM_DIFFERENCE -> sum(i);
            case CHANGE_TAIL -> changeTail();
            case ADJUST_ROOM -> makeRoom();
            case SKB_LOAD -> load(i);
            case DRIVER_LENGTH -> packet.capacity();
            case PULL -> packet.capacity() >= r[2] ? 0 : -22;
            case FIB_LOOKUP -> {
                long address = r[2];
                ByteBuffer question = memory(address, ROUTE_BYTES, i).slice((int) address, ROUTE_BYTES);
                yield routes.find(order(question));
            }
            case REDIRECT, REDIRECT_NEIGHBOUR -> {
                outbound = (int) r[1];
                byNeighbour = helper == Helper.REDIRECT_NEIGHBOUR;
                yield program.hook().number(Verdict.REDIRECT);
            }
            case MAP_DELETE -> {
                MapSpec spec = specs.get((int) (-1 - r[1]));
                yield remove(spec, keyAt(r[2], spec.keyBytes(), i)) ? 0 : -2;
            }
            case CLONE_REDIRECT -> throw wrong(i, "not known here: " + helper);
        };
        // As after a true call: what they held is gone.
        for (int gone = 1; gone <= 5; gone++) {
            r[gone] = 0xdead_0000_0000L;
        }
    }

    private long lookup(Instruction i) {
        if (r[1] >= 0) {
            return entryOf(arrays.get((int) (r[1] >>> 32) == ARRAY_TAG ? (int) r[1] : -1), i);
        }
        MapSpec spec = specs.get((int) (-1 - r[1]));
        ByteBuffer key = keyAt(r[2], spec.keyBytes(), i);
        if (spec.kind() == MapSpec.Kind.ARRAYS) {
            int index = key.getInt(0);
            return arrays.containsKey(index) ? (long) ARRAY_TAG << 32 | index : 0;
        }
        ByteBuffer found = entry(spec, maps.get(spec), key);
        return found == null ? 0 : region(found);
    }

    private long entryOf(Map<ByteBuffer, ByteBuffer> array, Instruction i) {
        if (array == null) {
            throw wrong(i, "no map");
        }
        ByteBuffer found = array.get(keyAt(r[2], 4, i));
        return found == null ? 0 : region(found);
    }

    private ByteBuffer keyAt(long address, int bytes, Instruction i) {
        return copy(memory(address, bytes, i).slice((int) address, bytes), bytes);
    }

    private long update(Instruction i) {
        MapSpec spec = specs.get((int) (-1 - r[1]));
        Runnable first = meanwhile;
        meanwhile = () -> {};
        first.run();
        ByteBuffer key = keyAt(r[2], spec.keyBytes(), i);
        if (r[4] == Bpf.NO_EXIST && maps.get(spec).containsKey(key)) {
            return Bpf.EEXIST;
        }
        put(spec, key, keyAt(r[3], spec.valueBytes(), i));
        return 0;
    }

    /// Of what has to be added; nothing is ever taken away here.
    private long sum(Instruction i) {
        int bytes = (int) r[4];
        ByteBuffer memory = memory(r[3], bytes, i);
        long sum = r[5];
        for (int at = 0; at < bytes; at += 4) {
            sum += memory.getInt((int) r[3] + at) & 0xffffffffL;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    private long load(Instruction i) {
        int at = (int) r[2];
        int bytes = (int) r[4];
        ByteBuffer memory = memory(r[3], bytes, i);
        if (r[2] < 0 || r[2] + bytes > packet.capacity()) {
            return -14;
        }
        memory.put((int) r[3], packet, at, bytes);
        return 0;
    }

    /// Who has a pointer into the packet has it no more.
    private long changeTail() {
        packet = order(ByteBuffer.allocate((int) r[2])).put(0, packet, 0, Math.min((int) r[2], packet.capacity()));
        packetAddress = region(packet);
        return 0;
    }

    /// Behind the Ethernet header.
    private long makeRoom() {
        int more = (int) r[2];
        packet = order(ByteBuffer.allocate(packet.capacity() + more))
                .put(0, packet, 0, 14)
                .put(14 + more, packet, 14, packet.capacity() - 14);
        packetAddress = region(packet);
        return 0;
    }

    /// As of a packet whose sum is whole.
    private long checksum(Instruction i) {
        int at = (int) r[2];
        if (at < 0 || at + 2 > packet.capacity()) {
            return -14;
        }
        long sum = packet.getShort(at) & 0xffff;
        if ((r[5] & 0x20) != 0 && sum == 0) {
            return 0;
        }
        long changed = (~sum & 0xffff) + (r[4] & 0xffff) + (r[4] >>> 16 & 0xffff);
        changed = (changed & 0xffff) + (changed >>> 16);
        changed = (changed & 0xffff) + (changed >>> 16);
        long done = ~changed & 0xffff;
        packet.putShort(at, (short) ((r[5] & 0x20) != 0 && done == 0 ? 0xffff : done));
        return 0;
    }
}
