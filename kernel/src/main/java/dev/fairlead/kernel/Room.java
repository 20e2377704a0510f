package dev.fairlead.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// How many flows a machine has room for: a five-hundredth of its memory.
final class Room {
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final int PARTS = 500;

    /// Two entries with their keys, and what Linux adds to each.
    private static final int FLOW_BYTES = 400;

    private static final int LEAST = 16384;
    private static final int MOST = 1 << 20;

    private Room() {}

    /// Up to half or twice as much.
    static boolean isNear(long flows, int now) {
        return flows <= 2L * now && 2 * flows >= now;
    }

    static int flows() throws IOException {
        try (Stream<String> lines = Files.lines(MEMORY)) {
            return flows(lines.filter(line -> line.startsWith("MemTotal:"))
                    .findFirst()
                    .orElse("MemTotal: 0 kB"));
        }
    }

    /// `MemTotal:        4045232 kB`.
    static int flows(String line) {
        long kilobytes = Long.parseLong(line.replaceAll("[^0-9]", ""));
        return Math.clamp(kilobytes * 1024 / PARTS / FLOW_BYTES, LEAST, MOST);
    }
}
