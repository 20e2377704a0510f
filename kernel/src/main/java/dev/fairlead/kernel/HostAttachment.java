package dev.fairlead.kernel;

import dev.fairlead.kernel.bpf.Hook;
import dev.fairlead.kernel.bpf.KernelMaps;
import dev.fairlead.kernel.bpf.Link;
import dev.fairlead.kernel.bpf.LoadedProgram;
import dev.fairlead.kernel.bpf.Pins;
import dev.fairlead.kernel.bpf.Program;
import dev.fairlead.sys.Bpf;
import dev.fairlead.sys.ControlGroup;
import dev.fairlead.sys.Errno;
import dev.fairlead.sys.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// [HostConnections], and [HostAnswers] where a listener is of datagrams, on the control group of all processes. Where
/// that cannot be, others reach listeners all the same, and the log says so once. Guarded by its [Programs].
final class HostAttachment implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostAttachment.class);

    private static final Set<Hook> CONNECTING = EnumSet.of(Hook.CONNECT_4, Hook.CONNECT_6);
    private static final Set<Hook> ANSWERING = EnumSet.of(Hook.RECEIVE_4, Hook.RECEIVE_6);

    /// What links are called, in the order in which they are made: who can send can be answered.
    private static final SequencedMap<Hook, String> PINNED = new LinkedHashMap<>();

    private final @Nullable Pins pins;
    private final Map<Hook, Link> links = new EnumMap<>(Hook.class);
    private @Nullable String refusal;

    static {
        PINNED.put(Hook.CONNECT_4, "4");
        PINNED.put(Hook.CONNECT_6, "6");
        PINNED.put(Hook.RECEIVE_4, "receive4");
        PINNED.put(Hook.RECEIVE_6, "receive6");
        PINNED.put(Hook.SEND_4, "send4");
        PINNED.put(Hook.SEND_6, "send6");
    }

    HostAttachment(@Nullable Pins pins) {
        this.pins = pins;
    }

    /// Puts the programs there, or in the place of those before. What Linux refuses today it may allow the next time; a
    /// reason is logged once.
    void load(KernelMaps maps, SharedMaps shared, List<FamilyMaps> families, Features features) {
        try {
            if (features.hasDatagrams()) {
                maps.addMissing(families.stream().map(FamilyMaps::peers).toList());
            }
            long network = Network.cookie();
            for (Hook hook : PINNED.keySet()) {
                if (isNeeded(hook, features)) {
                    Program program = ANSWERING.contains(hook)
                            ? HostAnswers.program(shared, families, hook)
                            : HostConnections.program(shared, families, features, hook, network);
                    try (LoadedProgram loaded = maps.load(program)) {
                        attach(loaded, hook);
                    }
                }
            }
            leaveOthers(maps, families, features);
            refusal = null;
        } catch (IOException refused) {
            if (Objects.equals(refusal, refused.getMessage())) {
                return;
            }
            refusal = refused.getMessage();
            LOG.atWarn()
                    .addKeyValue("reason", refused.getMessage())
                    .log("this host itself does not reach listeners that the kernel carries");
        }
    }

    private static boolean isNeeded(Hook hook, Features features) {
        return features.hasDatagrams() || CONNECTING.contains(hook);
    }

    /// Takes off what this process or an earlier one had for listeners that there are no more. Nobody sends that way
    /// before nobody is answered.
    private void leaveOthers(KernelMaps maps, List<FamilyMaps> families, Features features) throws IOException {
        for (Hook hook : PINNED.sequencedKeySet().reversed()) {
            if (isNeeded(hook, features)) {
                continue;
            }
            Link there = links.remove(hook);
            if (there != null) {
                there.close();
            }
            if (pins != null) {
                pins.unpin(Pins.HOST_LINK + PINNED.get(hook));
            }
        }
        if (!features.hasDatagrams()) {
            maps.removeAll(families.stream().map(FamilyMaps::peers).toList());
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
                            : pins.attach(loaded, Pins.HOST_LINK + PINNED.get(hook), group, 0));
        } finally {
            Bpf.close(group);
        }
    }

    @Override
    public void close() {
        links.values().forEach(Link::close);
    }
}
