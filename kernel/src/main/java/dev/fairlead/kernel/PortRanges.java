package dev.fairlead.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ports of source addresses that Linux does not give to the host's own connections, so that the two never meet.
final class PortRanges {
    private static final Logger LOG = LoggerFactory.getLogger(PortRanges.class);

    private static final Path LOCAL = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    /// Below are the ports of services.
    private static final int FIRST = 1024;

    private static final int LAST = 65535;

    /// So many flows in the minute for which an endpoint remembers a connection are less than a hundred each second.
    private static final int FEW = 4096;

    private static final String SETTING = "net.ipv4.ip_local_port_range";

    private PortRanges() {}

    static Service.PortRange free() throws IOException {
        // Whole lines: Linux gives a setting to one read, and nothing to the next.
        Service.PortRange found = free(Files.readAllLines(LOCAL).getFirst());
        if (found.count() < FEW) {
            LOG.atWarn()
                    .addKeyValue("ports", found.count())
                    .log("few ports are left for each address of `source`: `" + SETTING
                            + "` gives the others to the host itself");
        }
        return found;
    }

    /// The greater of what is below and above the host's range, `32768 60999`. Throws when it leaves none.
    static Service.PortRange free(String local) throws IOException {
        String[] bounds = local.strip().split("\\s+", -1);
        int low = Integer.parseInt(bounds[0]);
        int high = Integer.parseInt(bounds[1]);
        int below = Math.max(0, low - FIRST);
        int above = Math.max(0, LAST - high);
        if (below == 0 && above == 0) {
            throw new IOException("no ports are left for `source`: `" + SETTING + "` gives all from " + FIRST
                    + " on to the host itself, set it to fewer, as in `sysctl " + SETTING + "=\"32768 60999\"`");
        }
        return below >= above ? new Service.PortRange(FIRST, below) : new Service.PortRange(high + 1, above);
    }
}
