package dev.fairlead.kernel;

import dev.fairlead.config.KernelSpec;
import dev.fairlead.kernel.Interfaces.Interface;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.KernelMaps;
import dev.fairlead.kernel.bpf.LoadedProgram;
import dev.fairlead.kernel.bpf.Pins;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The program inside Linux: its maps, and the interfaces that it is on. One for all listeners; there from the first
/// of them that starts to the end of the process. The control thread writes, the sweeping thread reads and removes.
final class Engine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private final SharedMaps shared = SharedMaps.of();
    private final @Nullable Pins pins;
    private final KernelMaps maps;
    private final List<Interface> interfaces;
    private final int maxFlows;
    private final boolean hasFound;
    private final KernelSpec.Routing routing;
    private final int tooLongReports;
    private final Attachment attachment;
    private final Attachment leaving;
    private final HostAttachment host;
    private final Acceleration acceleration;

    // written by the control thread, read by any
    private volatile List<FamilyMaps> families = List.of();

    // control thread only
    private Features features = Features.NONE;

    // Numbers that are taken; guarded by this.
    private final Numbers services = new Numbers(SharedMaps.SERVICES_MAX, "listeners");
    private final Numbers members = new Numbers(SharedMaps.ENDPOINTS_MAX, "endpoints");
    private final Numbers sources = new Numbers(SharedMaps.SOURCES_MAX, "source addresses");
    private final Found found;

    private Engine(KernelSpec spec) throws IOException {
        this.interfaces = Interfaces.of(spec.interfaces());
        this.maxFlows = spec.maxFlows() > 0 ? spec.maxFlows() : Room.flows();
        this.pins = pins(Path.of(spec.pins()));
        this.hasFound = pins != null && hold(pins, Holding.of(shared, maxFlows));
        this.maps = KernelMaps.create(shared.all(), pins);
        this.routing = spec.routing();
        this.tooLongReports = spec.tooLongReports();
        this.attachment = new Attachment(Hook.STACK, spec, interfaces, pins);
        this.leaving = new Attachment(Hook.LEAVING, spec, interfaces, pins);
        this.host = new HostAttachment(pins);
        this.acceleration = new Acceleration(spec.acceleration(), interfaces, pins);
        this.found = hasFound ? find() : Found.nothing();
    }

    /// Null when nothing can outlive the process here.
    private static @Nullable Pins pins(Path directory) {
        try {
            return Pins.at(directory);
        } catch (IOException missing) {
            LOG.atWarn()
                    .addKeyValue("pins", directory)
                    .addKeyValue("reason", missing.getMessage())
                    .log("what the kernel carries ends with this process");
            return null;
        }
    }

    /// Takes what is pinned for this process. False when there is nothing that it can go on with.
    private static boolean hold(Pins pins, Holding mine) throws IOException {
        Holding before = Holding.read(pins);
        if (before != null && before.holder().isAlive() && !before.holder().isThisProcess()) {
            throw new IOException("the Fairlead with process number "
                    + before.holder().process() + " has " + pins.directory() + " (`kernel: {pins: ...}`)");
        }
        if (before != null && before.hasShapeOf(mine)) {
            mine.after(before).write(pins);
            return true;
        }
        if (before != null) {
            LOG.warn("the tables that an earlier Fairlead has left are of another shape: their flows are lost");
        }
        pins.clear();
        mine.write(pins);
        return false;
    }

    /// Its families, and whose numbers are taken.
    private Found find() throws IOException {
        List<FamilyMaps> there = pins == null ? List.of() : FamilyMaps.among(pins, maxFlows);
        for (FamilyMaps each : there) {
            maps.addAll(each.all());
        }
        families = there;
        Found all = Found.read(maps, shared, there);
        for (Found.Listener each : all.listeners()) {
            services.set(each.number(), 1);
            sources.set(each.firstSource(), each.sources().size());
        }
        all.endpoints().forEach(number -> members.set(number, 1));
        LOG.atInfo()
                .addKeyValue("listeners", all.listeners().size())
                .addKeyValue("endpoints", all.endpoints().size())
                .log("an earlier Fairlead has left its flows in the kernel: they go on");
        return all;
    }

    /// Loads the program and puts it on the interfaces. Throws and leaves nothing behind when Linux does not let it.
    static Engine start(KernelSpec spec, Set<Family> families, Features features) throws IOException {
        Engine engine = new Engine(spec);
        try {
            engine.need(families, features);
        } catch (IOException | RuntimeException | Error failed) {
            if (engine.hasFound) {
                engine.leave();
            } else {
                engine.close();
            }
            throw failed;
        }
        return engine;
    }

    /// Lets the program know what listeners ask for, before they do: versions of IP that it may not have had yet, and
    /// what it has to do. Flows are not disturbed. What no listener needs takes no memory and no time.
    void need(Set<Family> versions, Features more) throws IOException {
        List<FamilyMaps> wanted = new ArrayList<>(families);
        for (Family each : versions) {
            if (wanted.stream().noneMatch(there -> there.family() == each)) {
                FamilyMaps fresh = FamilyMaps.forFlows(each, maxFlows);
                maps.addAll(fresh.all());
                wanted.add(fresh);
            }
        }
        Features known = hasFound ? Features.ALL : features.and(more);
        if (!attachment.isThere() || wanted.size() > families.size() || !known.equals(features)) {
            load(List.copyOf(wanted), known);
        }
    }

    /// What it is attached by keeps the program.
    private void load(List<FamilyMaps> wanted, Features known) throws IOException {
        if (routing == KernelSpec.Routing.HOST) {
            putForHost(wanted, known);
        } else {
            putDirect(wanted, known);
        }
        host.load(maps, shared, wanted, known);
        acceleration.load(maps, shared, wanted);
        families = wanted;
        features = known;
    }

    /// What leaves is looked at until nothing comes in that would need it.
    private void putDirect(List<FamilyMaps> wanted, Features known) throws IOException {
        boolean isFirst = !attachment.isThere();
        try (LoadedProgram loaded = maps.load(Translation.program(shared, wanted, known, tooLongReports))) {
            attachment.put(loaded);
        }
        if (isFirst) {
            leaving.clear();
        }
    }

    /// What leaves is looked at before anything comes in that needs it.
    private void putForHost(List<FamilyMaps> wanted, Features known) throws IOException {
        maps.addMissing(wanted.stream().map(Crossings::map).toList());
        try (LoadedProgram loaded = maps.load(Leaving.program(shared, wanted, known))) {
            leaving.put(loaded);
        }
        try (LoadedProgram loaded = maps.load(Translation.programForHost(shared, wanted, known))) {
            attachment.put(loaded);
        }
    }

    /// Whether an earlier process has left something here.
    boolean hasFound() {
        return hasFound;
    }

    /// Whether what is here can outlive the process.
    boolean isPinned() {
        return pins != null;
    }

    /// The listener that was where this one is, in an earlier process; null when none was.
    synchronized Found.@Nullable Listener claim(Terms terms) {
        return found.claim(terms);
    }

    /// Whether it is a listener of an earlier process, for which it is too early to say that it is over.
    synchronized boolean isUnclaimed(int service) {
        return found.hasListener(service);
    }

    /// Listeners of an earlier process that have become one with others: once nobody can claim them any more.
    synchronized List<Found.Legacy> takeLegacies() {
        return found.takeLegacies();
    }

    /// Everything that the config has has started: listeners that nobody has claimed are over.
    synchronized void leaveUnclaimed() throws IOException {
        for (Found.Listener each : found.takeListeners()) {
            tables().removeService(each.address(), each.protocol());
            if (found.isTaken(each.number())) {
                continue;
            }
            giveBack(each);
        }
    }

    /// A listener of an earlier process has no flow any more.
    synchronized void giveBack(Found.Listener old) {
        giveBack(old.number(), old.firstSource(), old.sources().size());
        leaveOthers(old.number(), Set.of());
    }

    /// Gives up the endpoints of a listener that an earlier process had, that the config has no more, and that are not
    /// among those with flows.
    synchronized void leaveOthers(int service, Set<Integer> needed) {
        found.takeOthers(service, needed).forEach(this::giveBackMember);
    }

    List<Interface> interfaces() {
        return interfaces;
    }

    int maxFlows() {
        return maxFlows;
    }

    Tables tables() {
        return new Tables(shared, families, maps);
    }

    List<FamilyMaps> families() {
        return families;
    }

    /// The tables of flows: first of those that have only begun, for they move from there to the other.
    List<KernelMap> flows(FamilyMaps family) {
        return List.of(maps.of(family.begun()), maps.of(family.flows()));
    }

    synchronized int takeService() throws IOException {
        return services.take();
    }

    /// The number of an endpoint of a listener: that which it had, where it had one.
    synchronized int takeMember(int service, InetSocketAddress address) throws IOException {
        Integer known = knownMember(service, address);
        return known != null ? known : members.take();
    }

    /// The number that an endpoint of a listener had in an earlier process; null when it had none.
    synchronized @Nullable Integer knownMember(int service, InetSocketAddress address) {
        return found.claim(service, address);
    }

    /// So many source addresses, side by side.
    synchronized int takeSources(int count) throws IOException {
        return sources.take(count);
    }

    synchronized void giveBack(int service, int firstSource, int sourceCount) {
        services.giveBack(service, 1);
        sources.giveBack(firstSource, sourceCount);
    }

    synchronized void giveBackSources(int first, int count) {
        sources.giveBack(first, count);
    }

    synchronized void giveBackMember(int number) {
        try {
            tables().removeEndpoint(number);
            members.giveBack(number, 1);
        } catch (IOException failed) {
            // Its place stays taken.
            LOG.atError().setCause(failed).log("an endpoint that is gone could not be removed from the kernel");
        }
    }

    /// What was counted for endpoints, as [Tallies] reads it.
    Counters.Reader tallies() {
        return read(shared.tallies());
    }

    private Counters.Reader read(Counters counters) {
        return counters.read(maps, maps.of(counters.map()).value());
    }

    /// What was counted for services, as [#lost] reads it.
    Counters.Reader losses() {
        return read(shared.losses());
    }

    /// Packets of a service that were lost so far, by reason.
    static long[] lost(Counters.Reader losses, int service) {
        return Arrays.stream(Loss.values())
                .mapToLong(loss -> losses.sum(service, loss.field()))
                .toArray();
    }

    /// Leaves the program on the interfaces, and all flows with it; a later process may take them over. Only what is
    /// pinned stays.
    void leave() {
        acceleration.close();
        host.close();
        attachment.close();
        leaving.close();
        maps.close();
    }

    /// Takes the program off the interfaces, and all flows with it.
    @Override
    public void close() {
        attempt(attachment::remove);
        attempt(leaving::remove);
        if (pins != null) {
            attempt(pins::delete);
        }
        leave();
    }

    private interface Removal {
        void run() throws IOException;
    }

    private static void attempt(Removal removal) {
        try {
            removal.run();
        } catch (IOException failed) {
            LOG.atError().setCause(failed).log("something is left in the kernel");
        }
    }
}
