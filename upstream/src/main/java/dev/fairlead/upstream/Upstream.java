package dev.fairlead.upstream;

import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.balance.Balancer;
import dev.fairlead.upstream.balance.RoundRobin;
import dev.fairlead.upstream.health.Health;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A named set of endpoints. Loops pick, the control thread changes what they pick from by publishing a new
/// snapshot.
public final class Upstream {
    private final String name;
    private final Metrics metrics;
    private final Counter noEndpoint;

    private volatile Snapshot snapshot;

    /// What one pick sees. `usable` are the endpoints that are not down; when all are down, all are usable: a wrong
    /// probe must not turn a working service off.
    private record Snapshot(UpstreamSpec spec, List<Endpoint> all, Endpoint[] usable, Balancer balancer) {}

    Upstream(UpstreamSpec spec, Metrics metrics) {
        this.name = spec.name();
        this.metrics = metrics;
        this.noEndpoint = metrics.counter(Metric.UPSTREAM_NO_ENDPOINT, name);
        this.snapshot = snapshotOf(spec, List.of());
    }

    public String name() {
        return name;
    }

    public UpstreamSpec spec() {
        return snapshot.spec;
    }

    public List<Endpoint> endpoints() {
        return snapshot.all;
    }

    /// The endpoint for the next attempt of `choice`, or null when none is left. Endpoints that refused a
    /// connection a moment ago are passed over while another one is there. Any thread; allocates nothing.
    public @Nullable Endpoint pick(Choice choice, long nowNanos) {
        Snapshot seen = snapshot;
        int first = seen.balancer.choose();
        if (first < 0) {
            noEndpoint.increment();
            return null;
        }
        Endpoint chosen = seen.usable[first];
        if (!choice.hasTried(chosen) && !chosen.isRefusing(nowNanos)) {
            return chosen;
        }
        Endpoint other = other(seen.usable, first, choice, nowNanos);
        if (other == null) {
            noEndpoint.increment();
        }
        return other;
    }

    private static @Nullable Endpoint other(Endpoint[] usable, int first, Choice choice, long nowNanos) {
        Endpoint refusing = null;
        for (int i = 0; i < usable.length; i++) {
            Endpoint endpoint = usable[(first + i) % usable.length];
            if (endpoint.spec().weight() == 0 || choice.hasTried(endpoint)) {
                continue;
            }
            if (!endpoint.isRefusing(nowNanos)) {
                return endpoint;
            }
            refusing = refusing == null ? endpoint : refusing;
        }
        return refusing;
    }

    /// Control thread. Endpoints whose address stays keep their health, counters and connections.
    void update(UpstreamSpec spec) {
        Snapshot before = snapshot;
        snapshot = snapshotOf(spec, before.all);
        for (Endpoint endpoint : before.all) {
            if (!snapshot.all.contains(endpoint)) {
                endpoint.leave();
                metrics.removeEndpoint(name, endpoint.name());
            }
        }
    }

    /// Control thread: what the probes found.
    public void health(Endpoint endpoint, Health health) {
        endpoint.health(health);
        Snapshot before = snapshot;
        snapshot = snapshotOf(before.spec, before.all);
    }

    private Snapshot snapshotOf(UpstreamSpec spec, List<Endpoint> before) {
        List<Endpoint> all = new ArrayList<>();
        for (EndpointSpec wanted : spec.endpoints()) {
            Endpoint endpoint = find(before, wanted);
            if (endpoint == null) {
                endpoint = new Endpoint(name, wanted, metrics);
            } else {
                endpoint.update(wanted);
            }
            all.add(endpoint);
        }
        Endpoint[] usable = usable(all);
        return new Snapshot(spec, List.copyOf(all), usable, balancer(spec, usable));
    }

    private static @Nullable Endpoint find(List<Endpoint> endpoints, EndpointSpec spec) {
        for (Endpoint endpoint : endpoints) {
            if (endpoint.spec().address().equals(spec.address())) {
                return endpoint;
            }
        }
        return null;
    }

    private static Endpoint[] usable(List<Endpoint> all) {
        Endpoint[] up = all.stream()
                .filter(endpoint -> endpoint.health() != Health.DOWN)
                .toArray(Endpoint[]::new);
        return up.length > 0 ? up : all.toArray(Endpoint[]::new);
    }

    private static Balancer balancer(UpstreamSpec spec, Endpoint[] usable) {
        int[] weights = new int[usable.length];
        for (int i = 0; i < usable.length; i++) {
            weights[i] = usable[i].spec().weight();
        }
        return switch (spec.balancer()) {
            case ROUND_ROBIN -> new RoundRobin(weights, spec.name().hashCode());
        };
    }
}
