package dev.fairlead.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which requests, and what becomes of them: exactly one of `upstream`, `split`, `redirect` and `respond`.
public record RouteSpec(
        @Key(
                value =
                        "The route's name in logs and metrics. Absent: the listener's name and the place in the list, `web/1`.",
                namedByPlace = true,
                form = Form.NAME,
                example = "api")
        String name,

        @Key("What a request must have. Absent: every request.")
        MatchSpec match,

        @Key(
                value = "The upstream that takes the requests. Not together with `split`.",
                example = "app",
                optional = true,
                form = Form.NAME)
        @Nullable
        String upstream,

        @Key("Upstreams that share the requests by weight, as for a canary. Not together with `upstream`.")
        List<ShareSpec> split,

        @Key(
                value =
                        "What decides the share of a request under `split`, so that a client stays with it. With a cookie, a client that has none is given a random one. Absent: requests are dealt out evenly, whoever sends them.",
                optional = true)
        @Nullable
        HashKeySpec splitBy,

        @Key(value = "Copies requests to another upstream. Absent: none is copied.", optional = true) @Nullable
        MirrorSpec mirror,

        @Key(value = "How long an exchange may take. Absent: as the upstream says.", optional = true) @Nullable
        RouteTimeouts timeouts,

        @Key(value = "Sends clients elsewhere, instead of `upstream`.", optional = true) @Nullable
        RedirectSpec redirect,

        @Key(value = "A fixed answer, instead of `upstream`.", optional = true) @Nullable
        RespondSpec respond,

        @Key(value = "Changes a request on its way to the upstream.", optional = true) @Nullable
        RewriteSpec rewrite,

        @Key(
                value =
                        "Bytes of a request's body; more is answered 413. 0: what the listener's `limits.body-bytes` say.",
                absent = "0B",
                min = "0B",
                max = "1PiB",
                form = Form.SIZE)
        long bodyBytes,

        @Key("Changes the header of what goes to the upstream.")
        HeaderRulesSpec requestHeaders,

        @Key("Changes the header of final responses, whoever gives them.")
        HeaderRulesSpec responseHeaders,

        @Key(
                value =
                        "Routes of a higher priority are asked first, however narrow the others are. Among equal ones the most specific wins.",
                absent = "0",
                min = "-1000",
                max = "1000")
        int priority,

        @Key(
                "What clients are shown for some statuses. The first that has the status counts; then the first of the listener's.")
        List<ErrorPageSpec> errorPages,

        @Key(value = "Keeps answers and uses them again. Absent: as the listener says.", optional = true) @Nullable
        CacheSpec cache,

        @Key(value = "Compresses answers. Absent: as the listener says.", optional = true) @Nullable
        CompressSpec compress) {
    public RouteSpec {
        split = List.copyOf(split);
        errorPages = List.copyOf(errorPages);
    }

    /// To one upstream, on its terms.
    public RouteSpec(String name, MatchSpec match, String upstream) {
        this(name, match, upstream, List.of(), null, null, null);
    }

    /// To one upstream, asked at its priority.
    public RouteSpec(String name, MatchSpec match, String upstream, int priority) {
        this(
                name,
                match,
                upstream,
                List.of(),
                null,
                null,
                null,
                null,
                null,
                null,
                0,
                HeaderRulesSpec.NONE,
                HeaderRulesSpec.NONE,
                priority,
                List.of(),
                null,
                null);
    }

    /// A route that only forwards.
    public RouteSpec(
            String name,
            MatchSpec match,
            @Nullable String upstream,
            List<ShareSpec> split,
            @Nullable HashKeySpec splitBy,
            @Nullable MirrorSpec mirror,
            @Nullable RouteTimeouts timeouts) {
        this(
                name,
                match,
                upstream,
                split,
                splitBy,
                mirror,
                timeouts,
                null,
                null,
                null,
                0,
                HeaderRulesSpec.NONE,
                HeaderRulesSpec.NONE,
                0,
                List.of(),
                null,
                null);
    }
}
