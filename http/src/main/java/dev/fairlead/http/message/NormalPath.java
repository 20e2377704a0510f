package dev.fairlead.http.message;

/// The form in which paths are compared, RFC 3986 §6.2.2: without escapes of characters that need none, and with the
/// digits of the others in upper case. `/%61dmin` and `/admin` are one path to whoever serves it, so they are one to
/// routes.
public final class NormalPath {
    private NormalPath() {}

    /// Gives a head the normal form of its path, where that is another one than the path as it is written. Its escapes
    /// are whole ([PathReader]).
    public static void give(RequestHead head) {
        byte[] bytes = head.fields().bytes();
        int from = head.targetStart();
        int to = head.pathEnd();
        int at = from;
        while (at < to && !(bytes[at] == '%' && isOther(bytes, at, to))) {
            at++;
        }
        if (at == to) {
            return;
        }
        byte[] normal = new byte[to - from];
        int size = 0;
        for (at = from; at < to; at++) {
            byte b = bytes[at];
            if (b != '%') {
                normal[size++] = b;
                continue;
            }
            int meant = Ascii.escape(bytes, at, to);
            if (Ascii.isUnreserved(meant)) {
                normal[size++] = (byte) meant;
            } else {
                normal[size++] = b;
                normal[size++] = Ascii.upper(bytes[at + 1]);
                normal[size++] = Ascii.upper(bytes[at + 2]);
            }
            at += 2;
        }
        int start = head.fields().put(normal, 0, size);
        head.normalPath(start, start + size);
    }

    private static boolean isOther(byte[] bytes, int at, int to) {
        return Ascii.isUnreserved(Ascii.escape(bytes, at, to))
                || Ascii.upper(bytes[at + 1]) != bytes[at + 1]
                || Ascii.upper(bytes[at + 2]) != bytes[at + 2];
    }
}
