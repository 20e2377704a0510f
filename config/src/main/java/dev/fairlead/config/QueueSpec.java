package dev.fairlead.config;

import java.time.Duration;

/// Where flows and exchanges wait while every endpoint that they may use is full.
public record QueueSpec(
        @Key(
                value =
                        "How many may wait at once, over all loops; more are answered with 503, or reset (Layer 4). Each holds a connection and the head of its request, so 1024 are some megabytes. 0: nobody waits.",
                absent = "1024",
                min = "0",
                max = "1000000")
        int max,

        @Key(
                value =
                        "How long one waits; then 503, or the flow is reset. 5s rides over a burst and ends before most clients give up.",
                absent = "5s",
                min = "1ms",
                max = "10m")
        Duration timeout) {
    /// Nobody waits.
    public static final QueueSpec OFF = new QueueSpec(0, Duration.ofSeconds(5));
}
