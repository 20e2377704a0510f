package dev.fairlead.kernel;

import dev.fairlead.config.KernelSpec;
import dev.fairlead.kernel.Interfaces.Interface;
import dev.fairlead.kernel.bpf.Filter;
import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.Link;
import dev.fairlead.kernel.bpf.LoadedProgram;
import dev.fairlead.kernel.bpf.NoLinks;
import dev.fairlead.kernel.bpf.Pins;
import dev.fairlead.sys.Device;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A program on the interfaces: by links of tcx, or, where Linux has none (before 6.6) and where the config says so,
/// by filters of clsact. Guarded by its [Programs].
final class Attachment implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Attachment.class);

    private final Hook hook;
    private final @Nullable Pins pins;
    private final String filterName;
    private final String directory;
    private final Map<Integer, Link> links = new HashMap<>();
    private KernelSpec.Attach kind;

    Attachment(Hook hook, KernelSpec spec, @Nullable Pins pins) {
        this.hook = hook;
        this.pins = pins;
        this.kind = spec.attach();
        this.directory = spec.pins();
        this.filterName = pins == null ? FilterName.held(directory) : FilterName.pinned(pins.directory());
    }

    /// Puts the program on these interfaces and no others, or in the place of the one before. Those that are there: one
    /// that is gone takes its link with it, and is nothing that the others have to wait for.
    List<Interface> put(LoadedProgram loaded, List<Interface> wanted) throws IOException {
        List<Interface> there = new ArrayList<>();
        for (Interface each : wanted) {
            try {
                put(loaded, each);
                there.add(each);
            } catch (IOException failed) {
                if (Device.all().stream().anyMatch(device -> device.index() == each.index())) {
                    throw failed;
                }
                LOG.atWarn()
                        .addKeyValue("interface", each.name())
                        .log("an interface is gone: the others carry on without it");
            }
        }
        // What this process or an earlier one had on other interfaces, or in the other way.
        List<Integer> here = there.stream().map(Interface::index).toList();
        boolean isByFilter = kind == KernelSpec.Attach.CLSACT;
        keep(isByFilter ? List.of() : here, isByFilter ? here : List.of());
        links.entrySet().removeIf(each -> {
            boolean isOver = !here.contains(each.getKey());
            if (isOver) {
                each.getValue().close();
            }
            return isOver;
        });
        return there;
    }

    private void put(LoadedProgram loaded, Interface on) throws IOException {
        Link before = links.get(on.index());
        if (before == null) {
            links.put(on.index(), attach(loaded, on));
        } else {
            try {
                before.replace(loaded);
            } catch (IOException severed) {
                // Somebody has detached it, or the interface came again with its number.
                links.put(on.index(), attach(loaded, on));
                before.close();
            }
        }
    }

    /// Takes off what an earlier process had, where this one has nothing.
    void clear() throws IOException {
        keep(List.of(), List.of());
    }

    private void keep(List<Integer> linked, List<Integer> filtered) throws IOException {
        if (pins != null) {
            pins.keepLinks(linkName(), linked);
        }
        Filter.remove(hook.direction(), filterName::equals, filtered);
        // Without pins a filter outlives its process when that is killed, and no other begins with it.
        Filter.remove(hook.direction(), name -> FilterName.isOfTheDead(name, directory), List.of());
    }

    private String linkName() {
        return hook == Hook.LEAVING ? Pins.LEAVING_LINK : Pins.LINK;
    }

    private Link attach(LoadedProgram loaded, Interface to) throws IOException {
        if (kind != KernelSpec.Attach.CLSACT) {
            try {
                return pins == null
                        ? loaded.attach(to.index(), to.name(), 0)
                        : pins.attach(loaded, linkName() + to.index(), to.index(), 0);
            } catch (NoLinks old) {
                if (kind == KernelSpec.Attach.TCX) {
                    throw old;
                }
                LOG.info("this Linux has no tcx: clsact does instead");
                kind = KernelSpec.Attach.CLSACT;
            }
        }
        return Filter.attach(loaded, to.index(), filterName);
    }

    /// Leaves there what is pinned, and filters.
    @Override
    public void close() {
        links.values().forEach(Link::close);
    }

    /// Takes filters off; links go with their pins, or when they are closed.
    void remove() throws IOException {
        Filter.remove(hook.direction(), filterName::equals, List.of());
    }
}
