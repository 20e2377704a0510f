package dev.fairlead.server;

import dev.fairlead.admin.Operations.Reloaded;
import dev.fairlead.config.Change;
import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigDiff;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.Problem;
import dev.fairlead.config.UdpListenerSpec;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.sticky.SigningKeys;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One walk from the running config to a new one. All that can fail comes first, in steps that can be undone: new
/// upstreams, then new listeners. What cannot fail follows: changed upstreams, changed planes, the drain of what
/// left. So a reload happens as a whole or not at all. Used once, on the control thread.
final class Reload {
    private static final Logger LOG = LoggerFactory.getLogger(Reload.class);

    /// A listening socket is closed by its loop, a moment after the plane was told to drain. How long to wait for
    /// its address, and how often to ask.
    private static final int REBIND_TRIES = 100;

    private static final int REBIND_PAUSE_MILLIS = 10;

    private final Topology topology;
    private final List<Plane> leaving = new ArrayList<>();
    private final List<ListenerSpec> narrowed = new ArrayList<>();
    private final Deque<Runnable> undo = new ArrayDeque<>();

    Reload(Topology topology) {
        this.topology = topology;
    }

    Reloaded to(Config next, List<Problem> warnings) {
        List<Change> changes = ConfigDiff.between(topology.config(), next);
        try {
            topology.prepare(next);
            checkListeners(next, changes);
            sign(next);
            addUpstreams(changes);
            takeOut(changes);
            narrowListeners(changes);
            startListeners(changes);
            widenListeners(changes);
        } catch (IOException failed) {
            undo.forEach(Runnable::run);
            return new Reloaded.Failed(String.valueOf(failed.getMessage()));
        }
        commit(next, changes);
        List<String> done = new ArrayList<>();
        List<String> needRestart = new ArrayList<>();
        for (Change change : changes) {
            (Restart.isNeededFor(change) ? needRestart : done).add(text(change));
        }
        return new Reloaded.Done(done, needRestart, warnings);
    }

    /// Those that stay are asked, for what they have to follow later cannot fail.
    private void checkListeners(Config next, List<Change> changes) throws IOException {
        Set<String> added = new HashSet<>();
        for (Change change : changes) {
            if (change instanceof Change.ListenerAdded(var spec)) {
                added.add(spec.name());
            }
        }
        for (ListenerSpec each : next.listeners().values()) {
            if (!added.contains(each.name()) && !topology.isDrained(each.name())) {
                topology.check(each, next.upstreams());
            }
        }
    }

    /// Even when nothing else has changed: keys are rotated in their file.
    private void sign(Config next) throws IOException {
        Map<String, SigningKeys> before = topology.upstreams().signingKeys(KeyFiles.read(next));
        undo.push(() -> topology.upstreams().signingKeys(before));
    }

    private void addUpstreams(List<Change> changes) {
        for (Change change : changes) {
            if (change instanceof Change.UpstreamAdded(var spec)) {
                topology.put(spec);
                undo.push(() -> topology.drop(spec.name()));
            }
        }
    }

    private void takeOut(List<Change> changes) {
        for (Change change : changes) {
            if (change instanceof Change.ListenerRemoved(var spec)) {
                if (topology.forgetDrained(spec.name())) {
                    undo.push(() -> topology.rememberDrained(spec.name()));
                } else {
                    takeOut(spec.name());
                }
            }
        }
    }

    private void takeOut(String listener) {
        Plane plane = topology.take(listener);
        leaving.add(plane);
        undo.push(() -> {
            // Otherwise it gave its address up to a newcomer, and #giveUp has put another in its place.
            if (leaving.contains(plane)) {
                topology.putBack(plane);
            }
        });
    }

    private void startListeners(List<Change> changes) throws IOException {
        for (Change change : changes) {
            if (change instanceof Change.ListenerAdded(var spec)) {
                start(spec);
            }
        }
    }

    private void start(ListenerSpec spec) throws IOException {
        boolean takesOver = makeRoom(spec);
        bind(() -> topology.start(spec), takesOver);
        undo.push(() -> topology.leave(topology.take(spec.name())));
    }

    /// Whether somebody has let go of an address for this listener.
    private boolean makeRoom(ListenerSpec spec) {
        boolean isMade = narrowed.stream().anyMatch(before -> overlap(before, spec));
        for (Plane plane : List.copyOf(leaving)) {
            if (overlap(plane.spec(), spec)) {
                giveUp(plane);
                isMade = true;
            }
        }
        return isMade;
    }

    /// Lets planes that stay go of addresses that another listener has from now on.
    private void narrowListeners(List<Change> changes) {
        for (Change change : changes) {
            if (change instanceof Change.ListenerChanged(var before, var after)
                    && isMoved(before, after)
                    && changes.stream().anyMatch(each -> comesTo(before, after, each))) {
                Plane plane = topology.plane(after.name());
                plane.narrow(after);
                narrowed.add(before);
                undo.push(() -> widenAgain(plane, before));
            }
        }
    }

    private boolean isMoved(ListenerSpec before, ListenerSpec after) {
        return !before.addresses().equals(after.addresses()) && !topology.isDrained(after.name());
    }

    /// Whether a change brings another listener to where the first is no more.
    private static boolean comesTo(ListenerSpec before, ListenerSpec after, Change change) {
        return switch (change) {
            case Change.ListenerAdded(var spec) -> overlap(before, spec);
            case Change.ListenerChanged(var _, var spec) -> !spec.name().equals(after.name()) && overlap(before, spec);
            case Change.ListenerRemoved _,
                    Change.UpstreamAdded _,
                    Change.UpstreamChanged _,
                    Change.UpstreamRemoved _,
                    Change.SettingChanged _ -> false;
        };
    }

    private void widenAgain(Plane plane, ListenerSpec before) {
        try {
            bind(() -> plane.widen(before), true);
        } catch (IOException lost) {
            LOG.atError()
                    .addKeyValue("listener", before.name())
                    .addKeyValue("reason", lost.getMessage())
                    .log("addresses lost: they were given up for a reload that failed, and are now taken");
        }
    }

    private void widenListeners(List<Change> changes) throws IOException {
        for (Change change : changes) {
            if (change instanceof Change.ListenerChanged(var before, var after) && isMoved(before, after)) {
                boolean takesOver = makeRoom(after);
                bind(() -> topology.widen(after), takesOver);
                undo.push(() -> topology.plane(after.name()).narrow(before));
            }
        }
    }

    /// Lets a leaving plane stop accepting now, since a newcomer wants its address.
    private void giveUp(Plane plane) {
        leaving.remove(plane);
        topology.leave(plane);
        plane.giveUpDatagrams();
        if (plane.spec() instanceof UdpListenerSpec) {
            // While a flow drains, its listener's socket takes the clients' datagrams, the newcomer's too. Cut, the
            // flow goes on through the newcomer, which knows as well as we do where it belongs.
            plane.close();
        }
        undo.push(() -> {
            try {
                bind(() -> topology.start(plane.spec()), true);
            } catch (IOException lost) {
                LOG.atError()
                        .addKeyValue("listener", plane.spec().name())
                        .addKeyValue("reason", lost.getMessage())
                        .log("listener lost: its address was given up for a reload that failed, and is now taken");
            }
        });
    }

    private interface Binding {
        void run() throws IOException;
    }

    private static void bind(Binding binding, boolean takesOver) throws IOException {
        for (int left = takesOver ? REBIND_TRIES : 1; ; left--) {
            try {
                binding.run();
                return;
            } catch (IOException taken) {
                if (left == 1) {
                    throw taken;
                }
                pause();
            }
        }
    }

    /// The control thread may wait where no loop may: nothing but other changes of topology waits with it.
    private static void pause() throws IOException {
        try {
            Thread.sleep(REBIND_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while it waited for an address", e);
        }
    }

    private void commit(Config next, List<Change> changes) {
        topology.config(Restart.without(next, topology.config()));
        for (Change change : changes) {
            switch (change) {
                case Change.UpstreamChanged(var _, var after) -> topology.put(after);
                case Change.ListenerChanged(var _, var after) -> {
                    // A drained one follows the config when it is opened.
                    if (!topology.isDrained(after.name())) {
                        topology.plane(after.name()).update(after);
                    }
                }
                case Change.SettingChanged(String key, var _, var _)
                when key.equals("resolver") -> topology.resolver(next.resolver());
                // Done before, or last, or followed by whoever reads the running config.
                case Change.UpstreamAdded _,
                        Change.UpstreamRemoved _,
                        Change.ListenerAdded _,
                        Change.ListenerRemoved _,
                        Change.SettingChanged _ -> {}
            }
        }
        topology.readFiles();
        leaving.forEach(topology::leave);
        topology.removeUnused();
    }

    private static String text(Change change) {
        return switch (change) {
            case Change.UpstreamAdded(var spec) -> "upstream " + spec.name() + " added";
            case Change.UpstreamChanged(var _, var after) -> "upstream " + after.name() + " changed";
            case Change.UpstreamRemoved(var spec) -> "upstream " + spec.name() + " removed";
            case Change.ListenerAdded(var spec) -> "listener " + spec.name() + " added at " + spec.place();
            case Change.ListenerChanged(var before, var after) ->
                "listener " + after.name() + " changed"
                        + (before.addresses().equals(after.addresses()) ? "" : ", now at " + after.place());
            case Change.ListenerRemoved(var spec) -> "listener " + spec.name() + " removed from " + spec.place();
            case Change.SettingChanged(String key, var _, var _) -> key + " changed";
        };
    }

    private static boolean overlap(ListenerSpec one, ListenerSpec other) {
        return one instanceof UdpListenerSpec == other instanceof UdpListenerSpec
                && one.addresses().stream()
                        .anyMatch(each -> other.addresses().stream().anyMatch(each::clashesWith));
    }
}
