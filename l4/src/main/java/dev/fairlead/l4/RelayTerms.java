package dev.fairlead.l4;

import dev.fairlead.metrics.Counter;

/// What a relay is held to. `beganNanos` is when the flow began; a lifetime of 0 has no end. `bytesIn` counts what
/// goes upstream, `bytesOut` what comes back, `spliced` those of both that were not copied.
public record RelayTerms(
        long beganNanos,
        long idleNanos,
        long finNanos,
        long lifetimeNanos,
        Counter bytesIn,
        Counter bytesOut,
        Counter spliced) {}
