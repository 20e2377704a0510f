package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The network that this process is in: network_namespaces(7).
public final class Network {
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int SOL_SOCKET = 1;
    private static final int SO_NETNS_COOKIE = 71;

    private static final Call SOCKET = Call.of("socket");
    private static final Call GETSOCKOPT = Call.of("getsockopt");

    private Network() {}

    /// The number by which Linux knows it (5.14).
    public static long cookie() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment cookie = arena.allocate(JAVA_LONG);
            MemorySegment length = arena.allocateFrom(JAVA_INT, Long.BYTES);
            int socket = SOCKET.call(AF_INET, SOCK_DGRAM, 0);
            int told = GETSOCKOPT.call(socket, SOL_SOCKET, SO_NETNS_COOKIE, cookie.address(), length.address());
            Bpf.close(socket);
            if (told < 0) {
                throw new IOException("Linux does not tell which network this is: " + Errno.text(told));
            }
            return cookie.get(JAVA_LONG, 0);
        }
    }
}
