package dev.fairlead.net.resolve;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// For how long DNS has said of one name that there is nothing. A mistake in a zone is such an answer too, so what
/// was known of the name is kept for a while. Lookups that fail say nothing, and neither begin nor end it. One
/// question after the other, as its owner asks.
final class Absence {
    private static final Logger LOG = LoggerFactory.getLogger(Absence.class);

    private final String name;
    private final LongSupplier nanoClock;
    private boolean isAbsent;
    private boolean isOver;
    private long sinceNanos;

    Absence(String name, LongSupplier nanoClock) {
        this.name = name;
        this.nanoClock = nanoClock;
    }

    /// DNS says that there is nothing, once more. True when that has gone on for `keep`; zero is for ever.
    boolean on(Duration keep) {
        long now = nanoClock.getAsLong();
        if (!isAbsent) {
            isAbsent = true;
            sinceNanos = now;
        }
        boolean isOverNow = !keep.isZero() && now - sinceNanos >= keep.toNanos();
        if (isOverNow && !isOver) {
            LOG.atWarn()
                    .addKeyValue("name", name)
                    .addKeyValue("kept", keep)
                    .log("DNS has said for too long that the name is not there: its endpoints go");
        }
        isOver = isOverNow;
        return isOver;
    }

    /// DNS knows the name.
    void end() {
        isAbsent = false;
        isOver = false;
    }
}
