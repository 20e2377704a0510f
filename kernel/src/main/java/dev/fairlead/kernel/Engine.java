package dev.fairlead.kernel;

import dev.fairlead.config.KernelSpec;
import dev.fairlead.kernel.Interfaces.Interface;
import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.KernelMaps;
import dev.fairlead.kernel.bpf.Pins;
import dev.fairlead.sys.DirectoryLock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
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
    private final int maxFlows;
    private final boolean hasFound;
    private final Programs programs;

    // Numbers that are taken; guarded by this.
    private final Numbers services = new Numbers(SharedMaps.SERVICES_MAX, "listeners");
    private final Numbers members = new Numbers(SharedMaps.ENDPOINTS_MAX, "endpoints");
    private final Numbers sources = new Numbers(SharedMaps.SOURCES_MAX, "source addresses");
    private final Found found;
    private final boolean hasFoundSources;

    private Engine(KernelSpec spec) throws IOException {
        List<Interface> interfaces = Interfaces.of(spec.interfaces());
        this.pins = pins(Path.of(spec.pins()));
        this.maxFlows = spec.maxFlows() > 0 ? spec.maxFlows() : room(pins);
        this.hasFound = pins != null && hold(pins, Holding.of(shared, maxFlows));
        this.maps = KernelMaps.create(shared.all(), pins);
        try {
            List<FamilyMaps> left = hasFound && pins != null ? FamilyMaps.among(pins, maxFlows) : List.of();
            for (FamilyMaps each : left) {
                maps.addMissing(each.all());
            }
            this.found = hasFound ? find(left) : Found.nothing();
            this.hasFoundSources =
                    found.listeners().stream().anyMatch(each -> !each.sources().isEmpty());
            Features least = hasFound ? Features.ALL : Features.NONE;
            this.programs = new Programs(spec, maxFlows, interfaces, shared, maps, left, least, pins);
        } catch (IOException | RuntimeException | Error failed) {
            maps.close();
            throw failed;
        }
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

    /// As the machine has it, or near to that as an earlier process had it: what memory a machine says it has changes a
    /// little while it runs, and that is no reason to lose flows.
    private static int room(@Nullable Pins pins) throws IOException {
        int now = Room.flows();
        Holding before = pins == null ? null : Holding.read(pins);
        return before != null && Room.isNear(before.maxFlows(), now) ? (int) before.maxFlows() : now;
    }

    /// Takes what is pinned for this process, which no other that starts at the same moment can do too. False when
    /// there is nothing that it can go on with.
    private static boolean hold(Pins pins, Holding mine) throws IOException {
        try (DirectoryLock _ = DirectoryLock.of(pins.directory())) {
            return holdAlone(pins, mine);
        }
    }

    private static boolean holdAlone(Pins pins, Holding mine) throws IOException {
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

    /// Whose numbers are taken.
    private Found find(List<FamilyMaps> left) throws IOException {
        Found all = Found.read(maps, shared, left);
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
    /// what it has to do.
    void need(Set<Family> versions, Features more) throws IOException {
        programs.need(versions, more);
    }

    /// Every listener that the config has has started: what nobody has asked for is in the program no more, but for
    /// what flows of an earlier process need.
    void settle() {
        try {
            programs.settle(hasFoundSources ? Features.SOURCES : Features.NONE);
        } catch (IOException failed) {
            LOG.atWarn()
                    .addKeyValue("reason", failed.getMessage())
                    .log("Linux goes on with a program that does more than it has to");
        }
    }

    /// Interfaces have come, or gone.
    void follow(List<Interface> there) throws IOException {
        programs.follow(there);
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
        return programs.interfaces();
    }

    int maxFlows() {
        return maxFlows;
    }

    Tables tables() {
        return new Tables(shared, families(), maps);
    }

    List<FamilyMaps> families() {
        return programs.families();
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
        programs.close();
        maps.close();
    }

    /// Takes the program off the interfaces, and all flows with it.
    @Override
    public void close() {
        attempt(programs::remove);
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
