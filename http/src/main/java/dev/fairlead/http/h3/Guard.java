package dev.fairlead.http.h3;

import dev.fairlead.http.codec.Allowance;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// What one client's connection may do that costs it little and us more, each at a rate that no honest client
/// comes near. Who does it more often is told H3_EXCESSIVE_LOAD and loses the connection. What happens below
/// streams (acknowledgements, pings, windows) QUIC bounds by itself. One loop.
final class Guard {
    /// What is guarded, how often at once, and how often a second.
    enum Kind {
        /// A stream that the client takes back, or makes us reset, before its answer is whole (CVE-2023-44487).
        /// Who leaves a page takes back what it asked for, a hundred streams at once.
        RESET(200, 20),
        /// DATA without data.
        EMPTY_DATA(100, 10),
        /// On the control stream: of use once, or never.
        CONTROL(100, 10),
        /// PRIORITY_UPDATE (RFC 9218 §7.2). A browser sends one for each of a page's requests, and again when it sees
        /// what is on the screen.
        PRIORITY(1000, 100),
        /// Of a type that is reserved for being ignored (RFC 9114 §7.2.8).
        UNKNOWN(1000, 100);

        private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');
        private final int burst;
        private final int perSecond;

        Kind(int burst, int perSecond) {
            this.burst = burst;
            this.perSecond = perSecond;
        }

        String label() {
            return label;
        }
    }

    private final Map<Kind, Allowance> left = new EnumMap<>(Kind.class);
    private final H3Metrics metrics;
    private boolean tripped;

    Guard(H3Metrics metrics, long nowNanos) {
        this.metrics = metrics;
        for (Kind kind : Kind.values()) {
            left.put(kind, new Allowance(kind.burst, kind.perSecond, nowNanos));
        }
    }

    /// The client has done it once more. False: that was too often.
    boolean spend(Kind kind) {
        if (of(kind).spend()) {
            return true;
        }
        if (!tripped) {
            tripped = true;
            metrics.tripped(kind);
        }
        return false;
    }

    /// An exchange went its whole way: that is worth one that does not.
    void earnReset() {
        of(Kind.RESET).earn();
    }

    private Allowance of(Kind kind) {
        return Objects.requireNonNull(left.get(kind));
    }
}
