package dev.fairlead.http.exchange;

import org.jspecify.annotations.Nullable;

/// What answers requests: the plane, as the codec sees it.
public interface Service {
    /// What it calls itself now.
    Identity identity();

    /// A request is refused whose head could not be read. Its response is about to be given.
    void onRefused(Exchange exchange);

    /// A request's head is there. The answer may come at once, before this returns; null: it has, and is whole.
    @Nullable
    Upload begin(Exchange exchange);

    /// The exchange is over, well or not; its request's head is still what it was.
    void ended(Exchange exchange, long nowNanos);
}
