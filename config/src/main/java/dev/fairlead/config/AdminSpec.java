package dev.fairlead.config;

import java.time.Duration;

/// The admin listener.
public record AdminSpec(
        @Key(
                value = "Where the admin API listens. Whoever reaches it can change this process: keep it on loopback.",
                absent = "127.0.0.1:9090",
                form = Form.LISTEN_ADDRESS)
        Address address,

        @Key(
                value =
                        "How long a client may take to send a request; then its connection is closed. Looked at once a second. 10s: the largest form has 64 KiB.",
                absent = "10s",
                min = "1s",
                max = "1h")
        Duration requestTimeout,

        @Key(
                value =
                        "How long an answer may take, its making included; then its connection is closed, and a client that does not read holds nothing any more. Looked at once a second. 60s: the metrics of 100,000 endpoints (165 MB) by a link of 25 Mbit/s, and more than a command waits for a reload.",
                absent = "60s",
                min = "1s",
                max = "1h")
        Duration responseTimeout) {}
