package dev.fairlead.http.filter;

import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import java.nio.charset.StandardCharsets;

/// Reads the `Forwarded` fields of a head (RFC 7239 §4) and keeps the last elements. What is not well-formed, and
/// everything before it, is forgotten: it comes from somebody further away than whoever wrote the rest. Values are
/// places in the head's array. One thread.
final class ForwardedReader {
    /// Elements kept: more proxies than that are in no chain.
    static final int ELEMENTS_MAX = 32;

    static final int FOR = 0;
    static final int PROTO = 1;
    static final int HOST = 2;
    private static final int KINDS = 3;
    private static final byte[][] NAMES = {ascii("for"), ascii("proto"), ascii("host")};

    private final int[] starts = new int[ELEMENTS_MAX * KINDS];
    private final int[] ends = new int[ELEMENTS_MAX * KINDS];
    private int count;
    private int keptFrom;

    private byte[] bytes = {};
    private int at;
    private int to;

    private static byte[] ascii(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    void read(Fields fields) {
        count = 0;
        keptFrom = 0;
        bytes = fields.bytes();
        for (int i = fields.find(FieldName.FORWARDED); i >= 0; i = fields.findAfter(i, FieldName.FORWARDED)) {
            at = fields.valueStart(i);
            to = fields.valueEnd(i);
            if (!elements()) {
                count = 0;
                keptFrom = i + 1;
            }
        }
    }

    /// Elements read, at most [#ELEMENTS_MAX].
    int count() {
        return Math.min(count, ELEMENTS_MAX);
    }

    /// The number of the first field that is worth passing on.
    int keptFrom() {
        return keptFrom;
    }

    /// Where a value of an element stands, without its quotes; element 0 is the last one. Equal to [#end]: it has none.
    int start(int element, int kind) {
        return starts[slot(element) + kind];
    }

    int end(int element, int kind) {
        return ends[slot(element) + kind];
    }

    private int slot(int fromLast) {
        return (count - 1 - fromLast) % ELEMENTS_MAX * KINDS;
    }

    /// `forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )`, with commas between. False when the
    /// field is malformed.
    private boolean elements() {
        while (true) {
            int slot = count % ELEMENTS_MAX * KINDS;
            for (int kind = 0; kind < KINDS; kind++) {
                starts[slot + kind] = 0;
                ends[slot + kind] = 0;
            }
            int pairs = 0;
            while (true) {
                spaces();
                if (at == to || bytes[at] == ',') {
                    break;
                }
                if (bytes[at] != ';') {
                    if (!pair(slot)) {
                        return false;
                    }
                    pairs++;
                    spaces();
                }
                if (at < to && bytes[at] == ';') {
                    at++;
                } else if (at < to && bytes[at] != ',') {
                    return false;
                }
            }
            // RFC 9110 §5.6.1.2: empty elements of a list count for nothing.
            count += pairs > 0 ? 1 : 0;
            if (at == to) {
                return true;
            }
            at++;
        }
    }

    private void spaces() {
        while (at < to && Ascii.isSpace(bytes[at])) {
            at++;
        }
    }

    /// `token "=" ( token / quoted-string )`. Values that ought to be quoted and are not, such as IPv6 addresses,
    /// are taken all the same.
    private boolean pair(int slot) {
        int name = at;
        while (at < to && Ascii.isToken(bytes[at])) {
            at++;
        }
        int nameEnd = at;
        if (nameEnd == name || at == to || bytes[at] != '=') {
            return false;
        }
        at++;
        int value = at;
        int valueEnd;
        if (at < to && bytes[at] == '"') {
            value++;
            if (!quoted()) {
                return false;
            }
            valueEnd = at - 1;
        } else {
            while (at < to && isBare(bytes[at])) {
                at++;
            }
            valueEnd = at;
            if (valueEnd == value) {
                return false;
            }
        }
        for (int kind = 0; kind < KINDS; kind++) {
            if (Ascii.equalsIgnoreCase(bytes, name, nameEnd, NAMES[kind])) {
                if (starts[slot + kind] != 0) {
                    // RFC 7239 §4: each parameter at most once.
                    return false;
                }
                starts[slot + kind] = value;
                ends[slot + kind] = valueEnd;
            }
        }
        return true;
    }

    private static boolean isBare(byte b) {
        return Ascii.isToken(b) || b == ':' || b == '[' || b == ']';
    }

    /// RFC 9110 §5.6.4.
    private boolean quoted() {
        for (at++; at < to; at++) {
            if (bytes[at] == '"') {
                at++;
                return true;
            }
            if (bytes[at] == '\\') {
                at++;
            }
        }
        return false;
    }
}
