package dev.fairlead.net.probe;

import io.netty.buffer.ByteBuf;

/// Reads the status of an HTTP/1 response and nothing else of it. Strict, and bounded: whatever does not answer a
/// probe with a plain status line within [#BYTES_MAX] is no healthy HTTP server.
final class HttpStatusReader {
    static final int MORE = -1;
    static final int INVALID = -2;
    static final int BYTES_MAX = 8 << 10;

    private static final int STATUS_LINE_BYTES_MIN = "HTTP/1.1 200".length();

    private final byte[] bytes = new byte[BYTES_MAX];
    private int length;
    private int headStart;

    /// The final status once it is known; else [#MORE] or [#INVALID]. Only reads from the buffer.
    int read(ByteBuf buffer) {
        int count = Math.min(buffer.readableBytes(), BYTES_MAX - length);
        buffer.readBytes(bytes, length, count);
        length += count;
        while (true) {
            int lineEnd = lineEnd(headStart);
            if (lineEnd < 0) {
                return length == BYTES_MAX ? INVALID : MORE;
            }
            int status = status(headStart, lineEnd);
            if (status < 100 || status > 199) {
                return status;
            }
            // RFC 9110 §15.2: any number of interim responses may come before the final one.
            int next = headEnd(lineEnd);
            if (next < 0) {
                return length == BYTES_MAX ? INVALID : MORE;
            }
            headStart = next;
        }
    }

    /// Where the line's CRLF begins, or -1.
    private int lineEnd(int from) {
        for (int i = from; i + 1 < length; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /// What follows the empty line, or -1.
    private int headEnd(int from) {
        for (int i = from; i + 3 < length; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') {
                return i + 4;
            }
        }
        return -1;
    }

    /// RFC 9112 §4: `HTTP/1.x SP 3DIGIT SP reason`; some servers leave out the last space.
    private int status(int from, int to) {
        boolean isLine = to - from >= STATUS_LINE_BYTES_MIN
                && startsWith("HTTP/1.", from)
                && isDigit(from + 7)
                && bytes[from + 8] == ' '
                && isDigit(from + 9)
                && isDigit(from + 10)
                && isDigit(from + 11)
                && (to - from == STATUS_LINE_BYTES_MIN || bytes[from + 12] == ' ');
        if (!isLine) {
            return INVALID;
        }
        int status = (bytes[from + 9] - '0') * 100 + (bytes[from + 10] - '0') * 10 + bytes[from + 11] - '0';
        return status < 100 || status > 599 ? INVALID : status;
    }

    private boolean startsWith(String word, int from) {
        for (int i = 0; i < word.length(); i++) {
            if (bytes[from + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private boolean isDigit(int i) {
        return bytes[i] >= '0' && bytes[i] <= '9';
    }
}
