package dev.fairlead.config;

/// A copy of a route's requests for another upstream, whose answers nobody sees.
public record MirrorSpec(
        @Key(value = "The upstream that gets the copies.", example = "shadow", form = Form.NAME)
        String upstream,

        @Key(value = "How many of the requests are copied, in percent.", absent = "100", min = "0", max = "100")
        int percent,

        @Key(
                value =
                        "Bytes of a request's body that are copied. A request with more is not mirrored. 64KiB holds what forms and APIs send.",
                absent = "64KiB",
                min = "0B",
                max = "16MiB",
                form = Form.SIZE)
        int bodyBytes,

        @Key(
                value =
                        "Copies under way at once, over all loops; requests beyond it are not mirrored. With `body-bytes` it bounds the memory: 100 x 64KiB are 6MiB. A slow shadow then costs nothing more.",
                absent = "100",
                min = "1",
                max = "100000")
        int inFlightMax) {}
