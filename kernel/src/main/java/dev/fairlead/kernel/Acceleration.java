package dev.fairlead.kernel;

import dev.fairlead.config.KernelSpec;
import dev.fairlead.kernel.Interfaces.Interface;
import dev.fairlead.kernel.bpf.KernelMaps;
import dev.fairlead.kernel.bpf.Link;
import dev.fairlead.kernel.bpf.LoadedProgram;
import dev.fairlead.kernel.bpf.Pins;
import dev.fairlead.sys.Bpf;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The [Shortcut] in drivers, on those interfaces whose drivers take it. Nothing depends on it but speed: where it
/// cannot be, packets go the ordinary way, and the log says so. The control thread.
final class Acceleration implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Acceleration.class);

    private final int flags;
    private final @Nullable Pins pins;
    private final Map<Interface, Link> links = new LinkedHashMap<>();
    private List<Interface> wanted;

    Acceleration(KernelSpec.Acceleration kind, List<Interface> interfaces, @Nullable Pins pins) {
        this.pins = pins;
        this.wanted = kind == KernelSpec.Acceleration.NONE ? List.of() : interfaces;
        this.flags = kind == KernelSpec.Acceleration.XDP ? Bpf.XDP_DRIVER : Bpf.XDP_GENERIC;
    }

    /// Puts the program there for these versions of IP. The first time, interfaces that do not take it are found out:
    /// it sends only to those that do, so it is loaded once more without the others.
    void load(KernelMaps maps, SharedMaps shared, List<FamilyMaps> families) throws IOException {
        if (pins != null && links.isEmpty()) {
            pins.keepLinks(
                    Pins.DRIVER_LINK, wanted.stream().map(Interface::index).toList());
        }
        List<Interface> before;
        do {
            before = wanted;
            if (wanted.isEmpty()) {
                return;
            }
            try (LoadedProgram loaded = maps.load(Shortcut.program(shared, families, wanted))) {
                wanted = attach(loaded);
            }
        } while (wanted.size() < before.size());
    }

    /// To which interfaces it could be put.
    private List<Interface> attach(LoadedProgram loaded) throws IOException {
        List<Interface> done = new ArrayList<>();
        for (Interface each : wanted) {
            Link there = links.get(each);
            try {
                if (there != null) {
                    there.replace(loaded);
                } else {
                    links.put(
                            each,
                            pins == null
                                    ? loaded.attach(each.index(), each.name(), flags)
                                    : pins.attach(loaded, Pins.DRIVER_LINK + each.index(), each.index(), flags));
                    LOG.atInfo()
                            .addKeyValue("interface", each.name())
                            .log("packets of flows are passed on in the driver");
                }
                done.add(each);
            } catch (IOException refused) {
                LOG.atWarn()
                        .addKeyValue("interface", each.name())
                        .addKeyValue("reason", refused.getMessage())
                        .log("no acceleration: packets of this interface go the ordinary way");
            }
        }
        return done;
    }

    @Override
    public void close() {
        links.values().forEach(Link::close);
    }
}
