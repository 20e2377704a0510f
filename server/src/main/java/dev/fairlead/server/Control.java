package dev.fairlead.server;

import dev.fairlead.admin.EndpointOrder;
import dev.fairlead.admin.ListenerOrder;
import dev.fairlead.admin.Operations;
import dev.fairlead.admin.PurgeOrder;
import dev.fairlead.admin.RequestQuestion;
import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigFile;
import dev.fairlead.config.Problem;
import dev.fairlead.http.cache.Cache;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The operator's wishes, carried over to the control thread. Any thread.
final class Control implements Operations {
    private static final Logger LOG = LoggerFactory.getLogger(Control.class);

    private final ScheduledExecutorService control;
    private final Path file;
    private final Topology topology;
    private final Drain drain;
    private final Issuing issuing;
    private final Metrics metrics;
    private final Cache cache;
    private final EndpointDrains endpointDrains;

    private volatile boolean started;
    private volatile long loadedMillis;

    Control(
            ScheduledExecutorService control,
            Path file,
            Topology topology,
            Drain drain,
            Issuing issuing,
            Metrics metrics,
            Cache cache) {
        this.issuing = issuing;
        this.control = control;
        this.file = file;
        this.topology = topology;
        this.drain = drain;
        this.metrics = metrics;
        this.cache = cache;
        this.endpointDrains = new EndpointDrains(topology, control);
        this.loadedMillis = System.currentTimeMillis();
        metrics.gauge(Metric.CONFIG_LOADED_SECONDS, () -> loadedMillis / 1e3);
    }

    /// Every listener is bound, and signals are obeyed.
    void started() {
        started = true;
    }

    @Override
    public Config config() {
        return topology.config();
    }

    @Override
    public Upstreams upstreams() {
        return topology.upstreams();
    }

    @Override
    public Collection<Plane> planes() {
        return topology.planes();
    }

    @Override
    public Metrics metrics() {
        return metrics;
    }

    @Override
    public @Nullable String notReady() {
        if (drain.hasBegun()) {
            return "draining";
        }
        return started ? null : "starting";
    }

    @Override
    public Reloaded reload() {
        Reloaded reloaded;
        try {
            reloaded = control.submit(this::reloadHere).get();
        } catch (ExecutionException unexpected) {
            throw new IllegalStateException("reload", unexpected.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reloaded = new Reloaded.Failed("interrupted");
        }
        return reloaded;
    }

    @Override
    public EndpointOrder.Told tell(EndpointOrder order) {
        EndpointOrder.Told told;
        try {
            told = control.submit(() -> endpointDrains.follow(order)).get();
        } catch (ExecutionException unexpected) {
            throw new IllegalStateException("tell", unexpected.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        LOG.atInfo()
                .addKeyValue("upstream", order.upstream())
                .addKeyValue("endpoint", order.endpoint())
                .addKeyValue("wish", order.wish())
                .addKeyValue("done", told instanceof EndpointOrder.Told.Done)
                .log("an operator said something of an endpoint");
        return told;
    }

    @Override
    public ListenerOrder.Told tell(ListenerOrder order) {
        ListenerOrder.Told told;
        try {
            told = control.submit(() -> follow(order)).get();
        } catch (ExecutionException unexpected) {
            throw new IllegalStateException("tell", unexpected.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        LOG.atInfo()
                .addKeyValue("listener", order.listener())
                .addKeyValue("wish", order.wish())
                .addKeyValue("told", told)
                .log("an operator said something of a listener");
        return told;
    }

    private ListenerOrder.Told follow(ListenerOrder order) {
        String listener = order.listener();
        if (!topology.config().listeners().containsKey(listener)) {
            return new ListenerOrder.Told.Unknown("no listener " + listener + "; there are "
                    + topology.config().listeners().keySet());
        }
        if (drain.hasBegun()) {
            return new ListenerOrder.Told.Failed("draining");
        }
        boolean isDrained = topology.isDrained(listener);
        try {
            switch (order.wish()) {
                case DRAIN -> {
                    if (!isDrained) {
                        topology.drain(listener);
                    }
                }
                case AUTO -> {
                    if (isDrained) {
                        topology.open(listener);
                    }
                }
            }
        } catch (IOException taken) {
            return new ListenerOrder.Told.Failed(String.valueOf(taken.getMessage()));
        }
        return new ListenerOrder.Told.Done(topology.isDrained(listener) ? "draining" : "accepting");
    }

    @Override
    public Explained explain(RequestQuestion question) {
        return Explain.live(topology.planes(), question);
    }

    @Override
    public Map<String, Object> cache() {
        return Purging.census(cache);
    }

    @Override
    public PurgeOrder.Told purge(PurgeOrder order) {
        PurgeOrder.Told told = Purging.follow(order, cache, topology.planes());
        LOG.atInfo().addKeyValue("order", order).addKeyValue("told", told).log("an operator purged the cache");
        return told;
    }

    @Override
    public Collection<Departed> departed() {
        return topology.departed();
    }

    @Override
    public @Nullable Long drainDeadlineNanos(Endpoint endpoint) {
        return endpointDrains.deadlineNanos(endpoint);
    }

    @Override
    public void drain() {
        control.execute(drain::begin);
    }

    private Reloaded reloadHere() {
        Reloaded reloaded = follow();
        switch (reloaded) {
            case Reloaded.Done(var changes, var needRestart, var _) -> {
                loadedMillis = System.currentTimeMillis();
                issuing.follow(topology.config());
                LOG.atInfo()
                        .addKeyValue("changes", changes)
                        .addKeyValue("needs-restart", needRestart)
                        .log("config reloaded");
                count("done");
            }
            case Reloaded.Invalid(var problems) -> {
                problems.forEach(
                        problem -> LOG.atError().addKeyValue("problem", problem).log("config refused"));
                count("invalid");
            }
            case Reloaded.Failed(String reason) -> {
                LOG.atError().addKeyValue("reason", reason).log("reload undone: the old config keeps running");
                count("failed");
            }
        }
        return reloaded;
    }

    private Reloaded follow() {
        if (drain.hasBegun()) {
            return new Reloaded.Failed("draining");
        }
        Read read = read();
        return read.config == null
                ? new Reloaded.Invalid(read.problems)
                : new Reload(topology).to(read.config, read.problems);
    }

    /// The text and its tree, which are large, are let go of before anything is changed.
    private Read read() {
        ConfigFile.Reading reading = ConfigFile.read(file, System.getenv());
        return new Read(reading.config(), reading.problems());
    }

    private record Read(@Nullable Config config, List<Problem> problems) {}

    private void count(String result) {
        metrics.counter(Metric.CONFIG_RELOADS, result).increment();
    }
}
