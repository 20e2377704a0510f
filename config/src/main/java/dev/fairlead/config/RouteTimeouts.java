package dev.fairlead.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How long the exchanges of a route may take. What is absent is as the upstream and the listener say.
public record RouteTimeouts(
        @Key(
                value =
                        "From the first byte of a request to its last; then 408. Absent: only pauses are bounded, by the listener's `timeouts.body`.",
                optional = true,
                min = "1ms",
                max = "1d")
        @Nullable
        Duration request,

        @Key(
                value = "From the whole request sent to the response's head, of each attempt; then 504.",
                optional = true,
                min = "1ms",
                max = "1d")
        @Nullable
        Duration firstByte,

        @Key(
                value = "The longest pause in a response's body, or in taking the request's; then the exchange is cut.",
                optional = true,
                min = "1ms",
                max = "1d")
        @Nullable
        Duration idle,

        @Key(
                value =
                        "The whole exchange, from the first byte of the request to the last of the response, all attempts, pauses and waiting included; then 504, or the response is cut when it has begun. With a cache it bounds what an endpoint is asked for, not how long a kept answer takes to be sent. Absent: no bound.",
                optional = true,
                min = "1ms",
                max = "7d")
        @Nullable
        Duration total) {}
