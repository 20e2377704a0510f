package dev.fairlead.config;

import java.time.Duration;

/// A circuit breaker: an upstream that fails is not asked for a while.
public record BreakerSpec(
        @Key(
                value = "Share of failures (failed connects, faults) that opens the breaker, in percent.",
                absent = "50",
                min = "1",
                max = "100")
        int failures,

        @Key(value = "Outcomes in the window below which it stays closed.", absent = "20", min = "1", max = "1000000")
        int outcomesMin,

        @Key(value = "The sliding window in which outcomes are counted.", absent = "10s", min = "100ms", max = "10m")
        Duration window,

        @Key(
                value = "How long nothing is sent to the upstream once it is open; then trials decide.",
                absent = "5s",
                min = "100ms",
                max = "10m")
        Duration openTime,

        @Key(
                value = "Flows or exchanges sent as trials. All must succeed to close it, one failure opens it again.",
                absent = "3",
                min = "1",
                max = "1000")
        int trials) {}
