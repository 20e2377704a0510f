package dev.fairlead.net.probe;

import dev.fairlead.config.ProbeSpec;
import dev.fairlead.config.ProxyProtocolOutSpec;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.health.Health;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Active health checks of all upstreams. The probes themselves run on the loops; what they say is judged on the
/// control thread, which also calls every method here.
public final class Probes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Probes.class);

    private final Loops loops;
    private final Metrics metrics;
    private final Executor control;
    private final Map<String, Watched> byUpstream = new HashMap<>();
    private int turn;

    /// An upstream that is probed.
    private record Watched(
            ProbeSpec spec,
            @Nullable ProxyProtocolOutSpec introduction,
            Question question,
            Map<Endpoint, Probing> probings) {}

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
        Watched watched = spec == null
                ? null
                : watched(upstream.name(), spec, upstream.spec().proxyProtocol());
        if (watched == null) {
            forget(upstream.name());
            for (Endpoint endpoint : upstream.endpoints()) {
                if (endpoint.health() != Health.UNKNOWN) {
                    upstream.health(endpoint, Health.UNKNOWN);
                }
            }
            return;
        }
        stopAllBut(Set.copyOf(upstream.endpoints()), watched.probings);
        for (Endpoint endpoint : upstream.endpoints()) {
            watched.probings.computeIfAbsent(endpoint, _ -> begin(upstream, endpoint, watched));
        }
    }

    /// What is watched already if the spec is the same; null when the probe cannot be made. That says nothing of
    /// the endpoints, so their traffic goes on.
    private @Nullable Watched watched(String upstream, ProbeSpec spec, @Nullable ProxyProtocolOutSpec introduction) {
        Watched before = byUpstream.get(upstream);
        if (before != null && before.spec.equals(spec) && Objects.equals(before.introduction, introduction)) {
            return before;
        }
        forget(upstream);
        try {
            Watched watched = new Watched(spec, introduction, Question.of(spec), new HashMap<>());
            byUpstream.put(upstream, watched);
            return watched;
        } catch (IOException noCertificates) {
            LOG.atError()
                    .addKeyValue("upstream", upstream)
                    .addKeyValue("reason", noCertificates.getMessage())
                    .log("the upstream is not probed: its certificates cannot be read");
            return null;
        }
    }

    /// Reads the files of the probes again: certificates are renewed under the same name. Where they cannot be used
    /// the probe goes on with those that it has.
    public void readFiles() {
        byUpstream.replaceAll((upstream, watched) -> {
            try {
                Watched again =
                        new Watched(watched.spec, watched.introduction, Question.of(watched.spec), watched.probings);
                again.probings.values().forEach(probing -> probing.ask(again.question));
                return again;
            } catch (IOException unreadable) {
                LOG.atError()
                        .addKeyValue("upstream", upstream)
                        .addKeyValue("reason", unreadable.getMessage())
                        .log("the probe's certificates cannot be read: it goes on with those it has");
                return watched;
            }
        });
    }

    private static void stopAllBut(Set<Endpoint> staying, Map<Endpoint, Probing> probings) {
        Iterator<Probing> each = probings.values().iterator();
        while (each.hasNext()) {
            Probing probing = each.next();
            if (!staying.contains(probing.endpoint())) {
                probing.stop();
                each.remove();
            }
        }
    }

    private Probing begin(Upstream upstream, Endpoint endpoint, Watched watched) {
        Loop loop = loops.all().get(turn++ % loops.count());
        var probing = new Probing(
                loop,
                endpoint,
                watched.spec,
                watched.introduction,
                watched.question,
                metrics,
                (who, result) -> control.execute(() -> onResult(upstream, who, result)));
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
        probing.onFlip(after);
        (after == Health.DOWN ? LOG.atWarn() : LOG.atInfo())
                .addKeyValue("upstream", upstream.name())
                .addKeyValue("endpoint", probing.endpoint().name())
                .addKeyValue("reason", result.reason())
                .log(after == Health.DOWN ? "endpoint is down" : "endpoint is up");
    }

    /// Ends the probing of an upstream. The health of its endpoints stays as it is.
    public void forget(String upstream) {
        Watched watched = byUpstream.remove(upstream);
        if (watched != null) {
            watched.probings.values().forEach(Probing::stop);
        }
    }

    @Override
    public void close() {
        new ArrayList<>(byUpstream.keySet()).forEach(this::forget);
    }
}
