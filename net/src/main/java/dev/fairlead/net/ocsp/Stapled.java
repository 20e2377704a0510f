package dev.fairlead.net.ocsp;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// One certificate, and what its authority's responder last said of it. Handshakes read it; whoever looks decides when
/// the responder is asked again.
public final class Stapled {
    /// Whoever has asked too early, or whom nobody answered.
    private static final long PAUSE_NANOS_MIN = Duration.ofMinutes(1).toNanos();
    private static final long PAUSE_NANOS_MAX = Duration.ofHours(1).toNanos();
    /// However long an answer is good: a certificate may be revoked today.
    private static final long LIFE_NANOS_MAX = Duration.ofHours(12).toNanos();

    private final String name;
    private final OcspQuestion question;

    // under this
    private boolean asking;
    private boolean wasAsked;
    private long dueNanos;
    private int failures;
    private Instant believed = Instant.MIN;

    // any thread
    private volatile @Nullable OcspResponse kept;

    /// `name` is that of the certificate's file.
    Stapled(String name, OcspQuestion question) {
        this.name = name;
        this.question = question;
    }

    String name() {
        return name;
    }

    OcspQuestion question() {
        return question;
    }

    /// What a client is given; null: nothing that is good now. Do not write to it.
    public byte @Nullable [] response() {
        OcspResponse now = kept;
        return now == null || now.nextUpdate().toEpochMilli() <= System.currentTimeMillis() ? null : now.bytes();
    }

    /// In seconds since 1970; 0: nothing is stapled.
    double expirySeconds() {
        OcspResponse now = kept;
        return now == null ? 0 : now.nextUpdate().toEpochMilli() / 1e3;
    }

    /// Whether the responder is to be asked; it is then taken to be.
    synchronized boolean ask(long nowNanos) {
        if (asking || wasAsked && nowNanos - dueNanos < 0) {
            return false;
        }
        asking = true;
        wasAsked = true;
        return true;
    }

    /// Asked at `askedNanos`, the responder said that the certificate is good. Asked again when between a third and two
    /// thirds of what is left are over: not with everybody else, and in time for many another try. False: something
    /// later was said before, so this is not believed, and nothing is changed.
    synchronized boolean good(OcspResponse said, long askedNanos) {
        if (!believes(said.thisUpdate())) {
            return false;
        }
        kept = said;
        asking = false;
        failures = 0;
        long leftNanos = Math.min(
                Math.max(0, Duration.between(Instant.now(), said.nextUpdate()).toNanos()), LIFE_NANOS_MAX);
        dueNanos = askedNanos + Math.max(PAUSE_NANOS_MIN, part(leftNanos));
        return true;
    }

    /// An old answer is as well signed as a new one, and until it runs out anybody on the way to the responder can give
    /// it again, in place of one that says that the certificate is revoked.
    private boolean believes(Instant thisUpdate) {
        if (thisUpdate.isBefore(believed)) {
            return false;
        }
        believed = thisUpdate;
        return true;
    }

    /// Nothing was said that can be used. What was said before goes on being true.
    synchronized void failed(long askedNanos) {
        asking = false;
        long pause = Math.min(PAUSE_NANOS_MIN << Math.min(failures, 10), PAUSE_NANOS_MAX);
        failures++;
        dueNanos = askedNanos + pause + part(pause);
    }

    /// At `thisUpdate` the certificate was revoked. False: as above.
    synchronized boolean revoked(Instant thisUpdate, long askedNanos) {
        if (!believes(thisUpdate)) {
            return false;
        }
        kept = null;
        failed(askedNanos);
        return true;
    }

    private static long part(long nanos) {
        return nanos / 3 + ThreadLocalRandom.current().nextLong(nanos / 3 + 1);
    }
}
