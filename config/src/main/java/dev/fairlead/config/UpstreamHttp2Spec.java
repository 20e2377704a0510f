package dev.fairlead.config;

import java.time.Duration;

/// How HTTP/2 is spoken to the endpoints of an upstream.
public record UpstreamHttp2Spec(
        @Key(
                value =
                        "Exchanges that one connection carries at once, or as many as the endpoint allows where that is less; then another connection is opened, up to `max-connections` of the endpoint. 100 is what servers commonly allow.",
                absent = "100",
                min = "1",
                max = "10000")
        int streams,

        @Key(
                value =
                        "Bytes of one answer that an endpoint may send ahead of what the client takes. A connection holds at most this much for each of its exchanges. 256KiB fills a path of 100 Mbit/s and 20ms.",
                absent = "256KiB",
                min = "16KiB",
                max = "16MiB",
                form = Form.SIZE)
        int window,

        @Key(
                value =
                        "Exchanges wait for answers, and the endpoint has been silent for this long: then it is asked for a sign of life (PING). 0s: never. 5m is the most often that gRPC servers bear.",
                absent = "5m",
                min = "0s",
                max = "1d")
        Duration pingInterval,

        @Key(
                value =
                        "A PING that is not answered for this long ends its connection. An endpoint that lets an exchange time out is sent one too, and gets no other exchange on that connection before it has answered.",
                absent = "5s",
                min = "10ms",
                max = "1h")
        Duration pingTimeout) {
    /// What is there when nothing is said.
    public static final UpstreamHttp2Spec DEFAULT =
            new UpstreamHttp2Spec(100, 256 << 10, Duration.ofMinutes(5), Duration.ofSeconds(5));
}
