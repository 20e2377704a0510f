package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/// Opens TCP and UDP sockets that do not block, and asks and tells them what a channel would: a descriptor is an int
/// here, and what a call cannot do is a negative errno. Linux only. One thread.
public final class Sockets {
    public static final int ENFILE = -23;
    public static final int EMFILE = -24;
    public static final int EAFNOSUPPORT = -97;
    public static final int EADDRINUSE = -98;
    public static final int EADDRNOTAVAIL = -99;
    public static final int ENETUNREACH = -101;
    public static final int ECONNREFUSED = -111;
    public static final int EHOSTUNREACH = -113;
    public static final int EINPROGRESS = -115;

    public static final int SOL_SOCKET = 1;
    public static final int SO_SNDBUF = 7;
    public static final int SO_RCVBUF = 8;
    public static final int SO_KEEPALIVE = 9;
    public static final int SO_REUSEPORT = 15;
    public static final int IPPROTO_IP = 0;
    public static final int IP_PKTINFO = 8;
    public static final int IP_TRANSPARENT = 19;
    public static final int IP_BIND_ADDRESS_NO_PORT = 24;
    public static final int IPPROTO_TCP = 6;
    public static final int TCP_NODELAY = 1;
    public static final int TCP_KEEPIDLE = 4;
    public static final int TCP_KEEPINTVL = 5;
    public static final int TCP_KEEPCNT = 6;
    public static final int TCP_QUICKACK = 12;
    public static final int TCP_USER_TIMEOUT = 18;
    public static final int SOL_UDP = 17;
    public static final int UDP_GRO = 104;
    public static final int IPPROTO_IPV6 = 41;
    public static final int IPV6_V6ONLY = 26;
    public static final int IPV6_RECVPKTINFO = 49;

    private static final int SO_ERROR = 4;
    private static final int SO_LINGER = 13;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int IPV4_BYTES = 16;
    private static final int IPV6_BYTES = 28;

    private static final Call SOCKET = Call.of("socket");
    private static final Call CONNECT = Call.of("connect");
    private static final Call BIND = Call.of("bind");
    private static final Call SETSOCKOPT = Call.of("setsockopt");
    private static final Call GETSOCKOPT = Call.of("getsockopt");
    private static final Call GETSOCKNAME = Call.of("getsockname");
    private static final Call CLOSE = Call.of("close");

    // One arena: who holds errno, as a call does, holds what the addresses lead to.
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment errno = Libc.errnoSegment(arena);
    private final MemorySegment address = arena.allocate(IPV6_BYTES, 8);
    private final MemorySegment value = arena.allocate(8, 8);
    private final MemorySegment length = arena.allocate(JAVA_INT);

    /// A new socket for connections with addresses of this one's family.
    public int open(InetAddress family) {
        return open(family instanceof Inet6Address, SOCK_STREAM);
    }

    /// A new socket for datagrams.
    public int openDatagrams(boolean isIpv6) {
        return open(isIpv6, SOCK_DGRAM);
    }

    private int open(boolean isIpv6, int type) {
        int domain = isIpv6 ? AF_INET6 : AF_INET;
        return SOCKET.call(errno, domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }

    /// Begins to connect: 0 when it is done already, [#EINPROGRESS] when it will be done once the socket can be
    /// written, or has failed then ([#error]).
    public int connect(int socket, InetSocketAddress to) {
        int size = encode(to.getAddress(), to.getPort());
        return CONNECT.call(errno, socket, address.address(), size);
    }

    /// Gives it an address of this machine; port 0 is the system's choice.
    public int bind(int socket, InetAddress from, int port) {
        int size = encode(from, port);
        return BIND.call(errno, socket, address.address(), size);
    }

    /// struct sockaddr_in { u16 family; be16 port; u8 address[4]; } or
    /// struct sockaddr_in6 { u16 family; be16 port; u32 flow; u8 address[16]; u32 scope; }. How long it is.
    private int encode(InetAddress host, int port) {
        boolean isV6 = host instanceof Inet6Address;
        address.fill((byte) 0);
        address.set(JAVA_SHORT, 0, (short) (isV6 ? AF_INET6 : AF_INET));
        address.set(JAVA_BYTE, 2, (byte) (port >> 8));
        address.set(JAVA_BYTE, 3, (byte) port);
        byte[] bytes = host.getAddress();
        MemorySegment.copy(bytes, 0, address, JAVA_BYTE, isV6 ? 8 : 4, bytes.length);
        if (host instanceof Inet6Address v6) {
            address.set(JAVA_INT, 24, v6.getScopeId());
        }
        return isV6 ? IPV6_BYTES : IPV4_BYTES;
    }

    public int setOption(int socket, int level, int name, int to) {
        value.set(JAVA_INT, 0, to);
        return set(socket, level, name, Integer.BYTES);
    }

    /// Lets a close reset the connection, whatever was not sent.
    public int resetOnClose(int socket) {
        // struct linger { int onoff; int linger; }
        value.set(JAVA_INT, 0, 1);
        value.set(JAVA_INT, 4, 0);
        return set(socket, SOL_SOCKET, SO_LINGER, 2 * Integer.BYTES);
    }

    private int set(int socket, int level, int name, int size) {
        return SETSOCKOPT.call(errno, socket, level, name, value.address(), size);
    }

    /// The value of an option that is a number.
    public int option(int socket, int level, int name) {
        length.set(JAVA_INT, 0, Integer.BYTES);
        int result = GETSOCKOPT.call(errno, socket, level, name, value.address(), length.address());
        return result < 0 ? result : value.get(JAVA_INT, 0);
    }

    /// What went wrong on the socket since it was last asked, as a negative errno; 0: nothing.
    public int error(int socket) {
        return -Math.abs(option(socket, SOL_SOCKET, SO_ERROR));
    }

    /// The address that this end of the socket has; null when it has none.
    public @Nullable InetSocketAddress localAddress(int socket) {
        length.set(JAVA_INT, 0, IPV6_BYTES);
        return GETSOCKNAME.call(errno, socket, address.address(), length.address()) < 0 ? null : decode();
    }

    private @Nullable InetSocketAddress decode() {
        boolean isV6 = address.get(JAVA_SHORT, 0) == AF_INET6;
        int port = (address.get(JAVA_BYTE, 2) & 0xff) << 8 | address.get(JAVA_BYTE, 3) & 0xff;
        byte[] host = address.asSlice(isV6 ? 8 : 4, isV6 ? 16 : 4).toArray(JAVA_BYTE);
        try {
            // An IPv4 address that is written as one of IPv6 comes out as IPv4.
            return new InetSocketAddress(InetAddress.getByAddress(host), port);
        } catch (UnknownHostException _) {
            // Only an address of another length is none.
            return null;
        }
    }

    public void close(int socket) {
        int _ = CLOSE.call(errno, socket);
    }
}
