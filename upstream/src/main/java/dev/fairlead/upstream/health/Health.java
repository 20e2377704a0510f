package dev.fairlead.upstream.health;

/// What probes say of an endpoint.
public enum Health {
    /// Not probed, or not yet: it takes traffic.
    UNKNOWN,
    UP,
    DOWN
}
