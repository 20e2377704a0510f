package dev.fairlead.http.message;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The field names that Fairlead itself asks for. Every other name is only bytes. At most 64, so that a set of them
/// is one `long`.
public enum FieldName {
    ACCEPT,
    ACCEPT_ENCODING,
    ACCEPT_LANGUAGE,
    ACCEPT_RANGES,
    AGE,
    ALLOW,
    ALT_SVC,
    AUTHORIZATION,
    CACHE_CONTROL,
    CACHE_STATUS,
    CDN_CACHE_CONTROL,
    CONNECTION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_LOCATION,
    CONTENT_RANGE,
    CONTENT_TYPE,
    COOKIE,
    DATE,
    ETAG,
    EXPECT,
    EXPIRES,
    FORWARDED,
    HOST,
    IF_MATCH,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    IF_RANGE,
    IF_UNMODIFIED_SINCE,
    KEEP_ALIVE,
    LAST_MODIFIED,
    LOCATION,
    MAX_FORWARDS,
    PRAGMA,
    PRIORITY,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    PROXY_CONNECTION,
    PROXY_STATUS,
    RANGE,
    REFERER,
    SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_KEY,
    SERVER,
    SERVER_TIMING,
    SET_COOKIE,
    TE,
    TRACEPARENT,
    TRACESTATE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    USER_AGENT,
    VARY,
    VIA,
    X_FORWARDED_FOR,
    X_FORWARDED_HOST,
    X_FORWARDED_PORT,
    X_FORWARDED_PROTO,
    X_REAL_IP,
    X_REQUEST_ID;

    private static final int SLOTS = 256;
    private static final @Nullable FieldName[] TABLE = new FieldName[SLOTS];

    static {
        for (FieldName name : values()) {
            int slot = slot(name.hash);
            while (TABLE[slot] != null) {
                slot = (slot + 1) & (SLOTS - 1);
            }
            TABLE[slot] = name;
        }
    }

    private final byte[] lower;
    private final int hash;

    FieldName() {
        lower = name().toLowerCase(Locale.ROOT).replace('_', '-').getBytes(StandardCharsets.US_ASCII);
        int all = 0;
        for (byte b : lower) {
            all = hash(all, b);
        }
        hash = all;
    }

    /// The name in lower case. Do not write to it.
    public byte[] lower() {
        return lower;
    }

    public long bit() {
        return 1L << ordinal();
    }

    /// The name of that text, whatever its case, or null when it is none of these.
    public static @Nullable FieldName of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int all = 0;
        for (byte b : bytes) {
            all = hash(all, b);
        }
        return of(bytes, 0, bytes.length, all);
    }

    /// One step of the hash by which [#of] looks up; ASCII letters of both cases give the same.
    public static int hash(int before, byte next) {
        return before * 31 + (next | 0x20);
    }

    /// The name in `bytes[from, to)`, whatever its case, or null when it is none of these.
    public static @Nullable FieldName of(byte[] bytes, int from, int to, int hash) {
        int slot = slot(hash);
        for (FieldName name = TABLE[slot]; name != null; name = TABLE[slot]) {
            if (name.hash == hash && Ascii.equalsIgnoreCase(bytes, from, to, name.lower)) {
                return name;
            }
            slot = (slot + 1) & (SLOTS - 1);
        }
        return null;
    }

    private static int slot(int hash) {
        return (hash ^ hash >>> 8 ^ hash >>> 16) & (SLOTS - 1);
    }
}
