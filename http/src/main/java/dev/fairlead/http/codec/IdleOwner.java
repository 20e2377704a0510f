package dev.fairlead.http.codec;

import dev.fairlead.config.PoolSpec;

/// Who keeps connections to endpoints while they are idle. Their loop only.
public interface IdleOwner {
    /// The connection is closed, or no longer fit to be used: forget it.
    void onLost(UpstreamConnection connection);

    /// Nothing is under way on it: keep it on these terms, or close it.
    void onFree(UpstreamConnection connection, PoolSpec terms, long nowNanos);
}
