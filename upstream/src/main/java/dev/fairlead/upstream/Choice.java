package dev.fairlead.upstream;

import org.jspecify.annotations.Nullable;

/// What a balancer may know of the flow or exchange that it chooses for. Implemented by those themselves, so that a
/// pick makes no object.
public interface Choice {
    /// What [#hash] returns for a key that is not there.
    long NO_KEY = 0;

    /// True for an endpoint on which an attempt of this flow or exchange has already failed.
    boolean hasTried(Endpoint endpoint);

    /// True when one of the endpoints that [#hasTried] tells of was only full: then none that is left is no fault.
    default boolean hasFoundFull() {
        return false;
    }

    /// The key's value by [dev.fairlead.upstream.balance.Hash], or [#NO_KEY] when this flow or exchange has none:
    /// then the source address is asked for, and when that is missing too, chance decides.
    default long hash(HashKey key) {
        return NO_KEY;
    }

    /// Whether the client's port is known, and not only its address. It need not be before there is a connection.
    default boolean hasPort() {
        return false;
    }

    /// Why the endpoint was chosen that the pick returns.
    default void chosenFor(Why why) {}

    /// The endpoint that the client has brought a valid proof of (see `sticky`), or null.
    default @Nullable Endpoint stuckTo() {
        return null;
    }
}
