package dev.fairlead.config;

import org.jspecify.annotations.Nullable;

/// Sends clients elsewhere. What is not given stays as the client asked for it, the query included.
public record RedirectSpec(
        @Key(
                value = "301, 302, 303, 307 or 308. 307: nothing is remembered for good, and a POST stays one.",
                absent = "307",
                min = "301",
                max = "308")
        int status,

        @Key(
                value =
                        "The scheme. Absent: the one the client used, by what a trusted proxy says of it. One that is given drops the port, be it the same.",
                optional = true)
        @Nullable
        Scheme scheme,

        @Key(
                value = "The host, without a port. Absent: the one the client asked for.",
                optional = true,
                form = Form.SERVER_NAME,
                example = "www.example.com")
        @Nullable
        String host,

        @Key(
                value =
                        "The port. 0: that of the request when neither `scheme` nor `host` is given, else the scheme's own.",
                absent = "0",
                min = "0",
                max = "65535")
        int port,

        @Key(value = "The whole path. Not together with `prefix`.", optional = true, form = Form.PATH, example = "/new")
        @Nullable
        String path,

        @Key(
                value = "Takes the place of the `path-prefix` of `match`; the rest of the path stays.",
                optional = true,
                form = Form.PATH,
                example = "/v2")
        @Nullable
        String prefix,

        @Key(value = "Whether the query goes along.", absent = "true")
        boolean keepQuery,

        @Key(
                value =
                        "The whole path, made of parts of the one that was asked for: `{id}` is what the variable `id` of the `path-template` of `match` took, `{1}` or `{id}` a group of its `path-regex`. Not together with `path` or `prefix`.",
                optional = true,
                form = Form.PATH_PATTERN,
                example = "\"/people/{id}\"")
        @Nullable
        String template) {
    /// Schemes of the web.
    public enum Scheme {
        HTTP,
        HTTPS
    }
}
