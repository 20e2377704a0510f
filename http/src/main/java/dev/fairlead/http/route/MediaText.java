package dev.fairlead.http.route;

import dev.fairlead.http.message.Ascii;

/// How media types are written, in `Accept` and `Content-Type`: where their parts end (RFC 9110 §8.3.1, §5.6).
final class MediaText {
    private MediaText() {}

    static int skipSpace(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && Ascii.isSpace(bytes[at])) {
            at++;
        }
        return at;
    }

    static int tokenEnd(byte[] bytes, int from, int to) {
        int end = from;
        while (end < to && Ascii.isToken(bytes[end])) {
            end++;
        }
        return end;
    }

    /// Behind the closing quote of the quoted string at `from`; -1 when it does not end.
    static int quotedEnd(byte[] bytes, int from, int to) {
        for (int at = from + 1; at < to; at++) {
            if (bytes[at] == '"') {
                return at + 1;
            }
            if (bytes[at] == '\\') {
                at++;
            }
        }
        return -1;
    }

    /// Behind the value at `from`, a token or a quoted string; -1 when there is none.
    static int valueEnd(byte[] bytes, int from, int to) {
        if (from < to && bytes[from] == '"') {
            return quotedEnd(bytes, from, to);
        }
        int end = tokenEnd(bytes, from, to);
        return end == from ? -1 : end;
    }

    /// Whether a value says `lower`, in any case, with or without quotes (RFC 9110 §8.3.1: they are equal).
    static boolean says(byte[] bytes, int from, int to, byte[] lower) {
        boolean quoted = bytes[from] == '"';
        int end = quoted ? to - 1 : to;
        int said = 0;
        for (int at = quoted ? from + 1 : from; at < end; at++) {
            if (quoted && bytes[at] == '\\') {
                at++;
            }
            if (said == lower.length || Ascii.lower(bytes[at]) != lower[said++]) {
                return false;
            }
        }
        return said == lower.length;
    }

    /// The comma at or behind `from` that ends a member of a list, or `to`; those in quotes do not.
    static int memberEnd(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != ',') {
            int end = bytes[at] == '"' ? quotedEnd(bytes, at, to) : at + 1;
            at = end < 0 ? to : end;
        }
        return at;
    }
}
