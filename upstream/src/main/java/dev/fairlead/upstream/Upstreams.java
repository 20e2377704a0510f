package dev.fairlead.upstream;

import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.metrics.Metrics;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// All upstreams of the process, by name. The control thread changes them; any thread may read.
public final class Upstreams {
    private final Metrics metrics;
    private final Map<String, Upstream> byName = new ConcurrentHashMap<>();

    public Upstreams(Metrics metrics) {
        this.metrics = metrics;
    }

    /// Never null: [dev.fairlead.config.ConfigFile] lets no config pass that names an upstream which is not there.
    public Upstream get(String name) {
        Upstream upstream = byName.get(name);
        if (upstream == null) {
            throw new IllegalArgumentException("no upstream " + name);
        }
        return upstream;
    }

    public Collection<Upstream> all() {
        return new LinkedHashMap<>(byName).sequencedValues();
    }

    /// Adds the upstream, or gives it a new spec in place. Control thread.
    public Upstream put(UpstreamSpec spec) {
        Upstream known = byName.get(spec.name());
        if (known == null) {
            known = new Upstream(spec, metrics);
            byName.put(spec.name(), known);
        } else {
            known.update(spec);
        }
        return known;
    }

    /// Removes the upstream, once no plane names it. Control thread.
    public void remove(String name) {
        Upstream gone = byName.remove(name);
        if (gone != null) {
            gone.endpoints().forEach(Endpoint::leave);
            metrics.removeUpstream(name);
        }
    }
}
