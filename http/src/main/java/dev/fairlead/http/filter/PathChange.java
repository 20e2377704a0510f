package dev.fairlead.http.filter;

import dev.fairlead.config.MatchSpec;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.RequestHead;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Another path and query for a request: the whole path, or what takes the place of the prefix that the route
/// matched. Both the config's texts and the request's are checked, so that no dot segment and no control character
/// can come out. Immutable.
final class PathChange {
    private final byte @Nullable [] whole;
    private final byte @Nullable [] prefix;
    private final int prefixBytes;
    private final boolean keepQuery;

    PathChange(@Nullable String whole, @Nullable String prefix, MatchSpec match, boolean keepQuery) {
        this.whole = whole == null ? null : utf8(whole);
        // `/v2/` and `/v2` are the same here: the rest of the path begins with a slash, or is nothing.
        this.prefix =
                prefix == null ? null : utf8(prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix);
        String matched = match.pathPrefix();
        this.prefixBytes = matched == null ? 0 : matched.getBytes(StandardCharsets.ISO_8859_1).length;
        this.keepQuery = keepQuery;
    }

    private static byte[] utf8(String text) {
        return percentEncoded(text).getBytes(StandardCharsets.US_ASCII);
    }

    /// RFC 3986 §2.1: what is not ASCII.
    private static String percentEncoded(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b < 0) {
                encoded.append('%').append(String.format("%02X", b & 0xff));
            } else {
                encoded.append((char) b);
            }
        }
        return encoded.toString();
    }

    boolean changesPath() {
        return whole != null || prefix != null;
    }

    boolean isNothing() {
        return !changesPath() && keepQuery;
    }

    /// Puts the path, which begins with `/`, and the query.
    void put(RequestHead request, Bytes out) {
        byte[] bytes = request.fields().bytes();
        int start = request.targetStart();
        int pathEnd = request.pathEnd();
        if (whole != null) {
            out.put(whole);
        } else {
            int rest = start;
            if (prefix != null) {
                out.put(prefix);
                rest = Math.min(start + prefixBytes, pathEnd);
            }
            if (rest == pathEnd || bytes[rest] != '/') {
                // Nothing is left of the path, or there was none (RFC 9110 §4.2.3).
                boolean isEmpty = prefix == null || prefix.length == 0;
                if (isEmpty) {
                    out.put((byte) '/');
                }
            }
            out.put(bytes, rest, pathEnd);
        }
        if (keepQuery) {
            out.put(bytes, pathEnd, request.targetEnd());
        }
    }
}
