package dev.fairlead.config;

import java.time.Duration;

/// How a listener speaks HTTP/2 to its clients.
public record Http2Spec(
        @Key(
                value =
                        "Whether it is spoken: with `tls` it is offered by ALPN before HTTP/1.1, in the clear it is known by its first bytes (\"prior knowledge\"). HTTP/1 is spoken in either case.",
                absent = "true")
        boolean enabled,

        @Key(
                value =
                        "Requests that a connection may have under way at once; more are refused and may come again. 100 is what browsers reckon with.",
                absent = "100",
                min = "1",
                max = "10000")
        int streams,

        @Key(
                value =
                        "Bytes of one request's body that a client may send ahead of what its endpoint takes. A connection holds at most this much for each of its `streams`. 128KiB fills a path of 10 Mbit/s and 100ms.",
                absent = "128KiB",
                min = "16KiB",
                max = "16MiB",
                form = Form.SIZE)
        int window,

        @Key(
                value =
                        "Requests are under way, and the client has been silent for this long: then it is asked for a sign of life (PING). 0s: never. 1m is rare enough for a phone, and soon enough for what waits.",
                absent = "1m",
                min = "0s",
                max = "1d")
        Duration pingInterval,

        @Key(
                value =
                        "A PING that is not answered for this long ends the client's connection, and takes its requests back from the endpoints. 20s ride over a train's tunnel.",
                absent = "20s",
                min = "10ms",
                max = "1h")
        Duration pingTimeout) {
    /// Spoken, with the values that are there when nothing is said.
    public static final Http2Spec DEFAULT =
            new Http2Spec(true, 100, 128 << 10, Duration.ofMinutes(1), Duration.ofSeconds(20));
}
