package dev.fairlead.config;

import java.time.Duration;

/// How long an endpoint may take.
public record UpstreamTimeouts(
        @Key(
                value =
                        "To accept a connection; then the next endpoint is tried. 1s is three times a slow path across the world.",
                absent = "1s",
                min = "1ms",
                max = "1m")
        Duration connect,

        @Key(
                value = "From the whole request sent to the response's head (Layer 7); then 504.",
                absent = "30s",
                min = "1ms",
                max = "1d")
        Duration firstByte,

        @Key(
                value =
                        "The longest pause in a response's body, or in taking the request's (Layer 7); then the exchange is cut.",
                absent = "30s",
                min = "1ms",
                max = "1d")
        Duration idle) {}
