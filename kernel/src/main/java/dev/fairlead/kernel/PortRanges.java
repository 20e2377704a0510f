package dev.fairlead.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The ports of source addresses that Linux does not give to the host's own connections, so that the two never meet.
final class PortRanges {
    private static final Path LOCAL = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    /// Below are the ports of services.
    private static final int FIRST = 1024;

    private static final int LAST = 65535;

    private PortRanges() {}

    static Service.PortRange free() throws IOException {
        // Whole lines: Linux gives a setting to one read, and nothing to the next.
        return free(Files.readAllLines(LOCAL).getFirst());
    }

    /// The greater of what is below and above the host's range, `32768 60999`.
    static Service.PortRange free(String local) {
        String[] bounds = local.strip().split("\\s+", -1);
        int low = Integer.parseInt(bounds[0]);
        int high = Integer.parseInt(bounds[1]);
        int below = Math.max(0, low - FIRST);
        int above = Math.max(0, LAST - high);
        return below >= above ? new Service.PortRange(FIRST, below) : new Service.PortRange(high + 1, above);
    }
}
