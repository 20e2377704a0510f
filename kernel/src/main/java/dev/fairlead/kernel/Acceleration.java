package dev.fairlead.kernel;

import dev.fairlead.config.KernelSpec;
import dev.fairlead.kernel.Interfaces.Interface;
import dev.fairlead.kernel.bpf.KernelMaps;
import dev.fairlead.kernel.bpf.Link;
import dev.fairlead.kernel.bpf.LoadedProgram;
import dev.fairlead.kernel.bpf.Pins;
import dev.fairlead.kernel.bpf.VerifierRefusal;
import dev.fairlead.sys.Bpf;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The [Shortcut] in drivers, on those interfaces whose drivers take it. Nothing depends on it but speed: where it
/// cannot be, packets go the ordinary way, and the log says so. Guarded by its [Programs].
final class Acceleration implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Acceleration.class);

    private final int flags;
    private final @Nullable Pins pins;
    private final boolean isWanted;
    private final Map<Interface, Link> links = new LinkedHashMap<>();
    private final Set<Interface> refused = new HashSet<>();

    Acceleration(KernelSpec.Acceleration kind, @Nullable Pins pins) {
        this.pins = pins;
        this.isWanted = kind != KernelSpec.Acceleration.NONE;
        this.flags = kind == KernelSpec.Acceleration.XDP ? Bpf.XDP_DRIVER : Bpf.XDP_GENERIC;
    }

    /// Puts the program there for these versions of IP. Interfaces that do not take it are found out when they come:
    /// it sends only to those that do, so it is loaded once more without the others.
    void load(KernelMaps maps, SharedMaps shared, List<FamilyMaps> families, List<Interface> there) throws IOException {
        List<Interface> wanted;
        do {
            leaveOthers(there);
            wanted = wanted(there);
            if (wanted.isEmpty()) {
                return;
            }
            try (LoadedProgram loaded = maps.load(Shortcut.program(shared, families, wanted))) {
                wanted.forEach(each -> attach(loaded, each));
            } catch (VerifierRefusal tooOld) {
                refused.addAll(wanted);
                LOG.atWarn()
                        .addKeyValue("reason", tooOld.getMessage())
                        .log("no acceleration: Linux does not take its program");
            }
        } while (wanted(there).size() < wanted.size());
    }

    private List<Interface> wanted(List<Interface> there) {
        return isWanted ? there.stream().filter(each -> !refused.contains(each)).toList() : List.of();
    }

    /// What this process or an earlier one had on interfaces that are gone, or are no more to be sped up.
    private void leaveOthers(List<Interface> there) throws IOException {
        refused.retainAll(there);
        List<Interface> wanted = wanted(there);
        links.entrySet().removeIf(each -> {
            boolean isOver = !wanted.contains(each.getKey());
            if (isOver) {
                each.getValue().close();
            }
            return isOver;
        });
        if (pins != null) {
            pins.keepLinks(
                    Pins.DRIVER_LINK, wanted.stream().map(Interface::index).toList());
        }
    }

    private void attach(LoadedProgram loaded, Interface to) {
        Link before = links.get(to);
        try {
            if (before != null) {
                before.replace(loaded);
                return;
            }
            links.put(
                    to,
                    pins == null
                            ? loaded.attach(to.index(), to.name(), flags)
                            : pins.attach(loaded, Pins.DRIVER_LINK + to.index(), to.index(), flags));
            LOG.atInfo().addKeyValue("interface", to.name()).log("packets of flows are passed on in the driver");
        } catch (IOException failed) {
            refused.add(to);
            LOG.atWarn()
                    .addKeyValue("interface", to.name())
                    .addKeyValue("reason", failed.getMessage())
                    .log("no acceleration: packets of this interface go the ordinary way");
        }
    }

    @Override
    public void close() {
        links.values().forEach(Link::close);
    }
}
