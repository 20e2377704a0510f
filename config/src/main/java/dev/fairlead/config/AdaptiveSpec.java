package dev.fairlead.config;

/// How many exchanges an endpoint may have at once, learned from its latency: as many as it answers about as fast
/// as when it has little to do.
public record AdaptiveSpec(
        @Key(
                value = "The least limit of an endpoint, so that there is always something to measure.",
                absent = "4",
                min = "1",
                max = "1000000")
        int min,

        @Key(
                value = "The greatest limit: what no server of this kind can bear anyway.",
                absent = "1000",
                min = "1",
                max = "1000000")
        int max,

        @Key(
                value = "The limit of an endpoint of which nothing is known yet.",
                absent = "20",
                min = "1",
                max = "1000000")
        int initial,

        @Key(
                value =
                        "How slow answers may get before the limit falls, in percent of the latency of an endpoint that has little to do. 150 leaves room for the noise of real servers.",
                absent = "150",
                min = "100",
                max = "1000")
        int tolerance) {}
