package dev.fairlead.config;

import java.time.Duration;

/// How a listener that routes by SNI or ALPN waits for the client's first bytes. They are looked at, and passed on
/// as they came; nothing is decrypted.
public record ClientHelloSpec(
        @Key(
                value = "Time for the hello to be whole. Clients send it at once; 5s outlives two lost packets.",
                absent = "5s",
                min = "10ms",
                max = "10m")
        Duration timeout,

        @Key(
                value =
                        "The longest hello, and what a connection may hold in memory until it is routed. TLS itself allows more, but no client sends as much as 64KiB.",
                absent = "64KiB",
                min = "1KiB",
                max = "64KiB",
                form = Form.SIZE)
        int helloBytes,

        @Key(
                value =
                        "A connection whose first bytes are no TLS. `close`: closed, for a listener of names has no place for it. `route`: it has no name and no protocol, so it goes to a route that asks for neither, else to `upstream`.",
                absent = "close")
        NotTls notTls) {

    public enum NotTls {
        CLOSE,
        ROUTE
    }
}
