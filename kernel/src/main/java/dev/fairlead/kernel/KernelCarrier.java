package dev.fairlead.kernel;

import dev.fairlead.config.ListenerSpec;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Plane;
import dev.fairlead.upstream.Upstreams;
import org.jspecify.annotations.Nullable;

/// A way to have Linux carry a listener's packets: NAT in the kernel, one connection between client and endpoint.
/// No carrier is built yet; the socket planes of `l4` serve every Layer 4 listener.
public interface KernelCarrier {
    /// The carrier's word in config, logs and metrics.
    String name();

    /// What this machine or process lacks to use the carrier, in a sentence for the log; null when nothing is
    /// missing.
    @Nullable
    String missing();

    /// A plane for the listener, not yet started. Only when nothing is [#missing].
    Plane plane(ListenerSpec spec, Upstreams upstreams, Metrics metrics);
}
