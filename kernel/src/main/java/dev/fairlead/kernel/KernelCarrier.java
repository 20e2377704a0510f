package dev.fairlead.kernel;

import dev.fairlead.config.KernelFit;
import dev.fairlead.config.KernelSpec;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Lets Linux carry listeners of Layer 4. The control thread.
public final class KernelCarrier implements AutoCloseable {
    private final KernelSpec spec;
    private final Metrics metrics;
    private final EndedFlow.@Nullable Journal journal;
    private @Nullable Engine engine;
    private @Nullable Sweeper sweeper;
    private boolean hasStarted;

    /// `journal`: where flows are recorded that are over; null, and nobody asks for that.
    public KernelCarrier(KernelSpec spec, Metrics metrics, EndedFlow.@Nullable Journal journal) {
        this.spec = spec;
        this.metrics = metrics;
        this.journal = journal;
    }

    /// Why this listener cannot be carried here, in words for the log; null when it can. Tries it: after a good
    /// answer the program is there.
    public @Nullable String missing(ListenerSpec listener, Map<String, UpstreamSpec> upstreams) {
        List<KernelFit.Hindrance> hindrances = KernelFit.of(listener, upstreams);
        if (!hindrances.isEmpty()) {
            return hindrances.getFirst().path() + ": " + hindrances.getFirst().reason();
        }
        try {
            engine(Terms.of(listener).family());
            return null;
        } catch (IOException failed) {
            return failed.getMessage();
        }
    }

    /// A plane for the listener, not yet started.
    public Plane plane(ListenerSpec listener, Upstreams upstreams) {
        return new KernelPlane(listener, this, upstreams, metrics);
    }

    /// The program, which is loaded when it was not yet.
    Engine engine(Family family) throws IOException {
        Engine running = engine;
        if (running == null) {
            if (!System.getProperty("os.name").equals("Linux")) {
                throw new IOException("this is not Linux");
            }
            String closed = Interfaces.noForwarding(Interfaces.of(spec.interfaces()), family);
            if (closed != null) {
                throw new IOException(closed);
            }
            running = Engine.start(spec, family);
            engine = running;
            sweeper = new Sweeper(metrics.histogram(Metric.KERNEL_SWEEP_SECONDS));
        } else {
            String closed = Interfaces.noForwarding(running.interfaces(), family);
            if (closed != null) {
                throw new IOException(closed);
            }
            running.need(family);
        }
        return running;
    }

    EndedFlow.@Nullable Journal journal() {
        return journal;
    }

    Sweeper sweeper() {
        Sweeper running = sweeper;
        if (running == null) {
            throw new IllegalStateException("no listener has started");
        }
        return running;
    }

    /// Every listener of the config has started: what an earlier process has left and none of them has claimed goes.
    public void started() throws IOException {
        hasStarted = true;
        if (engine != null) {
            engine.leaveUnclaimed();
        }
    }

    /// Whether Linux goes on when the process ends: because it shall, or because a start that failed is no reason to
    /// cut what an earlier process has left.
    boolean outlives() {
        Engine running = engine;
        return running != null
                && running.isPinned()
                && (hasStarted ? spec.onExit() == KernelSpec.OnExit.KEEP : running.hasFound());
    }

    /// Takes the program off the interfaces, unless Linux is to go on. All planes are closed.
    @Override
    public void close() {
        if (sweeper != null) {
            sweeper.close();
        }
        if (engine == null) {
            return;
        }
        if (outlives()) {
            engine.leave();
        } else {
            engine.close();
        }
    }
}
