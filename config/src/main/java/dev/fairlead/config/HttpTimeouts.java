package dev.fairlead.config;

import java.time.Duration;

/// How long a client may take.
public record HttpTimeouts(
        @Key(
                value =
                        "From the first byte of a request (or the connection's start) to the end of its head; then 408, or without a byte of it the end of the connection. 10s is generous for a phone and short for slowloris.",
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
                        "How long a connection may stay open without a request; over HTTP/3 30s without a packet end it too, which is QUIC's own. 60s is longer than most clients keep one.",
                absent = "60s",
                min = "10ms",
                max = "1d")
        Duration keepAlive,

        @Key(
                value =
                        "How long a tunnel (see `upgrades`) may be without a byte in either direction; then it is closed. 1h outlives the pings of every common WebSocket library and lets what died unseen go.",
                absent = "1h",
                min = "10ms",
                max = "7d")
        Duration tunnel) {

    /// Tunnels have an hour.
    public HttpTimeouts(Duration head, Duration body, Duration keepAlive) {
        this(head, body, keepAlive, Duration.ofHours(1));
    }
}
