package dev.fairlead.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a listener speaks HTTP/3 to its clients.
public record Http3Spec(
        @Key(
                value = "Requests that a connection may have under way at once. 100 is what browsers reckon with.",
                absent = "100",
                min = "1",
                max = "10000")
        int streams,

        @Key(
                value =
                        "Bytes of one request's body that a client may send ahead of what its endpoint takes, at first; for a client that is fast and an endpoint that takes it all, the window grows. 128KiB fills a path of 10 Mbit/s and 100ms.",
                absent = "128KiB",
                min = "16KiB",
                max = "16MiB",
                form = Form.SIZE)
        int window,

        @Key(
                value =
                        "Answers over HTTP/1 and HTTP/2 say in `Alt-Svc` that HTTP/3 is spoken here, and for how long a client may count on it; without that no browser comes. `0s`: they say nothing.",
                absent = "24h",
                min = "0s",
                max = "365d")
        Duration announce,

        @Key(
                value =
                        "The UDP port that `Alt-Svc` names, where clients reach the listener by another than its own. 0: its own.",
                absent = "0",
                min = "0",
                max = "65535")
        int announcePort,

        @Key(
                value =
                        "Handshakes under way at once above which a client must show first that it is where it says it is (Retry, RFC 9000 section 8.1.2), which costs it a round trip; a flood from forged addresses then costs next to nothing. 0: always.",
                absent = "256",
                min = "0",
                max = "1000000")
        int retryAbove,

        @Key(
                value =
                        "A file of a key of 16 octets in hexadecimal, as `openssl rand -hex 16` makes it, by which clients are told at once that their connection ended with the process that had it (stateless reset, RFC 9000 section 10.3). It must outlive the process, and be another one for each process that runs at the same time, on whichever node. Absent: they find out by silence.",
                optional = true,
                form = Form.FILE,
                example = "/etc/fairlead/reset.key")
        @Nullable
        String resetKeyFile) {
    /// Without stateless resets.
    public Http3Spec(int streams, int window, Duration announce, int announcePort, int retryAbove) {
        this(streams, window, announce, announcePort, retryAbove, null);
    }
}
