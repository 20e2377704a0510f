package dev.fairlead.config;

import org.jspecify.annotations.Nullable;

/// Which endpoints of an upstream are chosen among: those with one value of one label, named by the config or by
/// each request.
public record SubsetSpec(
        @Key(value = "The label of the endpoints that is looked at.", form = Form.NAME, example = "version")
        String label,

        @Key(
                value =
                        "The value that endpoints must have, for every flow and every request that names no other. Absent: only the `header` says.",
                optional = true,
                form = Form.NAME,
                example = "v2")
        @Nullable
        String value,

        @Key(
                value =
                        "The first value of this request field names the value that endpoints must have (HTTP only). A request without it, or with a value that no endpoint has, goes by `value`.",
                optional = true,
                form = Form.NAME,
                example = "X-Version")
        @Nullable
        String header,

        @Key(
                value =
                        "What happens where no endpoint has the value, or none is named. `any`: all endpoints are chosen among. `none`: there is no endpoint, which is a 503 or a reset. `any`, since a label that was forgotten should not stop a service; `none` where the wrong server is worse than none.",
                absent = "any")
        Fallback fallback) {
    /// Each value has balancers of its own, which take memory: as a Maglev table 128 KiB.
    public static final int VALUES_MAX = 256;

    public enum Fallback {
        ANY,
        NONE
    }
}
