package dev.fairlead.sys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Programs that see what comes in on an interface, or what leaves by it, as filters of traffic control:
/// linux/rtnetlink.h, linux/pkt_cls.h.
/// They are under a queueing discipline that queues nothing (clsact), run one after the other, and stay until
/// somebody removes them, whatever becomes of the process that put them there. Needs CAP_NET_ADMIN. One thread at a
/// time.
public final class PacketFilters implements AutoCloseable {
    /// Ours among the filters of an interface: those of a smaller number see packets before.
    public static final int PRIORITY = 250;

    private static final int EEXIST = -17;
    private static final int EINVAL = -22;

    private static final short NEW_QDISC = 36;
    private static final short DELETE_QDISC = 37;
    private static final short NEW_FILTER = 44;
    private static final short DELETE_FILTER = 45;
    private static final short GET_FILTER = 46;

    private static final int REQUEST = 1;
    private static final int ACKNOWLEDGE = 4;
    private static final int ALL = 0x300;
    private static final int EXCLUSIVE = 0x200;
    private static final int CREATE = 0x400;

    private static final int CLSACT = 0xfffffff1;
    private static final int CLSACT_HANDLE = 0xffff0000;

    private static final int KIND = 1;
    private static final int OPTIONS = 2;
    private static final int NESTED = 0x8000;
    private static final int PROGRAM = 6;
    private static final int NAME = 7;
    private static final int FLAGS = 8;

    /// What the program returns is what becomes of the packet.
    private static final int DIRECT_ACTION = 1;

    private static final int EVERY_PROTOCOL = 3;
    private static final int ERROR = 2;
    private static final int DONE = 3;
    private static final int HEADER_BYTES = 16;
    private static final int MESSAGE_BYTES = HEADER_BYTES + 20;
    private static final int ATTRIBUTE_BYTES = 4;
    private static final int BUFFER_BYTES = 1 << 16;

    private final Netlink netlink;
    private final ByteBuffer out = ByteBuffer.allocateDirect(1024).order(ByteOrder.nativeOrder());
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.nativeOrder());

    /// Whose packets a filter sees.
    public enum Direction {
        IN(0xfffffff2),
        OUT(0xfffffff3);

        private final int parent;

        Direction(int parent) {
            this.parent = parent;
        }
    }

    private PacketFilters(Netlink netlink) {
        this.netlink = netlink;
    }

    /// A filter of our priority: `handle` is its number there.
    public record Filter(int handle, String name) {}

    public static PacketFilters open() throws IOException {
        return new PacketFilters(Netlink.toInterfaces());
    }

    /// Those of our priority that are on an interface.
    public List<Filter> on(int interfaceIndex, Direction direction) throws IOException {
        List<Filter> found = new ArrayList<>();
        each(interfaceIndex, direction, at -> {
            int handle = in.getInt(at + HEADER_BYTES + 8);
            if (handle != 0 && in.getInt(at + HEADER_BYTES + 16) >>> 16 == PRIORITY) {
                found.add(new Filter(handle, name(at)));
            }
        });
        return found;
    }

    /// Puts a program there under a name: in the place of the filter of this handle, in one step, or, where that is 0,
    /// before all others of our priority.
    public void put(int interfaceIndex, Direction direction, int handle, String name, int program) throws IOException {
        begin(NEW_QDISC, interfaceIndex, CLSACT_HANDLE, CLSACT, 0);
        text(KIND, "clsact");
        int made = send(CREATE | EXCLUSIVE);
        if (made < 0 && made != EEXIST) {
            throw new IOException("no clsact: " + Errno.text(made));
        }
        begin(NEW_FILTER, interfaceIndex, handle, direction.parent, ours());
        text(KIND, "bpf");
        int options = out.position();
        out.putShort((short) 0).putShort((short) (OPTIONS | NESTED));
        number(PROGRAM, program);
        text(NAME, name);
        number(FLAGS, DIRECT_ACTION);
        out.putShort(options, (short) (out.position() - options));
        check("no filter", send(CREATE));
    }

    /// Removes a filter, and clsact when nothing is left in it.
    public void remove(int interfaceIndex, Direction direction, int handle) throws IOException {
        begin(DELETE_FILTER, interfaceIndex, handle, direction.parent, ours());
        check("a filter stays", send(0));
        boolean[] isUsed = {false};
        for (Direction each : Direction.values()) {
            each(interfaceIndex, each, _ -> isUsed[0] = true);
        }
        if (!isUsed[0]) {
            begin(DELETE_QDISC, interfaceIndex, CLSACT_HANDLE, CLSACT, 0);
            text(KIND, "clsact");
            int left = send(0);
            if (left != EINVAL) { // something else has its place, which is not ours to remove
                check("clsact stays", left);
            }
        }
    }

    private static int ours() {
        boolean isLittle = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        return PRIORITY << 16 | (isLittle ? EVERY_PROTOCOL << 8 : EVERY_PROTOCOL);
    }

    private static void check(String what, int result) throws IOException {
        if (result < 0) {
            throw new IOException(what + ": " + Errno.text(result));
        }
    }

    /// `struct nlmsghdr { u32 length; u16 type; u16 flags; u32 sequence; u32 port; }`, `struct
    /// tcmsg { u8 family; u8; u16; int interface; u32 handle; u32 parent; u32 info; }`.
    private void begin(short type, int interfaceIndex, int handle, int parent, int info) {
        out.clear().putInt(0).putShort(type).putShort((short) 0).putInt(0).putInt(0);
        out.putInt(0).putInt(interfaceIndex).putInt(handle).putInt(parent).putInt(info);
    }

    private void number(int type, int value) {
        out.putShort((short) (ATTRIBUTE_BYTES + 4)).putShort((short) type).putInt(value);
    }

    private void text(int type, String value) {
        byte[] bytes = (value + '\0').getBytes(StandardCharsets.UTF_8);
        out.putShort((short) (ATTRIBUTE_BYTES + bytes.length))
                .putShort((short) type)
                .put(bytes);
        while (out.position() % ATTRIBUTE_BYTES != 0) {
            out.put((byte) 0);
        }
    }

    /// What Linux says to the message that was begun: 0, or a negative errno.
    private int send(int flags) {
        return exchange(flags | ACKNOWLEDGE, _ -> {});
    }

    /// Where in the buffer each message about a filter there begins.
    private void each(int interfaceIndex, Direction direction, Consumer<Integer> seen) throws IOException {
        begin(GET_FILTER, interfaceIndex, 0, direction.parent, 0);
        check("Linux tells of no filters", exchange(ALL, seen));
    }

    private int exchange(int flags, Consumer<Integer> seen) {
        out.putInt(0, out.position()).putShort(6, (short) (flags | REQUEST)).flip();
        int sent = netlink.send(out);
        if (sent < 0) {
            return sent;
        }
        while (true) {
            int received = netlink.receive(in, true);
            if (received < 0) {
                return received;
            }
            for (int at = 0; at + HEADER_BYTES <= received; at += aligned(in.getInt(at))) {
                int type = in.getShort(at + 4);
                if (type == ERROR) {
                    return in.getInt(at + HEADER_BYTES);
                }
                if (type == DONE) {
                    return 0;
                }
                seen.accept(at);
            }
        }
    }

    /// Of the filter that a message tells of; empty when it has none.
    private String name(int message) {
        int end = message + in.getInt(message);
        int options = find(message + MESSAGE_BYTES, end, OPTIONS);
        int name = options < 0 ? -1 : find(options + ATTRIBUTE_BYTES, options + length(options), NAME);
        if (name < 0) {
            return "";
        }
        byte[] text = new byte[length(name) - ATTRIBUTE_BYTES - 1];
        in.get(name + ATTRIBUTE_BYTES, text);
        return new String(text, StandardCharsets.UTF_8);
    }

    /// Where the attribute begins among those from here to there; -1 when it is not among them.
    private int find(int from, int to, int type) {
        for (int at = from; at + ATTRIBUTE_BYTES <= to; at += aligned(length(at))) {
            if ((in.getShort(at + 2) & ~NESTED) == type) {
                return at;
            }
        }
        return -1;
    }

    private int length(int attribute) {
        return in.getShort(attribute) & 0xffff;
    }

    private static int aligned(int length) {
        return (length + 3) & ~3;
    }

    @Override
    public void close() {
        netlink.close();
    }
}
