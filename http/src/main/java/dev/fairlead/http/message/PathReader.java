package dev.fairlead.http.message;

/// Reads the path of a target (RFC 3986 §3.3) and says whether it may be one. One thread.
public final class PathReader {
    private int end;
    private boolean hasEscapes;

    /// What was read.
    public enum Verdict {
        PATH,
        MALFORMED,
        /// It has a segment `.` or `..`.
        DOT_SEGMENT
    }

    /// Forgets what was read.
    public void clear() {
        end = 0;
        hasEscapes = false;
    }

    /// Reads from `start` up to a `?`, or `limit`.
    ///
    /// A dot segment is refused: clients remove them before they send, and one that is left is an attempt to be
    /// routed by one path and served by another. To some servers an escaped slash, or a backslash, ends a segment
    /// too. A `%` that escapes nothing, an escaped NUL and a bare backslash are read in as many ways as there are
    /// servers, and are refused as well.
    public Verdict read(byte[] bytes, int start, int limit) {
        int at = start;
        int segment = start + 1;
        boolean escapes = false;
        while (at < limit && bytes[at] != '?') {
            int size = 1;
            int meant = bytes[at];
            if (meant == '%') {
                meant = Ascii.escape(bytes, at, limit);
                size = 3;
                escapes = true;
            }
            if (meant <= 0 || meant == '\\' && size == 1) {
                return Verdict.MALFORMED;
            }
            if (meant == '/' || meant == '\\') {
                if (isDots(bytes, segment, at)) {
                    return Verdict.DOT_SEGMENT;
                }
                segment = at + size;
            }
            at += size;
        }
        end = at;
        hasEscapes = escapes;
        return isDots(bytes, segment, at) ? Verdict.DOT_SEGMENT : Verdict.PATH;
    }

    /// `.` or `..`, each dot perhaps as `%2e`, perhaps with parameters behind a `;` that some servers take off.
    private static boolean isDots(byte[] bytes, int from, int to) {
        int dots = 0;
        int at = from;
        while (at < to && dots < 3) {
            if (bytes[at] == '.') {
                at++;
            } else if (to - at >= 3 && bytes[at] == '%' && bytes[at + 1] == '2' && (bytes[at + 2] | 0x20) == 'e') {
                at += 3;
            } else {
                break;
            }
            dots++;
        }
        return (at == to || bytes[at] == ';') && (dots == 1 || dots == 2);
    }

    /// Where the path ended that was read last.
    public int end() {
        return end;
    }

    /// Whether it may have another normal form.
    public boolean hasEscapes() {
        return hasEscapes;
    }
}
