package dev.fairlead.http.route;

import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import java.util.Arrays;

/// Asks of what a request has by name. Where the name stands several times, one value that fits is enough.
final class Named {
    private Named() {}

    /// `name` in lower case: RFC 9110 §5.1.
    record Field(byte[] name, Text text) implements Criterion {
        @Override
        public boolean holds(RequestHead request, Client client) {
            Fields fields = request.fields();
            byte[] bytes = fields.bytes();
            for (int i = 0; i < fields.count(); i++) {
                if (fields.isThere(i)
                        && Ascii.equalsIgnoreCase(bytes, fields.nameStart(i), fields.nameEnd(i), name)
                        && text.fits(bytes, fields.valueStart(i), fields.valueEnd(i))) {
                    return true;
                }
            }
            return false;
        }
    }

    /// RFC 6265 §4.2.1: `name=value; name=value`. HTTP/2 may split them over several fields.
    record Cookie(byte[] name, Text text) implements Criterion {
        @Override
        public boolean holds(RequestHead request, Client client) {
            Fields fields = request.fields();
            for (int i = fields.find(FieldName.COOKIE); i >= 0; i = fields.findAfter(i, FieldName.COOKIE)) {
                if (pair(';', name, text, fields.bytes(), fields.valueStart(i), fields.valueEnd(i))) {
                    return true;
                }
            }
            return false;
        }
    }

    /// `name=value&name=value`; a name without `=` has an empty value.
    record Parameter(byte[] name, Text text) implements Criterion {
        @Override
        public boolean holds(RequestHead request, Client client) {
            return pair('&', name, text, request.fields().bytes(), request.pathEnd() + 1, request.targetEnd());
        }
    }

    private static boolean pair(char separator, byte[] name, Text text, byte[] bytes, int from, int to) {
        int start = from;
        while (start < to) {
            int end = start;
            while (end < to && bytes[end] != separator) {
                end++;
            }
            while (start < end && Ascii.isSpace(bytes[start])) {
                start++;
            }
            int nameEnd = start + name.length;
            if (nameEnd <= end && Arrays.equals(bytes, start, nameEnd, name, 0, name.length)) {
                boolean bare = nameEnd == end && separator == '&';
                if (bare || nameEnd < end && bytes[nameEnd] == '=') {
                    if (text.fits(bytes, bare ? end : nameEnd + 1, end)) {
                        return true;
                    }
                }
            }
            start = end + 1;
        }
        return false;
    }
}
