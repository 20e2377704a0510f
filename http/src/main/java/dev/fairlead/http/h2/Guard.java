package dev.fairlead.http.h2;

import dev.fairlead.http.codec.Allowance;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// What one client's connection may do that costs it little and us more, each at a rate that no honest client comes
/// near. Who does it more often is told ENHANCE_YOUR_CALM and loses the connection. One loop.
final class Guard {
    /// What is guarded, how often at once, and how often a second.
    enum Kind {
        /// A stream that the client takes back, or makes us reset, before its answer is whole (CVE-2023-44487,
        /// CVE-2025-8671). Who leaves a page takes back what it asked for, a hundred streams at once.
        RESET(200, 20),
        /// DATA without data that ends nothing (CVE-2019-9518).
        EMPTY_DATA(100, 10),
        /// Each is acknowledged (CVE-2019-9512). gRPC measures its path by them.
        PING(1000, 200),
        /// Each is acknowledged, and may change every stream's window (CVE-2019-9515).
        SETTINGS(100, 10),
        /// Without meaning since RFC 9113 (CVE-2019-9513).
        PRIORITY(1000, 100),
        /// One that opens a window by little (CVE-2019-9511): frames of a few bytes are all that can be sent for it.
        WINDOW_UPDATE(2000, 1000),
        /// Of a type that nobody knows, or of use between servers only.
        UNKNOWN(1000, 100),
        /// A head in too many pieces (CVE-2024-27316).
        HEAD(0, 0);

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

    private final H2Metrics metrics;
    private final Map<Kind, Allowance> left = new EnumMap<>(Kind.class);
    private boolean tripped;

    Guard(H2Metrics metrics, long nowNanos) {
        this.metrics = metrics;
        for (Kind kind : Kind.values()) {
            left.put(kind, new Allowance(kind.burst, kind.perSecond, nowNanos));
        }
    }

    /// The client has done it once more.
    void spend(Kind kind) throws Http2Exception {
        if (!of(kind).spend()) {
            trip(kind);
            throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, kind.label);
        }
    }

    /// An exchange went its whole way: that is worth one that does not.
    void earnReset() {
        of(Kind.RESET).earn();
    }

    private Allowance of(Kind kind) {
        return Objects.requireNonNull(left.get(kind));
    }

    /// Counts what is found by whoever reads the frames; once a connection.
    void trip(Kind kind) {
        if (!tripped) {
            tripped = true;
            metrics.tripped(kind);
        }
    }
}
