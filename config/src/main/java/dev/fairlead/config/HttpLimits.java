package dev.fairlead.config;

/// Bounds on one request. Each has a status of its own and a metric that counts when it is hit.
public record HttpLimits(
        @Key(
                value =
                        "Bytes of the request line's target; more is answered 414. 8KiB is what RFC 9112 asks for at least.",
                absent = "8KiB",
                min = "64B",
                max = "1MiB",
                form = Form.SIZE)
        int targetBytes,

        @Key(
                value =
                        "Bytes of the whole request head; more is answered 431. 32KiB holds the largest cookies browsers send.",
                absent = "32KiB",
                min = "256B",
                max = "4MiB",
                form = Form.SIZE)
        int headBytes,

        @Key(value = "Header fields of a request; more is answered 431.", absent = "128", min = "1", max = "4096")
        int fieldCount,

        @Key(
                value =
                        "Bytes of a request's body; more is answered 413. Bodies are streamed and never held, so the default does not bound them: 0 means no bound.",
                absent = "0B",
                min = "0B",
                max = "1PiB",
                form = Form.SIZE)
        long bodyBytes) {}
