package dev.fairlead.upstream;

/// What a balancer may know of the flow or exchange that it chooses for. Implemented by those themselves, so that a
/// pick makes no object.
public interface Choice {
    /// True for an endpoint on which an attempt of this flow or exchange has already failed.
    boolean hasTried(Endpoint endpoint);
}
