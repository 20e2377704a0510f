package dev.fairlead.upstream.balance;

import java.util.concurrent.atomic.AtomicLong;

/// Random numbers for several threads: a counter, mixed (SplitMix64). The same seed gives the same numbers, in
/// whatever order threads take them.
public final class Draws {
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    private final long seed;
    private final AtomicLong turn = new AtomicLong();

    public Draws(long seed) {
        this.seed = Hash.mix(seed);
    }

    public long next() {
        return Hash.mix(seed + turn.getAndIncrement() * GOLDEN_GAMMA);
    }
}
