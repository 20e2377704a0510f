package dev.fairlead.http.forward;

/// How long to pause before a retry: exponential back-off with full jitter (Brooker, "Exponential Backoff And
/// Jitter", 2015).
final class Backoff {
    private Backoff() {}

    /// Evenly from 0 to `baseNanos` x 2^(retry - 1), but not above `maxNanos`. `retry`: from 1. `random`: any 64
    /// random bits.
    static long nanos(int retry, long baseNanos, long maxNanos, long random) {
        int doublings = Math.min(retry - 1, 62);
        boolean isCapped = baseNanos > maxNanos >> doublings;
        long longest = isCapped ? maxNanos : baseNanos << doublings;
        return Long.remainderUnsigned(random, longest + 1);
    }
}
