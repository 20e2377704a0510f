package dev.fairlead.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which requests, and where they go: to an `upstream`, or split among several.
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
        RouteTimeouts timeouts) {
    public RouteSpec {
        split = List.copyOf(split);
    }

    /// To one upstream, on its terms.
    public RouteSpec(String name, MatchSpec match, String upstream) {
        this(name, match, upstream, List.of(), null, null, null);
    }
}
