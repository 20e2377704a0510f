package dev.fairlead.kernel;

import dev.fairlead.config.KernelSpec;
import dev.fairlead.kernel.Interfaces.Interface;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.KernelMaps;
import dev.fairlead.kernel.bpf.LoadedProgram;
import dev.fairlead.kernel.bpf.Pins;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What Linux runs for listeners, and where: on interfaces, in their drivers, and for sockets of this host. Versions of
/// IP, choices and hooks that nobody asks for take no memory and no time. Any thread, one at a time.
final class Programs implements AutoCloseable {
    // immutable
    private final SharedMaps shared;
    private final KernelMaps maps;
    private final int maxFlows;
    private final KernelSpec.Routing routing;
    private final int tooLongReports;

    // guarded by this
    private final Attachment attachment;
    private final Attachment leaving;
    private final HostAttachment host;
    private final Acceleration acceleration;
    private Features least;
    private Features asked = Features.NONE;
    private Features features = Features.NONE;
    private boolean isLoaded;
    private boolean isClosed;

    // written under this, read by any
    private volatile List<Interface> interfaces;
    private volatile List<FamilyMaps> families;

    /// `families`: versions of IP that there are tables for. `least`: what they do, whoever asks for it.
    Programs(
            KernelSpec spec,
            int maxFlows,
            List<Interface> interfaces,
            SharedMaps shared,
            KernelMaps maps,
            List<FamilyMaps> families,
            Features least,
            @Nullable Pins pins) {
        this.least = least;
        this.shared = shared;
        this.maps = maps;
        this.maxFlows = maxFlows;
        this.routing = spec.routing();
        this.tooLongReports = spec.tooLongReports();
        this.attachment = new Attachment(Hook.STACK, spec, pins);
        this.leaving = new Attachment(Hook.LEAVING, spec, pins);
        this.host = new HostAttachment(pins);
        this.acceleration = new Acceleration(spec.acceleration(), pins);
        this.interfaces = List.copyOf(interfaces);
        this.families = List.copyOf(families);
    }

    List<Interface> interfaces() {
        return interfaces;
    }

    List<FamilyMaps> families() {
        return families;
    }

    /// Lets them do what listeners ask for, before they do. Flows are not disturbed.
    synchronized void need(Set<Family> versions, Features more) throws IOException {
        List<FamilyMaps> wanted = new ArrayList<>(families);
        for (Family each : versions) {
            if (wanted.stream().noneMatch(there -> there.family() == each)) {
                FamilyMaps fresh = FamilyMaps.forFlows(each, maxFlows);
                maps.addMissing(fresh.all());
                wanted.add(fresh);
            }
        }
        Features all = asked.and(more);
        if (!isLoaded || wanted.size() > families.size() || !least.and(all).equals(features)) {
            load(wanted, least.and(all), interfaces);
        }
        // What was refused is asked for no more: what comes next may go without it.
        asked = all;
    }

    /// Lets them do this, what was asked for, and nothing else. Tables stay, for flows may be in them.
    synchronized void settle(Features lesser) throws IOException {
        least = lesser;
        if (!isClosed && !least.and(asked).equals(features)) {
            load(families, least.and(asked), interfaces);
        }
    }

    /// Puts them on interfaces that have come, and lets go of those that have gone.
    synchronized void follow(List<Interface> there) throws IOException {
        if (!there.equals(interfaces)) {
            load(families, features, there);
        }
    }

    /// What it is attached by keeps a program.
    private void load(List<FamilyMaps> wanted, Features known, List<Interface> where) throws IOException {
        List<Interface> there =
                routing == KernelSpec.Routing.HOST ? putForHost(wanted, known, where) : putDirect(wanted, known, where);
        host.load(maps, shared, wanted, known);
        acceleration.load(maps, shared, wanted, there);
        isLoaded = true;
        interfaces = there;
        families = List.copyOf(wanted);
        features = known;
    }

    /// What leaves is looked at until nothing comes in that would need it.
    private List<Interface> putDirect(List<FamilyMaps> wanted, Features known, List<Interface> where)
            throws IOException {
        try (LoadedProgram loaded = maps.load(Translation.program(shared, wanted, known, tooLongReports))) {
            List<Interface> there = attachment.put(loaded, where);
            if (!isLoaded) {
                leaving.clear();
            }
            return there;
        }
    }

    /// What leaves is looked at before anything comes in that needs it.
    private List<Interface> putForHost(List<FamilyMaps> wanted, Features known, List<Interface> where)
            throws IOException {
        maps.addMissing(wanted.stream().map(Crossings::map).toList());
        List<Interface> there;
        try (LoadedProgram loaded = maps.load(Leaving.program(shared, wanted, known))) {
            there = leaving.put(loaded, where);
        }
        try (LoadedProgram loaded = maps.load(Translation.programForHost(shared, wanted, known))) {
            return attachment.put(loaded, there);
        }
    }

    /// Takes filters off; what is held by links goes with their pins, or when this is closed.
    synchronized void remove() throws IOException {
        isClosed = true;
        try {
            attachment.remove();
        } finally {
            leaving.remove();
        }
    }

    /// Leaves there what is pinned, and filters.
    @Override
    public synchronized void close() {
        isClosed = true;
        acceleration.close();
        host.close();
        attachment.close();
        leaving.close();
    }
}
