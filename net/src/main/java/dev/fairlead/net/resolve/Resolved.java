package dev.fairlead.net.resolve;

import dev.fairlead.config.EndpointAddress;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.upstream.Origin;
import java.util.Map;

/// An upstream with all its endpoints, none with a name, and for those that do not stand in the config themselves
/// the source that named them.
public record Resolved(UpstreamSpec spec, Map<EndpointAddress, Origin> origins) {
    public Resolved {
        origins = Map.copyOf(origins);
    }
}
