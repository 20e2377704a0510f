package dev.fairlead.kernel.nft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How many flows conntrack has room for, over everything that the host does; and what it notes of each.
final class ConntrackRoom {
    private static final Logger LOG = LoggerFactory.getLogger(ConntrackRoom.class);
    private static final Path SETTINGS = Path.of("/proc/sys/net/netfilter");
    private static final Path MOST = SETTINGS.resolve("nf_conntrack_max");
    private static final Path NOW = SETTINGS.resolve("nf_conntrack_count");

    /// From here on somebody should know.
    private static final double NEARLY = 0.9;

    private boolean isNearlyFull;

    /// Flows that there is room for; 0 where Linux does not tell.
    static long most() {
        try {
            return number(MOST);
        } catch (IOException untold) {
            return 0;
        }
    }

    /// Throws when there is less room than the config asks for.
    static void check(int maxFlows) throws IOException {
        long most = number(MOST);
        if (most < maxFlows) {
            throw new IOException(
                    "Linux tracks no more than " + most + " flows, and `kernel: {max-flows: ...}` asks for " + maxFlows
                            + ": `sysctl net.netfilter.nf_conntrack_max=" + maxFlows + "`");
        }
    }

    /// Has Linux note of flows when they began, and how much they carry.
    static void noteMore() {
        for (String setting : new String[] {"nf_conntrack_acct", "nf_conntrack_timestamp"}) {
            Path file = SETTINGS.resolve(setting);
            try {
                if (number(file) != 1) {
                    Files.writeString(file, "1");
                    LOG.atInfo()
                            .addKeyValue("setting", "net.netfilter." + setting)
                            .log("set to 1, so that flows tell their age and bytes");
                }
            } catch (IOException refused) {
                LOG.atWarn()
                        .addKeyValue("setting", "net.netfilter." + setting)
                        .addKeyValue("reason", refused.toString())
                        .log("cannot be set to 1: flows do not tell their age or bytes");
            }
        }
    }

    /// Warns once when the room is nearly full: Linux then drops first packets of whoever comes.
    void look() throws IOException {
        long most = most();
        boolean wasNearlyFull = isNearlyFull;
        isNearlyFull = most > 0 && number(NOW) > most * NEARLY;
        if (isNearlyFull && !wasNearlyFull) {
            LOG.atWarn()
                    .addKeyValue("nf_conntrack_max", most)
                    .log("conntrack is nearly full: when it is, new flows are lost");
        }
    }

    private static long number(Path setting) throws IOException {
        // Such a file is told whole or not at all: whoever reads it byte by byte gets the first.
        return Long.parseLong(Files.readAllLines(setting).getFirst());
    }
}
