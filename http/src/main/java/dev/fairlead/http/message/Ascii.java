package dev.fairlead.http.message;

import java.nio.charset.StandardCharsets;

/// Classes of bytes, and comparing without making Strings.
public final class Ascii {
    private static final byte TOKEN = 1;
    private static final byte VALUE = 2;
    private static final byte TARGET = 4;
    private static final byte HOST = 8;
    private static final byte UNRESERVED = 16;
    private static final byte[] CLASSES = new byte[256];

    static {
        for (int b = 0x21; b < 0x7f; b++) {
            CLASSES[b] = VALUE | TARGET;
        }
        CLASSES['#'] = VALUE; // a fragment is never sent: RFC 9110 §7.1
        // Not in RFC 3986, and no browser sends them as they are. Of `\^`{|}` some are sent.
        CLASSES['"'] = VALUE;
        CLASSES['<'] = VALUE;
        CLASSES['>'] = VALUE;
        CLASSES[' '] = VALUE;
        CLASSES['\t'] = VALUE;
        for (int b = 0x80; b < 0x100; b++) {
            CLASSES[b] = VALUE; // obs-text: RFC 9110 §5.5
        }
        mark("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", TOKEN);
        mark("-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", UNRESERVED);
        // RFC 3986 §3.2.2: reg-name and the characters of IP literals, and the colon before a port.
        mark("-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!$&'()*+,;=%:[]", HOST);
    }

    private Ascii() {}

    private static void mark(String all, byte as) {
        for (byte b : all.getBytes(StandardCharsets.US_ASCII)) {
            CLASSES[b] |= as;
        }
    }

    /// `tchar` of RFC 9110 §5.6.2: methods and field names.
    public static boolean isToken(byte b) {
        return (CLASSES[b & 0xff] & TOKEN) != 0;
    }

    /// What may stand in a field value: RFC 9110 §5.5. No control character but the tab.
    public static boolean isValue(byte b) {
        return (CLASSES[b & 0xff] & VALUE) != 0;
    }

    /// What may stand in a request target: visible ASCII without `#`, `"`, `<` and `>`.
    public static boolean isTarget(byte b) {
        return (CLASSES[b & 0xff] & TARGET) != 0;
    }

    /// What may stand in a host with its port.
    public static boolean isHost(byte b) {
        return (CLASSES[b & 0xff] & HOST) != 0;
    }

    /// What needs no escape anywhere in a URI: RFC 3986 §2.3.
    public static boolean isUnreserved(int character) {
        return character >= 0 && character < 0x80 && (CLASSES[character] & UNRESERVED) != 0;
    }

    public static byte upper(byte b) {
        return b >= 'a' && b <= 'z' ? (byte) (b & ~0x20) : b;
    }

    public static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b;
    }

    /// Whether `bytes[from, to)` is `lower` in any case.
    public static boolean equalsIgnoreCase(byte[] bytes, int from, int to, byte[] lower) {
        if (to - from != lower.length) {
            return false;
        }
        for (int i = 0; i < lower.length; i++) {
            if (lower(bytes[from + i]) != lower[i]) {
                return false;
            }
        }
        return true;
    }

    /// Whether the comma-separated list in `bytes[from, to)` has the member `lower`, in any case (RFC 9110 §5.6.1).
    public static boolean listHas(byte[] bytes, int from, int to, byte[] lower) {
        int at = from;
        while (at < to) {
            int comma = at;
            while (comma < to && bytes[comma] != ',') {
                comma++;
            }
            int start = at;
            int end = comma;
            while (start < end && isSpace(bytes[start])) {
                start++;
            }
            while (end > start && isSpace(bytes[end - 1])) {
                end--;
            }
            if (equalsIgnoreCase(bytes, start, end, lower)) {
                return true;
            }
            at = comma + 1;
        }
        return false;
    }

    public static boolean isSpace(byte b) {
        return b == ' ' || b == '\t';
    }

    /// The byte that `%` and two digits at this place stand for; -1 when they are not that (RFC 3986 §2.1).
    public static int escape(byte[] bytes, int at, int end) {
        if (end - at < 3) {
            return -1;
        }
        int high = Character.digit(bytes[at + 1], 16);
        int low = Character.digit(bytes[at + 2], 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    /// The number in `bytes[from, to)`, digits only, at most 18 of them; -1 when it is not one.
    public static long digits(byte[] bytes, int from, int to) {
        if (from >= to || to - from > 18) {
            return -1;
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /// RFC 9110 §12.4.2: 0 to 1 with at most three digits behind the point, in thousandths; -1 for anything else.
    public static int weight(byte[] bytes, int from, int to) {
        int size = to - from;
        if (size < 1 || size > 5 || bytes[from] != '0' && bytes[from] != '1' || size > 1 && bytes[from + 1] != '.') {
            return -1;
        }
        int q = bytes[from] - '0';
        for (int i = 2; i < 5; i++) {
            int digit = i < size ? bytes[from + i] - '0' : 0;
            if (digit < 0 || digit > 9) {
                return -1;
            }
            q = q * 10 + digit;
        }
        return q > 1000 ? -1 : q;
    }
}
