package dev.fairlead.server;

import dev.fairlead.config.Address;
import dev.fairlead.config.AddressRange;
import dev.fairlead.config.Carrier;
import dev.fairlead.config.Config;
import dev.fairlead.config.KernelFit;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.sys.DescriptorLimit;
import dev.fairlead.upstream.Plane;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fairlead as a service of the machine: an [Assembly], the signals it obeys, and the lines it logs.
public final class Service {
    private static final Logger LOG = LoggerFactory.getLogger(Service.class);

    private Service() {}

    /// Runs until a drain is over. Throws when a listener or the admin address cannot be bound.
    public static void run(Path file, Config config) throws IOException, InterruptedException {
        try (Assembly assembly = Assembly.start(file, config)) {
            obeySignals(assembly);
            assembly.ready();
            announce(assembly);
            assembly.control().execute(() -> checkDescriptors(config));
            assembly.awaitDrained();
        }
        LOG.info("exit");
    }

    private static void obeySignals(Assembly assembly) {
        Signals.on("TERM", assembly::drain);
        Signals.on("INT", assembly::drain);
        Signals.on("HUP", () -> {
            assembly.reopenLogs();
            assembly.reload();
        });
    }

    private static void announce(Assembly assembly) {
        for (Plane plane : assembly.planes()) {
            LOG.atInfo()
                    .addKeyValue("listener", plane.spec().name())
                    .addKeyValue(
                            "address",
                            plane.boundAddresses().stream()
                                    .map(AddressRange::toString)
                                    .collect(Collectors.joining(", ")))
                    .log("listening");
        }
        LOG.atInfo()
                .addKeyValue("pid", ProcessHandle.current().pid())
                .addKeyValue("admin", text(assembly.adminAddress()))
                .addKeyValue("since-exec", Start.age().toMillis() + "ms")
                .log("started");
    }

    private static boolean isOfLinux(ListenerSpec listener) {
        Carrier carrier = KernelFit.carrier(listener);
        return carrier != null && carrier.isLinux();
    }

    private static String text(InetSocketAddress address) {
        return new Address(address.getAddress(), address.getPort()).toString();
    }

    /// A connection from a client commonly needs a second one to an endpoint.
    private static void checkDescriptors(Config config) {
        long limit = DescriptorLimit.soft();
        long wanted = 2L
                * config.listeners().values().stream()
                        .filter(each -> !isOfLinux(each))
                        .mapToLong(ListenerSpec::maxConnections)
                        .sum();
        if (limit >= 0 && limit < wanted) {
            LOG.atWarn()
                    .addKeyValue("limit", limit)
                    .addKeyValue("wanted", wanted)
                    .log("fewer file descriptors than max-connections may need: raise `ulimit -n`");
        }
    }
}
