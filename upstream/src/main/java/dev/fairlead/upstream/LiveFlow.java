package dev.fairlead.upstream;

import org.jspecify.annotations.Nullable;

/// What there is to say of a flow while it lasts. `endpoint`: as [dev.fairlead.config.EndpointAddress#place] says it;
/// it and `why` are null while the flow has none. `bytesPerSecond` is over the time since somebody last asked, in both
/// directions.
public record LiveFlow(
        String listener,
        String client,
        String upstream,
        @Nullable String endpoint,
        long ageNanos,
        long bytesIn,
        long bytesOut,
        long bytesPerSecond,
        @Nullable Why why) {
    public long bytes() {
        return bytesIn + bytesOut;
    }
}
