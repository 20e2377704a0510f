package dev.fairlead.config;

import java.time.Duration;

/// How long a client may take.
public record HttpTimeouts(
        @Key(
                value =
                        "From the first byte of a request (or the connection's start) to the end of its head; then 408. 10s is generous for a phone and short for slowloris.",
                absent = "10s",
                min = "10ms",
                max = "1h")
        Duration head,

        @Key(
                value =
                        "The longest pause in a request's body, and in taking the response; then 408, or the connection is closed.",
                absent = "30s",
                min = "10ms",
                max = "1h")
        Duration body,

        @Key(
                value =
                        "How long a connection may stay open without a request. 60s is longer than most clients keep one.",
                absent = "60s",
                min = "10ms",
                max = "1d")
        Duration keepAlive) {}
