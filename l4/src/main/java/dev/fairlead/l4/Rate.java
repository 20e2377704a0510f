package dev.fairlead.l4;

/// How fast bytes move, for one who looks now and then: the rate since the look before, if that was not just now.
public final class Rate {
    /// Two looks that are closer than this see one rate.
    private static final long LOOK_NANOS = 200_000_000;

    private long lookedNanos;
    private long lookedBytes;
    private long bytesPerSecond;

    public Rate(long startNanos) {
        this.lookedNanos = startNanos;
    }

    /// Bytes a second. `bytes` are all so far.
    public long look(long bytes, long nowNanos) {
        long since = nowNanos - lookedNanos;
        if (since >= LOOK_NANOS) {
            bytesPerSecond = (bytes - lookedBytes) * 1_000_000 / (since / 1_000);
            lookedNanos = nowNanos;
            lookedBytes = bytes;
        }
        return bytesPerSecond;
    }
}
