package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A network interface of the network that this process is in. Java's own `NetworkInterface` knows only those with an
/// IP address. `mac`: its hardware address, the first byte highest; 0 when it is not of Ethernet.
public record Device(int index, String name, long mac, boolean isUp) {
    /// One line for each, behind two of headings: `  eth0: 1234 ...`.
    private static final Path ALL = Path.of("/proc/self/net/dev");

    // linux/sockios.h, linux/if.h, linux/if_arp.h
    private static final long SIOCGIFFLAGS = 0x8913;
    private static final long SIOCGIFHWADDR = 0x8927;
    private static final int IFF_UP = 1;
    private static final short ARPHRD_ETHER = 1;
    private static final int IFREQ_BYTES = 40;
    private static final int NAME_BYTES = 16;

    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;

    private static final Call SOCKET = Call.of("socket");
    private static final Call CLOSE = Call.of("close");
    private static final Call INDEX = Call.of("if_nametoindex");
    private static final Call IOCTL = Call.of("ioctl");

    /// Null when there is none of this name.
    public static @Nullable Device named(String name) {
        if (name.getBytes(StandardCharsets.UTF_8).length >= NAME_BYTES) {
            return null;
        }
        try (Arena arena = Arena.ofConfined()) {
            int index = INDEX.call(arena.allocateFrom(name).address());
            if (index <= 0) {
                return null;
            }
            int socket = SOCKET.call(AF_INET, SOCK_DGRAM, 0);
            MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
            request.setString(0, name);
            int known = IOCTL.call(socket, SIOCGIFFLAGS, request.address());
            boolean isUp = known == 0 && (request.get(JAVA_SHORT, NAME_BYTES) & IFF_UP) != 0;
            int told = IOCTL.call(socket, SIOCGIFHWADDR, request.address());
            int closed = CLOSE.call(socket);
            boolean isEthernet = told == 0 && closed == 0 && request.get(JAVA_SHORT, NAME_BYTES) == ARPHRD_ETHER;
            return new Device(index, name, isEthernet ? mac(request) : 0, isUp);
        }
    }

    private static long mac(MemorySegment request) {
        long mac = 0;
        for (int i = 0; i < 6; i++) {
            mac = mac << 8 | request.get(JAVA_BYTE, NAME_BYTES + 2 + i) & 0xff;
        }
        return mac;
    }

    /// All there are at this moment.
    public static List<Device> all() throws IOException {
        try (Stream<String> lines = Files.lines(ALL)) {
            return lines.filter(line -> line.contains(":"))
                    .map(line -> named(line.substring(0, line.indexOf(':')).strip()))
                    .filter(Objects::nonNull)
                    .map(Objects::requireNonNull)
                    .toList();
        }
    }
}
