package dev.fairlead.config;

import java.time.Duration;

/// Idle connections to the endpoints of an upstream.
public record PoolSpec(
        @Key(
                value = "Idle connections kept for each endpoint on each loop; the rest are closed. 0: none is kept.",
                absent = "64",
                min = "0",
                max = "100000")
        int idleMax,

        @Key(
                value =
                        "An idle connection is closed after this long. Keep it shorter than the servers' own keep-alive (nginx 75s, Tomcat 20s, Node 5s), or they close under a request.",
                absent = "4s",
                min = "10ms",
                max = "1h")
        Duration idleTimeout) {}
