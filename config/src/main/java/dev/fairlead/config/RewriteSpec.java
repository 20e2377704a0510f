package dev.fairlead.config;

import org.jspecify.annotations.Nullable;

/// Changes a request on its way to the upstream. What is not given stays.
public record RewriteSpec(
        @Key(
                value = "The whole path; the query stays. Not together with `prefix`.",
                optional = true,
                form = Form.PATH,
                example = "/index.html")
        @Nullable
        String path,

        @Key(
                value =
                        "Takes the place of the `path-prefix` of `match`; the rest of the path stays. `/` takes it away.",
                optional = true,
                form = Form.PATH,
                example = "/v2")
        @Nullable
        String prefix,

        @Key(
                value = "The `Host`, perhaps with a port. `X-Forwarded-Host` still says what the client asked for.",
                optional = true,
                form = Form.HOST,
                example = "app.internal:8080")
        @Nullable
        String host,

        @Key(
                value = "Whether `Host` is the endpoint's address as this config has it. Not together with `host`.",
                absent = "false")
        boolean endpointHost,

        @Key(value = "Whether the query goes along.", absent = "true")
        boolean keepQuery) {}
