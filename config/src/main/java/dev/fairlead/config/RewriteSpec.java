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
                value =
                        "Whether `Host` is the endpoint's: the DNS name that it was found by, with its port where that is neither 80 nor 443, or else its address. Not together with `host`.",
                absent = "false")
        boolean endpointHost,

        @Key(value = "Whether the query goes along.", absent = "true")
        boolean keepQuery,

        @Key(
                value =
                        "The whole path, made of parts of the one that was asked for: `{id}` is what the variable `id` of the `path-template` of `match` took, `{1}` or `{id}` a group of its `path-regex`, or of `regex`. Not together with `path` or `prefix`.",
                optional = true,
                form = Form.PATH_PATTERN,
                example = "\"/v2/people/{id}\"")
        @Nullable
        String template,

        @Key(
                value =
                        "A regular expression (RE2) for the whole path whose groups `template` takes; a path that it does not fit stays. Absent: `match` has the variables.",
                optional = true,
                form = Form.REGEX,
                example = "/user-([0-9]+)(/.*)?")
        @Nullable
        String regex,

        @Key("Changes the parameters of the query, after `keep-query`.")
        QueryChangeSpec query) {}
