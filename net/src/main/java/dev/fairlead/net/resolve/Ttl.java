package dev.fairlead.net.resolve;

import dev.fairlead.config.ResolverSpec;
import java.time.Duration;

/// How long answers of DNS are used. Pure.
final class Ttl {
    private static final long SECONDS_MAX = 1_000_000_000;

    private Ttl() {}

    /// The TTL of the records, within `ttl-min` and `ttl-max`.
    static Duration bounded(long seconds, ResolverSpec spec) {
        Duration said = Duration.ofSeconds(Math.clamp(seconds, 0, SECONDS_MAX));
        Duration least = said.compareTo(spec.ttlMin()) < 0 ? spec.ttlMin() : said;
        return least.compareTo(spec.ttlMax()) > 0 ? spec.ttlMax() : least;
    }

    /// As above; sooner when a part of the answer is missing.
    static Duration again(long seconds, boolean isWhole, ResolverSpec spec) {
        Duration bounded = bounded(seconds, spec);
        return isWhole || bounded.compareTo(spec.retry()) < 0 ? bounded : spec.retry();
    }
}
