package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/// A socket to a part of the kernel, netlink(7): messages go there and come back whole. Buffers are direct. One thread
/// at
/// a time.
public final class Netlink implements AutoCloseable {
    /// Nothing is there to be received.
    public static final int EAGAIN = -11;

    /// Messages came faster than they were received, and some are lost.
    public static final int ENOBUFS = -105;

    private static final int AF_NETLINK = 16;
    private static final int ADDRESS_BYTES = 12;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int NETLINK_ROUTE = 0;
    private static final int NETLINK_NETFILTER = 12;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int MSG_DONTWAIT = 0x40;

    private static final Call SOCKET = Call.of("socket");
    private static final Call BIND = Call.of("bind");
    private static final Call SETSOCKOPT = Call.of("setsockopt");
    private static final Call SEND = Call.of("send");
    private static final Call RECV = Call.of("recv");
    private static final Call CLOSE = Call.of("close");

    private final MemorySegment errno = Libc.errnoSegment(Arena.ofAuto());
    private final String to;
    private final int socket;

    private Netlink(String to, int part) throws IOException {
        this.to = to;
        this.socket = SOCKET.call(errno, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, part);
        if (socket < 0) {
            throw new IOException("no way to " + to + ": " + Errno.text(socket));
        }
    }

    public static Netlink toNetfilter() throws IOException {
        return bound(new Netlink("netfilter", NETLINK_NETFILTER));
    }

    /// Interfaces and what is on them: rtnetlink(7).
    static Netlink toInterfaces() throws IOException {
        return bound(new Netlink("interfaces", NETLINK_ROUTE));
    }

    private static Netlink bound(Netlink opened) throws IOException {
        try {
            opened.bind();
        } catch (IOException failed) {
            opened.close();
            throw failed;
        }
        return opened;
    }

    /// To a number of the kernel's choice: groups do not send to who has none.
    private void bind() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            // struct sockaddr_nl { u16 family; u16 pad; u32 port; u32 groups; }
            MemorySegment address = arena.allocate(ADDRESS_BYTES, Integer.BYTES);
            address.set(JAVA_SHORT, 0, (short) AF_NETLINK);
            check(BIND.call(errno, socket, address.address(), ADDRESS_BYTES));
        }
    }

    private void check(int result) throws IOException {
        if (result < 0) {
            throw new IOException("a socket to " + to + ": " + Errno.text(result));
        }
    }

    /// Has everything sent here that the group hears, and room for so many bytes of it. Needs CAP_NET_ADMIN.
    public void join(int group, int roomBytes) throws IOException {
        set(SOL_SOCKET, SO_RCVBUFFORCE, roomBytes);
        set(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
    }

    private void set(int level, int option, int to) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocateFrom(JAVA_INT, to);
            check(SETSOCKOPT.call(errno, socket, level, option, value.address(), Integer.BYTES));
        }
    }

    /// Sends what is between position and limit, which do not move: its length, or a negative errno.
    public int send(ByteBuffer message) {
        MemorySegment bytes = MemorySegment.ofBuffer(message);
        try {
            return SEND.call(errno, socket, bytes.address(), bytes.byteSize());
        } finally {
            Reference.reachabilityFence(message);
        }
    }

    /// Receives into the buffer, whose content is then between position and limit; waits for it when nothing is
    /// there, or returns [#EAGAIN]. Its length, or a negative errno.
    public int receive(ByteBuffer into, boolean waits) {
        into.clear();
        MemorySegment bytes = MemorySegment.ofBuffer(into);
        int result = RECV.call(errno, socket, bytes.address(), bytes.byteSize(), waits ? 0 : MSG_DONTWAIT);
        into.limit(Math.max(0, result));
        return result;
    }

    @Override
    public void close() {
        int _ = CLOSE.call(errno, socket);
    }
}
