package dev.fairlead.config;

import org.jspecify.annotations.Nullable;

/// What a request must have for a route to take it. All that is given must hold.
public record MatchSpec(
        @Key(
                value = "The host without the port: exact, or `*.example.com` for every name below it.",
                example = "\"*.example.com\"",
                optional = true,
                form = Form.HOST_PATTERN)
        @Nullable
        String host,

        @Key(
                value = "The whole path, without the query. Not together with `path-prefix`.",
                example = "/healthz",
                optional = true,
                form = Form.PATH)
        @Nullable
        String path,

        @Key(
                value = "The path's beginning, by whole segments: `/api` takes `/api` and `/api/x`, not `/apis`.",
                example = "/api",
                optional = true,
                form = Form.PATH)
        @Nullable
        String pathPrefix) {
    /// `/api/` is the prefix `/api`, since both mean whole segments; and `/` is none.
    public MatchSpec {
        if (pathPrefix != null && pathPrefix.endsWith("/")) {
            String trimmed = pathPrefix.substring(0, pathPrefix.length() - 1);
            pathPrefix = trimmed.isEmpty() ? null : trimmed;
        }
    }
}
