package dev.fairlead.http.cache;

import java.util.Locale;

/// What the cache did for a request.
enum Outcome {
    /// Answered from what is kept.
    HIT,
    /// Answered with what is stale, while it is asked for anew, or because asking failed.
    STALE,
    /// Answered from what is kept, after the endpoint said that it still holds.
    REVALIDATED,
    /// The endpoint was asked, and its answer is kept.
    MISS,
    /// Answered with what another request had asked for already.
    COLLAPSED,
    /// The endpoint was asked, and its answer is not kept.
    PASS;

    private final String word = name().toLowerCase(Locale.ROOT);

    /// For logs and metrics.
    String word() {
        return word;
    }
}
