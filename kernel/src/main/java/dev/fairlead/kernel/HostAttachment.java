package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.KernelMaps;
import dev.fairlead.kernel.bpf.Link;
import dev.fairlead.kernel.bpf.LoadedProgram;
import dev.fairlead.kernel.bpf.Pins;
import dev.fairlead.sys.Bpf;
import dev.fairlead.sys.ControlGroup;
import dev.fairlead.sys.Errno;
import dev.fairlead.sys.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// [HostConnections] on the control group of all processes. Where that cannot be, others reach listeners all the same,
/// and the log says so once. The control thread.
final class HostAttachment implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostAttachment.class);

    private final @Nullable Pins pins;
    private final Map<Hook, Link> links = new EnumMap<>(Hook.class);
    private boolean isRefused;

    HostAttachment(@Nullable Pins pins) {
        this.pins = pins;
    }

    /// Puts the programs there, or in the place of those before.
    void load(KernelMaps maps, SharedMaps shared, List<FamilyMaps> families, Features features) {
        if (isRefused) {
            return;
        }
        try {
            long network = Network.cookie();
            for (Hook hook : List.of(Hook.CONNECT_4, Hook.CONNECT_6)) {
                try (LoadedProgram loaded =
                        maps.load(HostConnections.program(shared, families, features, hook, network))) {
                    attach(loaded, hook);
                }
            }
        } catch (IOException refused) {
            isRefused = true;
            LOG.atWarn()
                    .addKeyValue("reason", refused.getMessage())
                    .log("this host itself does not reach listeners that the kernel carries");
        }
    }

    private void attach(LoadedProgram loaded, Hook hook) throws IOException {
        Link there = links.get(hook);
        if (there != null) {
            there.replace(loaded);
            return;
        }
        Path root = ControlGroup.root();
        if (root == null) {
            throw new IOException("no control group (cgroup2) is mounted");
        }
        int group = ControlGroup.open(root);
        if (group < 0) {
            throw new IOException(root + ": " + Errno.text(group));
        }
        try {
            links.put(
                    hook,
                    pins == null
                            ? loaded.attach(group, root.toString(), 0)
                            : pins.attach(loaded, Pins.HOST_LINK + (hook == Hook.CONNECT_4 ? 4 : 6), group, 0));
        } finally {
            Bpf.close(group);
        }
    }

    @Override
    public void close() {
        links.values().forEach(Link::close);
    }
}
