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
        long bodyBytes,

        @Key(
                value =
                        "Bytes a second that a client must send of a body, or take of a response, while it is waited for; `timeouts.body` is the slack it begins with and can save up. Then 408, or the connection is closed. 240B is what a line of 2400 baud carried; 0B means no bound.",
                absent = "240B",
                min = "0B",
                max = "1GiB",
                form = Form.SIZE)
        long minRate,

        @Key(
                value =
                        "What becomes of a field with `_` in its name. Many servers read `X_User` and `X-User` as one, so that a client could pass the one off as the other: they are dropped, passed on, or refused with 400.",
                absent = "drop")
        Underscores underscores) {

    /// What becomes of fields with an underscore in their name.
    public enum Underscores {
        DROP,
        PASS,
        REFUSE
    }

    /// No lower bound of the rate, and underscores dropped.
    public HttpLimits(int targetBytes, int headBytes, int fieldCount, long bodyBytes) {
        this(targetBytes, headBytes, fieldCount, bodyBytes, 0, Underscores.DROP);
    }
}
