package dev.fairlead.server;

import dev.fairlead.config.Carrier;
import dev.fairlead.config.KernelFit;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.kernel.KernelCarrier;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides what carries a listener.
final class Carriers {
    private static final Logger LOG = LoggerFactory.getLogger(Carriers.class);

    private Carriers() {}

    /// Whether Linux carries the listener. Where the config leaves it open, the log says what was chosen, and why.
    static boolean isKernel(ListenerSpec spec, KernelCarrier kernel, Map<String, UpstreamSpec> upstreams) {
        return switch (KernelFit.carrier(spec)) {
            case null -> false;
            case SOCKET -> false;
            case KERNEL -> true;
            case AUTO -> {
                String missing = kernel.missing(spec, upstreams);
                LOG.atInfo()
                        .addKeyValue("listener", spec.name())
                        .addKeyValue("carrier", missing == null ? Carrier.KERNEL : Carrier.SOCKET)
                        .addKeyValue("reason", missing == null ? "Linux can carry it" : missing)
                        .log(
                                missing == null
                                        ? "carrier: the kernel, one connection from client to endpoint"
                                        : "carrier: sockets, two connections and no Layer 4 forwarding");
                yield missing == null;
            }
        };
    }
}
