package dev.fairlead.http.filter;

import dev.fairlead.http.message.Ascii;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads IP addresses as proxies write them into fields: `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]`, each perhaps
/// with a port (RFC 7239 §6, and what `X-Forwarded-For` is seen with). Strict: no name, no zone, no short forms, no
/// octal. One thread.
final class IpText {
    private static final int GROUPS = 8;
    private final byte[] v4 = new byte[4];
    private final byte[] v6 = new byte[16];

    /// The address in `bytes[from, to)`, or null when it is none.
    @Nullable
    InetAddress read(byte[] bytes, int from, int to) {
        if (from < to && bytes[from] == '[') {
            int end = from;
            while (end < to && bytes[end] != ']') {
                end++;
            }
            boolean whole = end < to && isPort(bytes, end + 1, to);
            return whole && isV6(bytes, from + 1, end) ? address(v6) : null;
        }
        int colon = from;
        while (colon < to && bytes[colon] != ':') {
            colon++;
        }
        if (isPort(bytes, colon, to) && isV4(bytes, from, colon)) {
            return address(v4);
        }
        return isV6(bytes, from, to) ? address(v6) : null;
    }

    /// Nothing, or a colon and a number.
    private static boolean isPort(byte[] bytes, int from, int to) {
        return from == to || bytes[from] == ':' && to - from <= 6 && Ascii.digits(bytes, from + 1, to) >= 0;
    }

    private boolean isV4(byte[] bytes, int from, int to) {
        return v4(bytes, from, to, v4, 0);
    }

    private static boolean v4(byte[] bytes, int from, int to, byte[] into, int at) {
        int start = from;
        for (int part = 0; part < 4; part++) {
            int end = start;
            while (end < to && bytes[end] != '.') {
                end++;
            }
            long number = end - start > 3 ? -1 : Ascii.digits(bytes, start, end);
            boolean octal = end - start > 1 && bytes[start] == '0';
            boolean last = part == 3;
            if (number < 0 || number > 255 || octal || last != (end == to)) {
                return false;
            }
            into[at + part] = (byte) number;
            start = end + 1;
        }
        return true;
    }

    /// RFC 4291 §2.2.
    private boolean isV6(byte[] bytes, int from, int to) {
        Arrays.fill(v6, (byte) 0);
        int group = 0;
        int gap = -1;
        int at = from;
        if (to - from >= 2 && bytes[from] == ':') {
            if (bytes[from + 1] != ':') {
                return false;
            }
            gap = 0;
            at += 2;
        }
        while (at < to) {
            int end = at;
            boolean dotted = false;
            while (end < to && bytes[end] != ':') {
                dotted |= bytes[end] == '.';
                end++;
            }
            if (dotted) {
                if (end != to || group > GROUPS - 2 || !v4(bytes, at, to, v6, group * 2)) {
                    return false;
                }
                group += 2;
                break;
            }
            int value = hex(bytes, at, end);
            if (value < 0 || group == GROUPS) {
                return false;
            }
            v6[group * 2] = (byte) (value >> 8);
            v6[group * 2 + 1] = (byte) value;
            group++;
            if (end == to) {
                break;
            }
            at = end + 1;
            if (at == to) {
                return false;
            }
            if (bytes[at] == ':') {
                if (gap >= 0) {
                    return false;
                }
                gap = group;
                at++;
            }
        }
        if (gap < 0) {
            return group == GROUPS;
        }
        if (group == GROUPS) {
            return false;
        }
        int moved = (group - gap) * 2;
        System.arraycopy(v6, gap * 2, v6, v6.length - moved, moved);
        Arrays.fill(v6, gap * 2, v6.length - moved, (byte) 0);
        return true;
    }

    private static int hex(byte[] bytes, int from, int to) {
        if (from == to || to - from > 4) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = Character.digit(bytes[i], 16);
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes", e);
        }
    }
}
