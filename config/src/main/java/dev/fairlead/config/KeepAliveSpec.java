package dev.fairlead.config;

import java.time.Duration;

/// TCP keep-alive: a peer is lost when it answers none of `count` probes.
public record KeepAliveSpec(
        @Key(
                value =
                        "Silence before the first probe. 1m is below the idle times of common firewalls and NATs, which then keep the connection too.",
                absent = "1m",
                min = "1s",
                max = "9h")
        Duration idle,

        @Key(
                value =
                        "Between two probes that are not answered. 10s: with 6 of them a loss is known a minute after the first.",
                absent = "10s",
                min = "1s",
                max = "9h")
        Duration interval,

        @Key(
                value = "Probes without an answer after which the peer is lost. 6 ride over a short outage.",
                absent = "6",
                min = "1",
                max = "127")
        int count) {}
