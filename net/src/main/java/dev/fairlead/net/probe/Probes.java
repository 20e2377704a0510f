package dev.fairlead.net.probe;

import dev.fairlead.config.ProbeSpec;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.health.Health;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Active health checks of all upstreams. The probes themselves run on the loops; what they say is judged on the
/// control thread, which also calls every method here.
public final class Probes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Probes.class);

    private final Loops loops;
    private final Metrics metrics;
    private final Executor control;
    private final Map<String, Map<Endpoint, Probing>> byUpstream = new HashMap<>();
    private int turn;

    /// `control` runs tasks one after the other on the control thread.
    public Probes(Loops loops, Metrics metrics, Executor control) {
        this.loops = loops;
        this.metrics = metrics;
        this.control = control;
    }

    /// Begins to probe the upstream's endpoints, or follows what has changed since the last call: endpoints that
    /// stay keep what is known of them. An upstream without a probe has endpoints of unknown health.
    public void watch(Upstream upstream) {
        ProbeSpec spec = upstream.spec().probe();
        if (spec == null) {
            forget(upstream.name());
            for (Endpoint endpoint : upstream.endpoints()) {
                if (endpoint.health() != Health.UNKNOWN) {
                    upstream.health(endpoint, Health.UNKNOWN);
                }
            }
            return;
        }
        Map<Endpoint, Probing> probed = byUpstream.computeIfAbsent(upstream.name(), _ -> new HashMap<>());
        stopAllBut(upstream.endpoints(), spec, probed);
        for (Endpoint endpoint : upstream.endpoints()) {
            probed.computeIfAbsent(endpoint, _ -> begin(upstream, endpoint, spec));
        }
    }

    private static void stopAllBut(List<Endpoint> staying, ProbeSpec spec, Map<Endpoint, Probing> probed) {
        Iterator<Probing> each = probed.values().iterator();
        while (each.hasNext()) {
            Probing probing = each.next();
            if (!staying.contains(probing.endpoint()) || !probing.spec().equals(spec)) {
                probing.stop();
                each.remove();
            }
        }
    }

    private Probing begin(Upstream upstream, Endpoint endpoint, ProbeSpec spec) {
        Loop loop = loops.all().get(turn++ % loops.count());
        var probing = new Probing(
                loop, endpoint, spec, metrics, (who, result) -> control.execute(() -> onResult(upstream, who, result)));
        probing.start();
        return probing;
    }

    private static void onResult(Upstream upstream, Probing probing, ProbeResult result) {
        if (probing.isStopped()) {
            return;
        }
        Health before = probing.tracker().health();
        Health after = probing.tracker().on(result.isGood());
        if (after == before) {
            return;
        }
        upstream.health(probing.endpoint(), after);
        (after == Health.DOWN ? LOG.atWarn() : LOG.atInfo())
                .addKeyValue("upstream", upstream.name())
                .addKeyValue("endpoint", probing.endpoint().name())
                .addKeyValue("reason", result.reason())
                .log(after == Health.DOWN ? "endpoint is down" : "endpoint is up");
    }

    /// Ends the probing of an upstream. The health of its endpoints stays as it is.
    public void forget(String upstream) {
        Map<Endpoint, Probing> probed = byUpstream.remove(upstream);
        if (probed != null) {
            probed.values().forEach(Probing::stop);
        }
    }

    @Override
    public void close() {
        new ArrayList<>(byUpstream.keySet()).forEach(this::forget);
    }
}
