package dev.fairlead.config;

/// Which requests, and where they go.
public record RouteSpec(
        @Key(
                value =
                        "The route's name in logs and metrics. Absent: the listener's name and the place in the list, `web/1`.",
                absent = " ")
        String name,

        @Key("What a request must have. Absent: every request.")
        MatchSpec match,

        @Key(value = "The upstream that takes the requests.", example = "app")
        String upstream) {}
