package dev.fairlead.server;

import dev.fairlead.config.Carrier;
import dev.fairlead.config.KernelFit;
import dev.fairlead.config.KernelSpec;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.kernel.EndedFlow;
import dev.fairlead.kernel.KernelCarrier;
import dev.fairlead.kernel.NatCarrier;
import dev.fairlead.kernel.nft.NftCarrier;
import dev.fairlead.metrics.Metrics;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides what carries a listener, and has what Linux needs for that.
final class Carriers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Carriers.class);

    private final NatCarrier ebpf;
    private final NatCarrier nft;

    Carriers(KernelSpec spec, Metrics metrics, EndedFlow.@Nullable Journal journal) {
        ebpf = new KernelCarrier(spec, metrics, journal);
        nft = new NftCarrier(spec, metrics, journal);
    }

    /// These listeners are going to start.
    void expect(Collection<ListenerSpec> listeners, Map<String, UpstreamSpec> upstreams) {
        ebpf.expect(listeners, upstreams);
        nft.expect(listeners, upstreams);
    }

    /// A reload is about to bring these listeners. Throws when Linux does not let them have what they ask for.
    void prepare(Collection<ListenerSpec> listeners, Map<String, UpstreamSpec> upstreams) throws IOException {
        ebpf.prepare(listeners, upstreams);
        nft.prepare(listeners, upstreams);
    }

    /// What of Linux carries the listener; null: sockets do. Where the config leaves it open, the log says what was
    /// chosen, and why.
    @Nullable
    NatCarrier of(ListenerSpec spec, Map<String, UpstreamSpec> upstreams) {
        return switch (KernelFit.carrier(spec)) {
            case null -> null;
            case SOCKET -> null;
            case EBPF -> ebpf;
            case NFT -> nft;
            case KERNEL -> {
                NatCarrier chosen = choose(spec, upstreams);
                // Its start tells why not.
                yield chosen == null ? ebpf : chosen;
            }
            case AUTO -> choose(spec, upstreams);
        };
    }

    private @Nullable NatCarrier choose(ListenerSpec spec, Map<String, UpstreamSpec> upstreams) {
        String noEbpf = ebpf.missing(spec, upstreams);
        if (noEbpf == null) {
            tell(
                    spec,
                    Carrier.EBPF,
                    "Linux can carry it",
                    "carrier: the kernel, one connection from client to endpoint");
            return ebpf;
        }
        String noNft = nft.missing(spec, upstreams);
        if (noNft == null) {
            tell(
                    spec,
                    Carrier.NFT,
                    "no ebpf: " + noEbpf,
                    "carrier: the kernel by nftables, one connection from client to endpoint");
            return nft;
        }
        String neither = noNft.equals(noEbpf) ? noEbpf : "no ebpf: " + noEbpf + "; no nft: " + noNft;
        if (KernelFit.carrier(spec) == Carrier.AUTO) {
            tell(spec, Carrier.SOCKET, neither, "carrier: sockets, two connections and no Layer 4 forwarding");
        } else {
            LOG.atError()
                    .addKeyValue("listener", spec.name())
                    .addKeyValue("reason", neither)
                    .log("Linux cannot carry it");
        }
        return null;
    }

    private static void tell(ListenerSpec spec, Carrier carrier, String reason, String message) {
        LOG.atInfo()
                .addKeyValue("listener", spec.name())
                .addKeyValue("carrier", carrier.word())
                .addKeyValue("reason", reason)
                .log(message);
    }

    /// Every listener of the config has started.
    void started() throws IOException {
        ebpf.started();
        nft.started();
    }

    /// All planes are closed.
    @Override
    public void close() {
        ebpf.close();
        nft.close();
    }
}
