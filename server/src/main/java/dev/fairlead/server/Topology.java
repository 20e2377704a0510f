package dev.fairlead.server;

import dev.fairlead.admin.Operations.Departed;
import dev.fairlead.config.Config;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.ResolverSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.AddressTaken;
import dev.fairlead.net.resolve.Discoveries;
import dev.fairlead.net.resolve.Resolved;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What runs now: the config, a plane per listener, the planes that leave, and the upstreams they all need. Changed
/// by the control thread only; any thread may read.
final class Topology {
    private static final Logger LOG = LoggerFactory.getLogger(Topology.class);
    private static final long SWEEP_MILLIS = 50;

    /// Of so many listeners that are gone, what was cut is told.
    static final int REMEMBERED_MAX = 64;

    // immutable
    private final PlaneSource source;
    private final Watch watch;
    private final Discoveries discoveries;
    private final Upstreams upstreams;
    private final Metrics metrics;
    private final ScheduledExecutorService control;

    // control thread only
    private boolean sweeping;

    // listeners that are gone, and had flows that were cut
    private final LinkedHashSet<String> remembered = new LinkedHashSet<>();

    // written by the control thread, read by any
    private final List<Leaving> leaving = new CopyOnWriteArrayList<>();
    private final Set<String> drained = new ConcurrentSkipListSet<>();
    private final Map<String, Plane> planes = new ConcurrentHashMap<>();
    private volatile Config config;

    private record Leaving(Plane plane, long deadlineNanos) {}

    Topology(
            Config config,
            PlaneSource source,
            Watch watch,
            Discoveries discoveries,
            Upstreams upstreams,
            Metrics metrics,
            ScheduledExecutorService control) {
        this.config = config;
        this.source = source;
        this.watch = watch;
        this.discoveries = discoveries;
        this.upstreams = upstreams;
        this.metrics = metrics;
        this.control = control;
    }

    Config config() {
        return config;
    }

    void config(Config running) {
        config = running;
    }

    Upstreams upstreams() {
        return upstreams;
    }

    /// The planes that accept, in the order of the config.
    Collection<Plane> planes() {
        List<Plane> ordered = new ArrayList<>();
        for (String name : config.listeners().keySet()) {
            Plane plane = planes.get(name);
            if (plane != null) {
                ordered.add(plane);
            }
        }
        return ordered;
    }

    /// What does not accept: planes that leave, and drained listeners of which nothing is left.
    List<Departed> departed() {
        List<Departed> all = new ArrayList<>();
        Set<String> gone = new TreeSet<>(drained);
        for (Leaving each : leaving) {
            String name = each.plane.spec().name();
            gone.remove(name);
            all.add(new Departed(name, each.plane, each.deadlineNanos));
        }
        gone.forEach(name -> all.add(new Departed(name, null, 0)));
        return all;
    }

    /// Whether an operator has drained it. It does not accept, whatever a reload says, until it is opened.
    boolean isDrained(String listener) {
        return drained.contains(listener);
    }

    /// Lets a listener come to its end that stays in the config.
    void drain(String listener) {
        leave(take(listener));
        drained.add(listener);
    }

    /// Ends the drain of a listener: it accepts again, by the config that runs.
    void open(String listener) throws IOException {
        start(Objects.requireNonNull(config.listeners().get(listener)));
        drained.remove(listener);
    }

    /// The config has lost a drained listener. False when it was not drained.
    boolean forgetDrained(String listener) {
        return drained.remove(listener);
    }

    /// The reload that lost it is undone.
    void rememberDrained(String listener) {
        drained.add(listener);
    }

    /// Cuts the flows on an endpoint, on whatever plane.
    void cut(Endpoint endpoint) {
        planes.values().forEach(plane -> plane.cut(endpoint));
        leaving.forEach(gone -> gone.plane.cut(endpoint));
    }

    Plane plane(String listener) {
        Plane plane = planes.get(listener);
        if (plane == null) {
            throw new IllegalArgumentException("no listener " + listener);
        }
        return plane;
    }

    /// Adds the upstream, or lets it follow a changed spec.
    void put(UpstreamSpec spec) {
        publish(discoveries.follow(spec));
    }

    /// Lets the upstream have the endpoints that its names and other sources stand for now.
    void publish(Resolved resolved) {
        watch.prepare(resolved.spec());
        Upstream upstream = upstreams.put(resolved.spec(), resolved.origins());
        watch.watch(upstream);
    }

    /// Follows a changed way of resolving names.
    void resolver(ResolverSpec spec) {
        discoveries.follow(spec);
    }

    /// Reads certificates again that probes trust.
    void readFiles() {
        watch.readFiles();
    }

    /// Drops an upstream that no plane has used yet.
    void drop(String upstream) {
        discoveries.forget(upstream);
        watch.forget(upstream);
        upstreams.remove(upstream);
    }

    /// A reload is about to lead to this config.
    void prepare(Config next) throws IOException {
        source.prepare(next);
    }

    /// Binds a new plane for the listener; it takes the place of the one that has the name, which is the caller's
    /// to drain.
    void start(ListenerSpec spec) throws IOException {
        Plane plane = source.plane(spec);
        try {
            plane.start();
        } catch (IOException failed) {
            throw refusal(spec, failed);
        }
        planes.put(spec.name(), plane);
        metrics.counter(Metric.DRAIN_CUT, spec.name());
        remembered.remove(spec.name());
    }

    /// Lets a plane accept on the addresses too that its listener has now.
    void widen(ListenerSpec spec) throws IOException {
        try {
            plane(spec.name()).widen(spec);
        } catch (IOException failed) {
            throw refusal(spec, failed);
        }
    }

    /// Throws when a plane could not follow its listener into another config. One that was lost has none.
    void check(ListenerSpec spec, Map<String, UpstreamSpec> upstreams) throws IOException {
        Plane plane = planes.get(spec.name());
        if (plane == null) {
            return;
        }
        try {
            plane.check(spec, upstreams);
        } catch (IOException failed) {
            throw refusal(spec, failed);
        }
    }

    private static IOException refusal(ListenerSpec spec, IOException failed) {
        Throwable reason = failed.getCause() == null ? failed : failed.getCause();
        String where = failed instanceof AddressTaken taken ? taken.address().toString() : spec.place();
        return new IOException(
                "listener " + spec.name() + " cannot have " + where + ": " + reason.getMessage(), failed);
    }

    /// Takes the plane out without a word to it.
    Plane take(String listener) {
        Plane plane = plane(listener);
        planes.remove(listener);
        return plane;
    }

    /// Puts a plane back that [#take] took.
    void putBack(Plane plane) {
        planes.put(plane.spec().name(), plane);
    }

    /// Lets a plane that was taken out come to its end, and cuts it after the drain timeout.
    void leave(Plane plane) {
        plane.drain();
        awaitEnd(plane);
    }

    private void awaitEnd(Plane plane) {
        Duration timeout = config.drainTimeout();
        leaving.add(new Leaving(plane, System.nanoTime() + timeout.toNanos()));
        sweepSoon();
    }

    /// Lets everything come to its end, for the process does.
    void leaveAll() {
        for (String listener : List.copyOf(planes.keySet())) {
            Plane plane = take(listener);
            plane.leave();
            awaitEnd(plane);
        }
    }

    boolean isEmpty() {
        return planes.isEmpty() && leaving.isEmpty();
    }

    /// Connections that a drain still waits for.
    int leavingOpen() {
        return leaving.stream().mapToInt(gone -> gone.plane.open()).sum();
    }

    /// Cuts what leaves, without waiting any longer.
    void cut() {
        List.copyOf(leaving).forEach(this::end);
        removeUnused();
    }

    /// Forgets what has left: planes that are empty or over time, then upstreams that nothing names any more.
    private void sweep() {
        sweeping = false;
        long now = System.nanoTime();
        for (Leaving gone : List.copyOf(leaving)) {
            if (gone.plane.open() == 0 || now - gone.deadlineNanos >= 0) {
                end(gone);
            }
        }
        removeUnused();
        sweepSoon();
    }

    private void sweepSoon() {
        if (!leaving.isEmpty() && !sweeping) {
            sweeping = true;
            control.schedule(this::sweep, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /// Whoever sees that it has left finds it counted.
    private void end(Leaving gone) {
        try {
            close(gone);
        } finally {
            leaving.remove(gone);
        }
    }

    private void close(Leaving gone) {
        String listener = gone.plane.spec().name();
        int cut = gone.plane.close();
        Counter cuts = metrics.counter(Metric.DRAIN_CUT, listener);
        cuts.add(cut);
        if (cut > 0) {
            LOG.atWarn()
                    .addKeyValue("listener", listener)
                    .addKeyValue("connections", cut)
                    .log("drain timeout: connections cut");
        }
        boolean isStillNamed = planes.containsKey(listener)
                || leaving.stream()
                        .anyMatch(other ->
                                !other.equals(gone) && other.plane.spec().name().equals(listener));
        if (!isStillNamed) {
            metrics.removeListener(listener);
            if (cuts.value() > 0) {
                // It tells of the listener's end: whoever reads it, reads it after that.
                metrics.counter(Metric.DRAIN_CUT, listener).add(cuts.value());
                remember(listener);
            }
        }
    }

    /// Names that are never given again would have their series for ever.
    private void remember(String listener) {
        remembered.add(listener);
        if (remembered.size() > REMEMBERED_MAX) {
            metrics.removeListener(remembered.removeFirst());
        }
    }

    /// A leaving plane may still pick from an upstream that the config has lost, so those go last.
    void removeUnused() {
        if (!leaving.isEmpty()) {
            return;
        }
        for (Upstream upstream : upstreams.all()) {
            if (!config.upstreams().containsKey(upstream.name())) {
                drop(upstream.name());
            }
        }
    }
}
