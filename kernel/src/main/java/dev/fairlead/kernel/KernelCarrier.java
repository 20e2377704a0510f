package dev.fairlead.kernel;

import dev.fairlead.config.Carrier;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.KernelFit;
import dev.fairlead.config.KernelSpec;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.kernel.Interfaces.Interface;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.sys.Device;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets a program of our own inside Linux carry listeners of Layer 4. The control thread.
public final class KernelCarrier implements NatCarrier {
    private static final Logger LOG = LoggerFactory.getLogger(KernelCarrier.class);
    private static final boolean IS_LINUX = System.getProperty("os.name").equals("Linux");

    private final KernelSpec spec;
    private final Metrics metrics;
    private final EndedFlow.@Nullable Journal journal;
    private @Nullable Engine engine;
    private @Nullable Sweeper sweeper;
    private boolean hasStarted;

    private @Nullable FutureTask<Engine> starting;

    private @Nullable Set<InetAddress> own;
    private Wanted wanted = new Wanted(Set.of(), Features.NONE);

    /// What listeners are known to ask for, whether they have started or not.
    private record Wanted(Set<Family> families, Features features) {
        Wanted and(Family family, Features more) {
            Set<Family> all = EnumSet.of(family);
            all.addAll(families);
            return new Wanted(all, features.and(more));
        }
    }

    /// `journal`: where flows are recorded that are over; null, and nobody asks for that.
    public KernelCarrier(KernelSpec spec, Metrics metrics, EndedFlow.@Nullable Journal journal) {
        this.spec = spec;
        this.metrics = metrics;
        this.journal = journal;
    }

    /// The program is written and verified once for all of them, on a thread of its own: it is there when the first of
    /// them needs it.
    @Override
    public void expect(Collection<ListenerSpec> listeners, Map<String, UpstreamSpec> upstreams) {
        if (!IS_LINUX || missingRight() != null) {
            return;
        }
        wanted = wanted(listeners, upstreams, EnumSet.complementOf(EnumSet.of(Carrier.SOCKET, Carrier.NFT)));
        if (!wanted.families().isEmpty() && engine == null && starting == null) {
            Wanted known = wanted;
            starting = new FutureTask<>(() -> start(known.families(), known.features()));
            Thread.ofPlatform().daemon().name("kernel-start").start(starting);
        }
    }

    /// And what was known before.
    private Wanted wanted(
            Collection<ListenerSpec> listeners, Map<String, UpstreamSpec> upstreams, Set<Carrier> carriers) {
        Wanted all = wanted;
        for (ListenerSpec each : listeners) {
            Carrier carrier = KernelFit.carrier(each);
            if (carrier == null
                    || !carriers.contains(carrier)
                    || !KernelFit.of(each, Carrier.EBPF, upstreams).isEmpty()) {
                continue;
            }
            Terms terms = Terms.of(each);
            UpstreamSpec upstream = upstreams.get(terms.upstream());
            all = all.and(terms.family(), upstream == null ? Features.NONE : Features.of(terms, upstream.balancer()));
        }
        return all;
    }

    /// Where nothing else than this program will do: the others can go without it.
    @Override
    public void prepare(Collection<ListenerSpec> listeners, Map<String, UpstreamSpec> upstreams) throws IOException {
        own = null;
        Engine running = engine;
        if (running != null) {
            followInterfaces(running);
            Wanted next = wanted(listeners, upstreams, EnumSet.of(Carrier.EBPF));
            running.need(Set.of(), next.features());
            wanted = next;
        }
    }

    /// One that does not take the program is no reason to refuse what has nothing to do with it.
    private void followInterfaces(Engine running) {
        try {
            running.follow(interfaces(running));
        } catch (IOException refused) {
            LOG.atWarn()
                    .addKeyValue("reason", refused.getMessage())
                    .log("the program does not follow the interfaces: it stays where it is");
        }
    }

    /// As they are now: those that have the program and are still there, and those that have come since, if Linux
    /// routes what comes in on them. One that the config names may be away for a while.
    private List<Interface> interfaces(Engine running) throws IOException {
        Set<Integer> alive = Device.all().stream().map(Device::index).collect(Collectors.toSet());
        Map<Integer, Interface> all = new LinkedHashMap<>();
        running.interfaces().stream()
                .filter(each -> alive.contains(each.index()))
                .forEach(each -> all.put(each.index(), each));
        List<String> names = spec.interfaces();
        for (List<String> each :
                names.isEmpty() ? List.of(names) : names.stream().map(List::of).toList()) {
            try {
                for (Interface found : Interfaces.ofEthernet(each)) {
                    if (!all.containsKey(found.index()) && isOpen(running, found)) {
                        all.put(found.index(), found);
                    }
                }
            } catch (IOException away) {
                LOG.atWarn().addKeyValue("reason", away.getMessage()).log("an interface is away");
            }
        }
        return List.copyOf(all.values());
    }

    private boolean isOpen(Engine running, Interface fresh) throws IOException {
        for (FamilyMaps each : running.families()) {
            // An earlier process may have left tables of a version that nobody asks for.
            String closed = wanted.families().contains(each.family()) ? noRouting(List.of(fresh), each.family()) : null;
            if (closed != null) {
                LOG.atWarn().addKeyValue("reason", closed).log("a new interface is left alone");
                return false;
            }
        }
        return true;
    }

    /// For those versions of IP that Linux routes.
    private Engine start(Set<Family> wanted, Features known) throws IOException {
        List<Interface> interfaces = Interfaces.ofEthernet(spec.interfaces());
        Set<Family> routed = EnumSet.noneOf(Family.class);
        String closed = null;
        for (Family each : wanted) {
            String reason = noRouting(interfaces, each);
            if (reason == null) {
                routed.add(each);
            } else {
                closed = reason;
            }
        }
        if (routed.isEmpty() && closed != null) {
            throw new IOException(closed);
        }
        return Engine.start(spec, routed, known);
    }

    /// What was begun, once it is done.
    private void takeStarted() throws IOException {
        FutureTask<Engine> begun = starting;
        if (begun == null) {
            return;
        }
        starting = null;
        try {
            engine = begun.get();
            sweeper = new Sweeper(metrics.histogram(Metric.KERNEL_SWEEP_SECONDS));
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException reason) {
                throw reason;
            }
            throw new IOException("the program could not be loaded: " + failed.getCause(), failed.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the program was loaded");
        }
    }

    @Override
    public @Nullable String missing(ListenerSpec listener, Map<String, UpstreamSpec> upstreams) {
        List<KernelFit.Hindrance> hindrances = KernelFit.of(listener, Carrier.EBPF, upstreams);
        if (!hindrances.isEmpty()) {
            return hindrances.getFirst().path() + ": " + hindrances.getFirst().reason();
        }
        Wanted before = wanted;
        expect(List.of(listener), upstreams);
        try {
            Terms terms = Terms.of(listener);
            UpstreamSpec upstream = upstreams.get(terms.upstream());
            if (upstream != null) {
                checkEndpoints(upstream);
            }
            if (!terms.sources().isEmpty()) {
                PortRanges.free();
            }
            announcing();
            engine(terms.family());
            return null;
        } catch (IOException failed) {
            wanted = before;
            return failed.getMessage();
        }
    }

    @Override
    public Plane plane(ListenerSpec listener, Upstreams upstreams) {
        return new KernelPlane(listener, this, upstreams, metrics);
    }

    /// The right that this process lacks; null when it has what is needed.
    private static @Nullable Capability missingRight() {
        if (Capability.SYS_ADMIN.isThere()) {
            return null;
        }
        if (!Capability.BPF.isThere()) {
            return Capability.BPF;
        }
        return Capability.NET_ADMIN.isThere() ? null : Capability.NET_ADMIN;
    }

    /// The program, which is loaded when it was not yet.
    Engine engine(Family family) throws IOException {
        if (!IS_LINUX) {
            throw new IOException("this is not Linux");
        }
        takeStarted();
        Engine running = engine;
        Capability missing = running == null ? missingRight() : null;
        if (missing != null) {
            throw new IOException("CAP_" + missing + " is missing");
        }
        String closed =
                noRouting(running == null ? Interfaces.ofEthernet(spec.interfaces()) : running.interfaces(), family);
        if (closed != null && running != null) {
            // It may be one that is gone.
            followInterfaces(running);
            closed = noRouting(running.interfaces(), family);
        }
        if (closed != null) {
            throw new IOException(closed);
        }
        if (running == null) {
            running = Engine.start(spec, Set.of(family), wanted.features());
            engine = running;
            sweeper = new Sweeper(metrics.histogram(Metric.KERNEL_SWEEP_SECONDS));
        } else {
            running.need(Set.of(family), wanted.features());
        }
        wanted = wanted.and(family, Features.NONE);
        return running;
    }

    /// Where the program itself routes, Linux tells it no way to this host.
    void checkEndpoints(UpstreamSpec upstream) throws IOException {
        if (spec.routing() == KernelSpec.Routing.HOST) {
            return;
        }
        Set<InetAddress> own = ownAddresses();
        for (EndpointSpec each : upstream.endpoints()) {
            InetAddress ip = each.address().ip();
            if (ip != null && own.contains(ip)) {
                throw new IOException("the endpoint " + each.address() + " of " + upstream.name()
                        + " is on this host, where only `kernel: {routing: host}` and `carrier: nft` lead");
            }
        }
    }

    /// Looked up once for all listeners of a start or a reload.
    private Set<InetAddress> ownAddresses() throws IOException {
        Set<InetAddress> known = own;
        if (known == null) {
            known = Interfaces.addresses();
            own = known;
        }
        return known;
    }

    private @Nullable String noRouting(List<Interface> interfaces, Family family) throws IOException {
        return spec.routing() == KernelSpec.Routing.HOST
                ? Interfaces.noForwardingByHost(interfaces, family)
                : Interfaces.noForwarding(interfaces, family);
    }

    /// Tells neighbours that a listener's address is here, where the config wants it.
    void announce(InetAddress address) throws IOException {
        for (Interface each : announcing()) {
            sweeper().announce(address, each);
        }
    }

    private List<Interface> announcing() throws IOException {
        return spec.announce().isEmpty() ? List.of() : Interfaces.ofEthernet(spec.announce());
    }

    EndedFlow.@Nullable Journal journal() {
        return journal;
    }

    Sweeper sweeper() {
        Sweeper running = sweeper;
        if (running == null) {
            throw new IllegalStateException("no listener has started");
        }
        return running;
    }

    @Override
    public void started() throws IOException {
        own = null;
        if (engine != null) {
            engine.leaveUnclaimed();
            sweeper().passOn(engine);
        } else if (IS_LINUX) {
            tellOfAbandoned();
        }
        hasStarted = true;
    }

    /// What an earlier process has left goes on by itself where this one has no use for it.
    private void tellOfAbandoned() {
        try {
            List<String> interfaces = KernelRemains.abandoned(Path.of(spec.pins()));
            if (!interfaces.isEmpty()) {
                LOG.atWarn()
                        .addKeyValue("interfaces", interfaces)
                        .log("an earlier Fairlead's program is still there and takes packets of its listeners first:"
                                + " `fairlead kernel clean` removes it");
            }
        } catch (IOException untold) {
            LOG.atDebug().setCause(untold).log("whether a program was left cannot be seen");
        }
    }

    /// Whether Linux goes on when the process ends: because it shall, or because a start that failed is no reason to
    /// cut what an earlier process has left.
    boolean outlives() {
        Engine running = engine;
        return running != null
                && running.isPinned()
                && (hasStarted ? spec.onExit() == KernelSpec.OnExit.KEEP : running.hasFound());
    }

    /// Takes the program off the interfaces, unless Linux is to go on. All planes are closed.
    @Override
    public void close() {
        try {
            takeStarted();
        } catch (IOException failed) {
            LOG.atDebug().setCause(failed).log("nothing was put into the kernel");
        }
        if (sweeper != null) {
            sweeper.close();
        }
        if (engine == null) {
            return;
        }
        if (outlives()) {
            engine.leave();
        } else {
            engine.close();
        }
    }
}
