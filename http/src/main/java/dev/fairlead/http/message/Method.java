package dev.fairlead.http.message;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Request methods whose meaning Fairlead knows. Any other is [#OTHER] and is passed on by its bytes.
public enum Method {
    GET(true, true),
    HEAD(true, true),
    OPTIONS(true, true),
    TRACE(true, true),
    PUT(false, true),
    DELETE(false, true),
    POST(false, false),
    PATCH(false, false),
    CONNECT(false, false),
    OTHER(false, false);

    private static final Method[] KNOWN = {GET, POST, HEAD, PUT, DELETE, PATCH, OPTIONS, TRACE, CONNECT};

    private final byte[] bytes = name().getBytes(StandardCharsets.US_ASCII);
    private final boolean safe;
    private final boolean idempotent;

    Method(boolean safe, boolean idempotent) {
        this.safe = safe;
        this.idempotent = idempotent;
    }

    /// RFC 9110 §9.2.1.
    public boolean isSafe() {
        return safe;
    }

    /// Asking twice is as good as asking once: RFC 9110 §9.2.2.
    public boolean isIdempotent() {
        return idempotent;
    }

    /// Case matters: RFC 9110 §9.1.
    public static Method of(byte[] bytes, int from, int to) {
        for (Method method : KNOWN) {
            if (Arrays.equals(bytes, from, to, method.bytes, 0, method.bytes.length)) {
                return method;
            }
        }
        return OTHER;
    }
}
