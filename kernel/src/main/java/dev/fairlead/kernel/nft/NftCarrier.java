package dev.fairlead.kernel.nft;

import dev.fairlead.config.Carrier;
import dev.fairlead.config.KernelFit;
import dev.fairlead.config.KernelSpec;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.kernel.Capability;
import dev.fairlead.kernel.EndedFlow;
import dev.fairlead.kernel.Family;
import dev.fairlead.kernel.Interfaces;
import dev.fairlead.kernel.NatCarrier;
import dev.fairlead.kernel.SlotForecast;
import dev.fairlead.kernel.Slots;
import dev.fairlead.kernel.Terms;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Forecast;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Share;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets nftables and conntrack carry listeners of Layer 4: CAP_NET_ADMIN is enough. The control thread.
public final class NftCarrier implements NatCarrier {
    private static final Logger LOG = LoggerFactory.getLogger(NftCarrier.class);

    private final KernelSpec spec;
    private final Metrics metrics;
    private final EndedFlow.@Nullable Journal journal;
    private @Nullable Nft nft;
    private @Nullable Netfilter netfilter;
    private @Nullable Table table;
    private @Nullable Watch watch;
    private boolean isAsked;
    private boolean hasFound;
    private boolean hasStarted;
    private boolean hasWarned;

    /// `journal`: where flows are recorded that are over; null, and nobody asks for that.
    public NftCarrier(KernelSpec spec, Metrics metrics, EndedFlow.@Nullable Journal journal) {
        this.spec = spec;
        this.metrics = metrics;
        this.journal = journal;
    }

    /// A table is soon made.
    @Override
    public void expect(Collection<ListenerSpec> listeners, Map<String, UpstreamSpec> upstreams) {
        isAsked |= listeners.stream()
                .map(KernelFit::carrier)
                .anyMatch(carrier -> carrier != null && carrier != Carrier.SOCKET);
    }

    @Override
    public @Nullable String missing(ListenerSpec listener, Map<String, UpstreamSpec> upstreams) {
        List<KernelFit.Hindrance> hindrances = KernelFit.of(listener, Carrier.NFT, upstreams);
        if (!hindrances.isEmpty()) {
            return hindrances.getFirst().path() + ": " + hindrances.getFirst().reason();
        }
        try {
            table(Terms.of(listener).family());
            return null;
        } catch (IOException failed) {
            return failed.getMessage();
        }
    }

    @Override
    public Plane plane(ListenerSpec listener, Upstreams upstreams) {
        if (!spec.announce().isEmpty() && !hasWarned) {
            hasWarned = true;
            LOG.atWarn()
                    .addKeyValue("key", "kernel: {announce: ...}")
                    .addKeyValue("listener", listener.name())
                    .log("with the carrier nft no neighbour is told of addresses");
        }
        return new NftPlane(listener, this, upstreams, metrics);
    }

    /// The table, which is made or taken over when it was not yet. Throws, and has put nothing into Linux, when it
    /// would not route what the table leads to endpoints: asked before a listener begins, for an interface that
    /// fails later is no reason to lead clients to endpoints that are down.
    Table table(Family family) throws IOException {
        Table held = table;
        if (held == null) {
            checkRights();
        }
        String closed = Interfaces.noForwardingByHost(Interfaces.of(spec.interfaces()), family);
        if (closed != null) {
            throw new IOException(closed);
        }
        return held == null ? hold() : held;
    }

    /// The table that listeners have begun in.
    Table table() {
        return begun(table);
    }

    private static void checkRights() throws IOException {
        if (!System.getProperty("os.name").equals("Linux")) {
            throw new IOException("this is not Linux");
        }
        if (!Capability.NET_ADMIN.isThere()) {
            throw new IOException("CAP_NET_ADMIN is missing");
        }
    }

    private Table hold() throws IOException {
        // libnftables ends the process where Linux gives it no such socket: ours is refused first.
        Netfilter counters = Netfilter.open();
        Nft opened = null;
        try {
            opened = Nft.open();
            Table held = Table.hold(opened, counters, spec.table(), spec.interfaces());
            hasFound = held.hasFound();
            watch = new Watch(held, conntrack(held), metrics);
            nft = opened;
            netfilter = counters;
            table = held;
            return held;
        } finally {
            if (table == null) {
                close(opened, counters);
            }
        }
    }

    private static void close(@Nullable Nft nft, @Nullable Netfilter netfilter) {
        if (nft != null) {
            nft.close();
        }
        if (netfilter != null) {
            netfilter.close();
        }
    }

    private Conntrack conntrack(Table held) throws IOException {
        try {
            ConntrackRoom.check(spec.maxFlows());
            ConntrackRoom.noteMore();
            return Conntrack.open(true);
        } catch (IOException failed) {
            if (!held.hasFound()) {
                held.delete();
            }
            throw failed;
        }
    }

    EndedFlow.@Nullable Journal journal() {
        return journal;
    }

    Watch watch() {
        return begun(watch);
    }

    private static <T> T begun(@Nullable T what) {
        if (what == null) {
            throw new IllegalStateException("no listener has started");
        }
        return what;
    }

    @Override
    public void started() throws IOException {
        Table held = table;
        if (held != null) {
            leaveUnclaimed(held);
        } else if (isAsked && Capability.NET_ADMIN.isThere()) {
            tellOfAbandoned();
        }
        hasStarted = true;
    }

    /// What an earlier process has left goes on by itself where this one has no use for it.
    private void tellOfAbandoned() {
        try {
            if (NftRemains.isAbandoned(spec.table())) {
                LOG.atWarn()
                        .addKeyValue("table", spec.table())
                        .log("an earlier Fairlead's table is still there and takes packets of its listeners first:"
                                + " `fairlead kernel clean` removes it");
            }
        } catch (IOException untold) {
            LOG.atDebug().setCause(untold).log("whether a table was left cannot be seen");
        }
    }

    private void leaveUnclaimed(Table held) throws IOException {
        Set<Door> left = new HashSet<>();
        for (Placed each : held.takeUnclaimed()) {
            left.addAll(each.doors());
            held.remove(each);
        }
        if (!left.isEmpty()) {
            watch().removeFound(left);
        }
    }

    /// Whether Linux goes on when the process ends: because it shall, or because a start that failed is no reason to
    /// cut what an earlier process has left.
    boolean outlives() {
        return table != null && (hasStarted ? spec.onExit() == KernelSpec.OnExit.KEEP : hasFound);
    }

    /// Takes the table out of Linux, unless Linux is to go on. All planes are closed.
    @Override
    public void close() {
        boolean hasEnded = watch == null || watch.close();
        Table held = table;
        if (held != null && !outlives()) {
            try {
                held.delete();
            } catch (IOException failed) {
                LOG.atError().setCause(failed).log("the table is left in the kernel");
            }
        }
        if (hasEnded) {
            close(nft, netfilter);
        }
    }

    /// Where a flow would go while no endpoint has anything to do.
    public static Forecast forecastOfIdle(Upstream upstream, List<Share> shares, InetSocketAddress client) {
        Choice choice = Choice.of(upstream.spec().balancer(), shares, Slots.Seen.nothing(shares.size()));
        return SlotForecast.of("nft", upstream, choice.slots(), choice.slot(client));
    }
}
