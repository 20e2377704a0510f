package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Datagrams that one system call receives or sends (recvmmsg(2), sendmmsg(2)), each in a slot with room for the
/// largest there is. A slot also says who sent it or is to have it, on which address of this machine, and whether it
/// is a train: many datagrams of one size behind one another, which the kernel has joined and takes apart again
/// (udp(7), UDP_GRO and UDP_SEGMENT). Addresses are those of IPv6 in two halves; IPv4 as ::ffff:0:0/96. What a call
/// cannot do is a negative errno. Linux only. One thread.
public final class DatagramBatch {
    /// RFC 768 has 16 bits for the length. The 256 more keep the beginnings of slots out of each other's cache lines.
    public static final int SLOT_BYTES = 65_536 + 256;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int IPV4_BYTES = 16;
    private static final int IPV6_BYTES = 28;
    private static final int IPPROTO_IP = 0;
    private static final int IP_PKTINFO = 8;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_PKTINFO = 50;
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;
    private static final int UDP_GRO = 104;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final long MAPPED = 0xffff_0000_0000L;

    // struct mmsghdr { struct msghdr { void *name; u32 namelen; iovec *iov; size_t iovlen; void *control;
    // size_t controllen; int flags; }; u32 len; } on machines of 64 bits
    private static final int HEADER_BYTES = 64;
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int IOVEC = 16;
    private static final int IOVEC_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int COUNT = 56;

    private static final int NAME_BYTES = 32;
    private static final int IOVEC_BYTES = 16;
    private static final int CONTROL_BYTES = 128;

    // struct cmsghdr { size_t len; int level; int type; }, then the data; the next one begins at a multiple of 8
    private static final int DATA = 16;

    private static final ValueLayout.OfInt NET_INT = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort NET_SHORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong NET_LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final MethodHandle RECVMMSG =
            Libc.call("recvmmsg", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle SENDMMSG = Libc.call("sendmmsg", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);

    private final MemorySegment errno = Libc.errnoSegment(Arena.ofAuto());
    private final MemorySegment headers;
    private final MemorySegment names;
    private final MemorySegment vectors;
    private final MemorySegment controls;
    private final MemorySegment contents;

    /// `contents` is direct and has [#SLOT_BYTES] for each of the slots; it belongs to the caller.
    public DatagramBatch(ByteBuffer contents) {
        this.contents = MemorySegment.ofBuffer(contents);
        int slots = contents.remaining() / SLOT_BYTES;
        headers = Arena.ofAuto().allocate((long) slots * HEADER_BYTES, 8);
        names = Arena.ofAuto().allocate((long) slots * NAME_BYTES, 8);
        vectors = Arena.ofAuto().allocate((long) slots * IOVEC_BYTES, 8);
        controls = Arena.ofAuto().allocate((long) slots * CONTROL_BYTES, 8);
        for (int slot = 0; slot < slots; slot++) {
            long header = header(slot);
            headers.set(ADDRESS, header + NAME, names.asSlice(name(slot)));
            headers.set(ADDRESS, header + IOVEC, vectors.asSlice(vector(slot)));
            headers.set(JAVA_LONG, header + IOVEC_COUNT, 1);
            headers.set(ADDRESS, header + CONTROL, controls.asSlice(control(slot)));
        }
    }

    private static long header(int slot) {
        return (long) slot * HEADER_BYTES;
    }

    private static long name(int slot) {
        return (long) slot * NAME_BYTES;
    }

    private static long vector(int slot) {
        return (long) slot * IOVEC_BYTES;
    }

    private static long control(int slot) {
        return (long) slot * CONTROL_BYTES;
    }

    // ---- what comes in ----

    /// Receives into these slots, at most. How many have come.
    public int receive(int socket, int first, int count) {
        for (int slot = first; slot < first + count; slot++) {
            headers.set(JAVA_INT, header(slot) + NAME_LENGTH, NAME_BYTES);
            headers.set(JAVA_LONG, header(slot) + CONTROL_LENGTH, CONTROL_BYTES);
            content(slot, 0, SLOT_BYTES);
        }
        MemorySegment from = headers.asSlice(header(first));
        try {
            int result = (int) RECVMMSG.invokeExact(errno, socket, from, count, 0, MemorySegment.NULL);
            return result < 0 ? Libc.negative(errno) : result;
        } catch (Throwable impossible) {
            throw Libc.impossible("recvmmsg", impossible);
        }
    }

    private void content(int slot, int offset, int length) {
        vectors.set(JAVA_LONG, vector(slot), contents.address() + (long) slot * SLOT_BYTES + offset);
        vectors.set(JAVA_LONG, vector(slot) + 8, length);
    }

    /// Bytes that were received.
    public int length(int slot) {
        return headers.get(JAVA_INT, header(slot) + COUNT);
    }

    public long peerHigh(int slot) {
        return isIpv6(slot) ? names.get(NET_LONG, name(slot) + 8) : 0;
    }

    public long peerLow(int slot) {
        return isIpv6(slot)
                ? names.get(NET_LONG, name(slot) + 16)
                : MAPPED | Integer.toUnsignedLong(names.get(NET_INT, name(slot) + 4));
    }

    public int peerPort(int slot) {
        return Short.toUnsignedInt(names.get(NET_SHORT, name(slot) + 2));
    }

    /// The number of the interface, for an address that is only good there; else 0.
    public int peerScope(int slot) {
        return isIpv6(slot) ? names.get(JAVA_INT, name(slot) + 24) : 0;
    }

    private boolean isIpv6(int slot) {
        return names.get(JAVA_SHORT, name(slot)) == AF_INET6;
    }

    /// The address of this machine that it came to, where the socket was asked to tell ([Sockets#IP_PKTINFO]); 0: not.
    public long localHigh(int slot) {
        long data = find(slot, IPPROTO_IPV6, IPV6_PKTINFO);
        return data < 0 ? 0 : controls.get(NET_LONG, data);
    }

    public long localLow(int slot) {
        long data = find(slot, IPPROTO_IPV6, IPV6_PKTINFO);
        if (data >= 0) {
            return controls.get(NET_LONG, data + 8);
        }
        // struct in_pktinfo { int ifindex; u8 spec_dst[4]; u8 addr[4]; }
        data = find(slot, IPPROTO_IP, IP_PKTINFO);
        return data < 0 ? 0 : MAPPED | Integer.toUnsignedLong(controls.get(NET_INT, data + 4));
    }

    /// Bytes of each datagram of a train but for the last, which may be shorter; 0: it is one datagram.
    public int segment(int slot) {
        long data = find(slot, SOL_UDP, UDP_GRO);
        int segment = data < 0 ? 0 : controls.get(JAVA_INT, data);
        return segment < length(slot) ? segment : 0;
    }

    /// Where the data of this control message begin; -1: there is none.
    private long find(int slot, int level, int type) {
        int end = (int) headers.get(JAVA_LONG, header(slot) + CONTROL_LENGTH);
        long base = control(slot);
        for (int at = 0; at + DATA <= end; ) {
            if (controls.get(JAVA_INT, base + at + 8) == level && controls.get(JAVA_INT, base + at + 12) == type) {
                return base + at + DATA;
            }
            long length = controls.get(JAVA_LONG, base + at);
            if (length < DATA) {
                return -1;
            }
            at += (int) (length + 7 & ~7L);
        }
        return -1;
    }

    // ---- what goes out ----

    /// A slot's content goes out as it is: these bytes of it, to whom [#to] says. `segment`: as of [#segment].
    public void prepare(int slot, int offset, int length, int segment) {
        content(slot, offset, length);
        headers.set(JAVA_LONG, header(slot) + CONTROL_LENGTH, 0);
        if (segment > 0) {
            long data = control(slot, SOL_UDP, UDP_SEGMENT, Short.BYTES);
            controls.set(JAVA_SHORT, data, (short) segment);
        }
    }

    /// Another part of a prepared slot's content goes out, as a datagram of its own.
    public void shift(int slot, int offset, int length) {
        content(slot, offset, length);
        long data = find(slot, SOL_UDP, UDP_SEGMENT);
        if (data >= 0) {
            // 0: it is no train.
            controls.set(JAVA_SHORT, data, (short) 0);
        }
    }

    /// After [#prepare]. `isIpv6`: of which family the socket is.
    public void to(int slot, boolean isIpv6, long high, long low, int port, int scope) {
        long name = name(slot);
        names.set(NET_SHORT, name + 2, (short) port);
        if (isIpv6) {
            names.set(JAVA_SHORT, name, (short) AF_INET6);
            names.set(JAVA_INT, name + 4, 0);
            names.set(NET_LONG, name + 8, high);
            names.set(NET_LONG, name + 16, low);
            names.set(JAVA_INT, name + 24, scope);
        } else {
            names.set(JAVA_SHORT, name, (short) AF_INET);
            names.set(NET_INT, name + 4, (int) low);
        }
        headers.set(JAVA_INT, header(slot) + NAME_LENGTH, isIpv6 ? IPV6_BYTES : IPV4_BYTES);
    }

    /// After [#to]: it leaves from this address of the machine.
    public void from(int slot, boolean isIpv6, long high, long low) {
        if (isIpv6) {
            long data = control(slot, IPPROTO_IPV6, IPV6_PKTINFO, 20);
            controls.set(NET_LONG, data, high);
            controls.set(NET_LONG, data + 8, low);
            controls.set(JAVA_INT, data + 16, 0);
        } else {
            long data = control(slot, IPPROTO_IP, IP_PKTINFO, 12);
            controls.set(JAVA_INT, data, 0);
            controls.set(NET_INT, data + 4, (int) low);
            controls.set(JAVA_INT, data + 8, 0);
        }
    }

    /// Adds a control message; where its data go.
    private long control(int slot, int level, int type, int bytes) {
        long header = header(slot);
        int used = (int) headers.get(JAVA_LONG, header + CONTROL_LENGTH);
        long at = control(slot) + used;
        controls.set(JAVA_LONG, at, DATA + bytes);
        controls.set(JAVA_INT, at + 8, level);
        controls.set(JAVA_INT, at + 12, type);
        headers.set(JAVA_LONG, header + CONTROL_LENGTH, used + (DATA + bytes + 7 & ~7));
        return at + DATA;
    }

    /// Sends these slots in their order. How many were sent, when not the first failed.
    public int send(int socket, int first, int count) {
        MemorySegment from = headers.asSlice(header(first));
        try {
            int result = (int) SENDMMSG.invokeExact(errno, socket, from, count, MSG_NOSIGNAL);
            return result < 0 ? Libc.negative(errno) : result;
        } catch (Throwable impossible) {
            throw Libc.impossible("sendmmsg", impossible);
        }
    }

    /// As [#prepare] and [#send] of one slot, on a socket that has a peer.
    public int sendToPeer(int socket, int slot, int offset, int length, int segment) {
        prepare(slot, offset, length, segment);
        headers.set(JAVA_INT, header(slot) + NAME_LENGTH, 0);
        return send(socket, slot, 1);
    }
}
