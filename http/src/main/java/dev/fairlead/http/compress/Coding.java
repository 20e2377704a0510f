package dev.fairlead.http.compress;

import dev.fairlead.http.message.Ascii;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// A content coding that Fairlead can give a body (RFC 9110 §8.4.1).
enum Coding {
    GZIP;

    /// RFC 9110 §8.4.1.3: the old name, which is to be taken for the same.
    private static final byte[] X_GZIP = "x-gzip".getBytes(StandardCharsets.US_ASCII);

    private final String word = name().toLowerCase(Locale.ROOT);
    private final byte[] lower = word.getBytes(StandardCharsets.US_ASCII);

    /// As it stands in fields and metrics.
    String word() {
        return word;
    }

    /// Bytes outside of the heap that an encoder holds, about. Measured, but for gzip, where zconf.h says it.
    int memory(int level) {
        return switch (this) {
            case GZIP -> (1 << 17) + (1 << 17) + 6000;
        };
    }

    boolean isNamed(byte[] bytes, int from, int to) {
        return Ascii.equalsIgnoreCase(bytes, from, to, lower)
                || this == GZIP && Ascii.equalsIgnoreCase(bytes, from, to, X_GZIP);
    }
}
