package dev.fairlead.config;

/// Which requests, and where they go.
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

        @Key(value = "The upstream that takes the requests.", example = "app", form = Form.NAME)
        String upstream) {}
