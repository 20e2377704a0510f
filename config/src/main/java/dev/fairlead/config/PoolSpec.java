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
        Duration idleTimeout,

        @Key(
                value =
                        "A connection that is older than this is closed instead of kept, so that traffic follows when the servers behind an address change. 1h is nginx's.",
                absent = "1h",
                min = "1s",
                max = "30d")
        Duration maxAge) {
    /// One that closes connections after an hour.
    public PoolSpec(int idleMax, Duration idleTimeout) {
        this(idleMax, idleTimeout, Duration.ofHours(1));
    }
}
