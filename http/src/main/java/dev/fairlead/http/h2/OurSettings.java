package dev.fairlead.http.h2;

import dev.fairlead.config.Http2Spec;
import dev.fairlead.config.HttpLimits;
import io.netty.handler.codec.http2.Http2Settings;

/// What a listener tells its clients of itself: RFC 9113 §6.5.2.
final class OurSettings {
    /// HPACK counts 32 bytes more for each field (RFC 7541 §4.1).
    private static final int FIELD_EXTRA = 32;
    /// SETTINGS_NO_RFC7540_PRIORITIES (RFC 9218 §2.1).
    private static final char NO_OLD_PRIORITIES = 9;

    private OurSettings() {}

    static Http2Settings of(Http2Spec spec, HttpLimits limits, boolean mayTunnel) {
        var settings = new Http2Settings()
                .maxConcurrentStreams(spec.streams())
                .initialWindowSize(spec.window())
                .maxHeaderListSize(limits.headBytes() + (long) limits.fieldCount() * FIELD_EXTRA);
        if (mayTunnel) {
            settings.connectProtocolEnabled(true);
        }
        settings.put(NO_OLD_PRIORITIES, Long.valueOf(1));
        return settings;
    }
}
