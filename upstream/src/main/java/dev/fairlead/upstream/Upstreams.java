package dev.fairlead.upstream;

import dev.fairlead.config.EndpointAddress;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.sticky.SigningKeys;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// All upstreams of the process, by name. The control thread changes them; any thread may read.
public final class Upstreams {
    private final Metrics metrics;
    private final long seed;
    private final Map<String, Upstream> byName = new ConcurrentHashMap<>();
    private final Map<String, UpstreamSpec> specs = new ConcurrentHashMap<>();
    /// Of upstreams that name no file of keys. It lasts as long as the process, whatever is reloaded.
    private final SigningKeys ownKeys = SigningKeys.random();

    // control thread
    private Map<String, SigningKeys> keysOf = Map.of();

    public Upstreams(Metrics metrics) {
        this(metrics, 0);
    }

    /// Processes of one service that start together need different seeds, or they would all send their first picks
    /// to the same endpoints.
    public Upstreams(Metrics metrics, long seed) {
        this.metrics = metrics;
        this.seed = seed;
    }

    /// Never null: [dev.fairlead.config.ConfigFile] lets no config pass that names an upstream which is not there.
    public Upstream get(String name) {
        Upstream upstream = byName.get(name);
        if (upstream == null) {
            throw new IllegalArgumentException("no upstream " + name);
        }
        return upstream;
    }

    /// What they are by now, by name. A view.
    public Map<String, UpstreamSpec> specs() {
        return Collections.unmodifiableMap(specs);
    }

    public Collection<Upstream> all() {
        return new LinkedHashMap<>(byName).sequencedValues();
    }

    /// As below, of an upstream whose endpoints all stand in the config.
    public Upstream put(UpstreamSpec spec) {
        return put(spec, Map.of());
    }

    /// Adds the upstream, or gives it a new spec in place. `origins`: where the endpoints come from that do not stand
    /// in the config. Control thread.
    public Upstream put(UpstreamSpec spec, Map<EndpointAddress, Origin> origins) {
        Upstream known = byName.get(spec.name());
        if (known == null) {
            known = new Upstream(spec, origins, metrics, seed, keysOf.getOrDefault(spec.name(), ownKeys));
            byName.put(spec.name(), known);
        } else {
            known.update(spec, origins);
        }
        specs.put(spec.name(), spec);
        return known;
    }

    /// The keys of those upstreams, by name, that have their own; the others sign with a random key of the process.
    /// Returns what was there before. Control thread.
    public Map<String, SigningKeys> signingKeys(Map<String, SigningKeys> keys) {
        Map<String, SigningKeys> before = keysOf;
        keysOf = Map.copyOf(keys);
        byName.forEach((name, upstream) -> upstream.signingKeys(keysOf.getOrDefault(name, ownKeys)));
        return before;
    }

    /// Control thread, about once a second: see [Upstream#tick].
    public void tick(long nowNanos) {
        byName.values().forEach(upstream -> upstream.tick(nowNanos));
    }

    /// Removes the upstream, once no plane names it. Control thread.
    public void remove(String name) {
        specs.remove(name);
        Upstream gone = byName.remove(name);
        if (gone != null) {
            gone.endpoints().forEach(Endpoint::leave);
            metrics.removeUpstream(name);
        }
    }
}
