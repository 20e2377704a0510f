package dev.fairlead.server;

import dev.fairlead.admin.AdminServer;
import dev.fairlead.admin.Operations.Reloaded;
import dev.fairlead.config.Config;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.config.ListenerSpec;
import dev.fairlead.config.TcpListenerSpec;
import dev.fairlead.config.UdpListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.http.Forwarders;
import dev.fairlead.http.HttpPlane;
import dev.fairlead.http.cache.Cache;
import dev.fairlead.kernel.NatCarrier;
import dev.fairlead.l4.TcpPlane;
import dev.fairlead.l4.udp.UdpPlane;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.Loops;
import dev.fairlead.net.probe.Probes;
import dev.fairlead.net.resolve.Discoveries;
import dev.fairlead.net.resolve.Resolved;
import dev.fairlead.net.tls.Issuer;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Collection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A whole Fairlead: the one page that knows every room, read in the order that traffic walks.
public final class Assembly implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Assembly.class);
    private static final long END_SECONDS = 5;
    /// How often upstreams eject outliers and raise those that start slowly.
    private static final long TICK_MILLIS = 1000;

    private final Metrics metrics = new Metrics();
    private final ScheduledExecutorService control;
    private final AccessLog accessLog;
    private final Loops loops;
    private final Forwarders forwarders;
    private final Cache cache;
    private final Issuer issuer;
    private final Issuing issuing;
    private final Upstreams upstreams;
    private final Probes probes;
    private final Discoveries discoveries;
    private final Carriers carriers;
    private final Topology topology;
    private final Drain drain;
    private final Control operations;
    private final AdminServer admin;
    private final AtomicBoolean looking = new AtomicBoolean();

    private Assembly(Path file, Config config) throws IOException {
        control = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("control").factory());
        accessLog = AccessLog.open(config.accessLog(), metrics);
        carriers = carriers(config);
        try {
            HeadStart.await();
            loops = new Loops(config.loops());
            forwarders = new Forwarders(loops);
            cache = new Cache(config.cacheStore(), metrics);
            issuer = new Issuer(loops, metrics);
            issuing = new Issuing(issuer, metrics);
            upstreams = new Upstreams(metrics, ThreadLocalRandom.current().nextLong());
            probes = new Probes(loops, metrics, control);
            discoveries = new Discoveries(config.resolver(), loops, metrics, control, this::publish);
            topology = new Topology(
                    config, new Planes(), new Probing(probes, forwarders), discoveries, upstreams, metrics, control);
            drain = new Drain(topology, control);
            operations = new Control(control, file, topology, drain, issuing, metrics, cache);
            try {
                admin = new AdminServer(config.admin(), operations);
            } catch (IOException taken) {
                end();
                throw new IOException(
                        "admin cannot have " + config.admin().address() + ": " + taken.getMessage(), taken);
            }
            metrics.gauge(Metric.PROCESS_START_SECONDS, () -> Start.ofProcess().toEpochMilli() / 1e3);
            metrics.gauge(Metric.BUFFER_BYTES, Loops::bufferBytes, "direct");
        } catch (RuntimeException | Error broken) {
            // It would outlive the process.
            carriers.close();
            throw broken;
        }
    }

    /// Before all else: what Linux has to do for a listener is done beside the rest.
    private Carriers carriers(Config config) {
        var made = new Carriers(
                config.kernel(),
                metrics,
                accessLog.isOn() ? new KernelJournal(accessLog, Loops.count(config.loops())) : null);
        made.expect(config.listeners().values(), config.upstreams());
        return made;
    }

    /// Binds every listener of the config, which came from `file`. When one cannot be bound, nothing is left.
    public static Assembly start(Path file, Config config) throws IOException {
        Assembly assembly = new Assembly(file, config);
        try {
            assembly.start(config);
        } catch (IOException | RuntimeException | Error failed) {
            assembly.close();
            throw failed;
        }
        return assembly;
    }

    private void start(Config config) throws IOException {
        upstreams.signingKeys(KeyFiles.read(config));
        discover(config);
        issuing.follow(config);
        for (ListenerSpec spec : config.listeners().values()) {
            topology.start(spec);
        }
        carriers.started();
        var bulletin = new Bulletin(upstreams);
        control.scheduleWithFixedDelay(() -> tick(bulletin), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        control.scheduleWithFixedDelay(this::look, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /// `/readyz` says so from now on. Signals are obeyed by then: who waits for it may send one at once.
    void ready() {
        operations.started();
    }

    /// Traffic is let in when it has somewhere to go: every name was asked for, and either answered or failed. A
    /// DNS server that keeps silent does not keep Fairlead from starting.
    private void discover(Config config) throws IOException {
        try {
            control.submit(() -> {
                        config.upstreams().values().forEach(topology::put);
                        return discoveries.answered();
                    })
                    .get()
                    .toCompletableFuture()
                    .get(config.resolver().timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException later) {
            LOG.warn("not every name of an endpoint has been answered for yet: starting without");
        } catch (ExecutionException broken) {
            throw new IllegalStateException("upstreams", broken.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while it looked for endpoints");
        }
    }

    private void publish(Resolved resolved) {
        topology.publish(resolved);
    }

    private void tick(Bulletin bulletin) {
        try {
            upstreams.tick(System.nanoTime());
            bulletin.look();
        } catch (RuntimeException | Error failed) {
            // The next one may go better, and must come.
            LOG.atError().setCause(failed).log("upstreams could not be looked after");
        }
    }

    /// Lets the planes look after their files. The control thread waits for no disk.
    private void look() {
        if (looking.compareAndSet(false, true)) {
            Thread.ofVirtual().start(() -> {
                try {
                    topology.planes().forEach(plane -> plane.look(System.nanoTime()));
                } finally {
                    looking.set(false);
                }
            });
        }
    }

    private final class Planes implements PlaneSource {
        @Override
        public Plane plane(ListenerSpec spec) {
            NatCarrier linux = carriers.of(spec, upstreams.specs());
            if (linux != null) {
                return linux.plane(spec, upstreams);
            }
            return switch (spec) {
                case TcpListenerSpec tcp -> new TcpPlane(tcp, loops, upstreams, metrics, accessLog);
                case UdpListenerSpec udp -> new UdpPlane(udp, loops, upstreams, metrics, accessLog);
                case HttpListenerSpec http ->
                    new HttpPlane(http, loops, forwarders, cache, issuer, upstreams, metrics, accessLog);
            };
        }

        @Override
        public void prepare(Config next) throws IOException {
            carriers.prepare(next.listeners().values(), next.upstreams());
        }
    }

    /// Where a listener accepts.
    public InetSocketAddress address(String listener) {
        return topology.plane(listener).boundAddress();
    }

    /// Where the admin API answers.
    public InetSocketAddress adminAddress() {
        return admin.boundAddress();
    }

    /// Reads the file again and follows it.
    public Reloaded reload() {
        return operations.reload();
    }

    /// Opens the access log's file again, after something has moved it away.
    public void reopenLogs() {
        accessLog.reopen();
    }

    /// Begins the drain; a second call ends it at once.
    public void drain() {
        operations.drain();
    }

    /// Waits for the end of a drain.
    public void awaitDrained() throws InterruptedException {
        drain.await();
    }

    /// Cuts everything that is still there.
    @Override
    public void close() {
        admin.close();
        end();
    }

    private void end() {
        issuing.close();
        control.execute(topology::leaveAll);
        control.execute(topology::cut);
        control.execute(forwarders::closeIdle);
        control.execute(discoveries::close);
        control.shutdown();
        try {
            control.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        carriers.close();
        probes.close();
        loops.close();
        cache.close();
        accessLog.close();
    }

    Config config() {
        return topology.config();
    }

    Collection<Plane> planes() {
        return topology.planes();
    }

    ScheduledExecutorService control() {
        return control;
    }

    private record Probing(Probes probes, Forwarders forwarders) implements Watch {
        @Override
        public void prepare(UpstreamSpec spec) {
            forwarders.prepare(spec);
        }

        @Override
        public void watch(Upstream upstream) {
            probes.watch(upstream);
        }

        @Override
        public void readFiles() {
            probes.readFiles();
            forwarders.readFiles();
        }

        @Override
        public void forget(String upstream) {
            probes.forget(upstream);
            forwarders.forget(upstream);
        }
    }
}
