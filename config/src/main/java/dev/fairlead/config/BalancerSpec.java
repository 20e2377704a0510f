package dev.fairlead.config;

/// The algorithm that chooses an endpoint.
public enum BalancerSpec {
    /// Each in turn, as often as its weight says, spread evenly (smooth).
    ROUND_ROBIN
}
