package dev.fairlead.config;

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
        int window) {
    /// Spoken, with the values that are there when nothing is said.
    public static final Http2Spec DEFAULT = new Http2Spec(true, 100, 128 << 10);
}
