package dev.fairlead.l4;

import dev.fairlead.metrics.BothWays;
import dev.fairlead.metrics.Counter;

/// What a relay is held to. `beganNanos` is when the flow began; a lifetime of 0 has no end. `bytes` counts for
/// the listener, `endpointBytes` for the endpoint, `spliced` those of both ways that were not copied.
public record RelayTerms(
        long beganNanos,
        long idleNanos,
        long finNanos,
        long lifetimeNanos,
        BothWays bytes,
        BothWays endpointBytes,
        Counter spliced) {}
