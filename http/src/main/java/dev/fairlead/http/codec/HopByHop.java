package dev.fairlead.http.codec;

import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;

/// Fields that are about one connection and go no further: RFC 9110 §7.6.1.
final class HopByHop {
    private static final FieldName[] ALWAYS = {
        FieldName.CONNECTION,
        FieldName.KEEP_ALIVE,
        FieldName.PROXY_CONNECTION,
        FieldName.TE,
        FieldName.TRANSFER_ENCODING,
        FieldName.UPGRADE
    };

    /// Not to be removed because `Connection` names them: they say what the message is and whom it is for, how it
    /// may be stored, or are the proxies' own. They are meant for every recipient, so that no honest sender names
    /// them, and no other must be able to make one vanish (RFC 9110 §7.6.1). What Fairlead adds itself it adds
    /// after this. `Connection` goes at the end: one that names it must not hide what the next one names.
    private static final long KEPT = FieldName.HOST.bit()
            | FieldName.CONNECTION.bit()
            | FieldName.CONTENT_LENGTH.bit()
            | FieldName.CONTENT_TYPE.bit()
            | FieldName.AUTHORIZATION.bit()
            | FieldName.CACHE_CONTROL.bit()
            | FieldName.COOKIE.bit()
            | FieldName.DATE.bit()
            | FieldName.EXPECT.bit()
            | FieldName.MAX_FORWARDS.bit()
            | FieldName.PROXY_STATUS.bit()
            | FieldName.TRACEPARENT.bit()
            | FieldName.TRACESTATE.bit()
            | FieldName.FORWARDED.bit()
            | FieldName.VIA.bit()
            | FieldName.X_FORWARDED_FOR.bit()
            | FieldName.X_FORWARDED_HOST.bit()
            | FieldName.X_FORWARDED_PORT.bit()
            | FieldName.X_FORWARDED_PROTO.bit()
            | FieldName.X_REAL_IP.bit()
            | FieldName.X_REQUEST_ID.bit();

    private static final long ALL;

    static {
        long all = 0;
        for (FieldName name : ALWAYS) {
            all |= name.bit();
        }
        ALL = all;
    }

    private HopByHop() {}

    static void remove(Fields fields) {
        if (!fields.mayHaveAnyOf(ALL)) {
            return;
        }
        for (int connection = fields.find(FieldName.CONNECTION);
                connection >= 0;
                connection = fields.findAfter(connection, FieldName.CONNECTION)) {
            removeNamed(fields, connection);
        }
        for (FieldName name : ALWAYS) {
            fields.removeAll(name);
        }
    }

    private static void removeNamed(Fields fields, int connection) {
        byte[] bytes = fields.bytes();
        int from = fields.valueStart(connection);
        int to = fields.valueEnd(connection);
        for (int i = 0; i < fields.count(); i++) {
            FieldName name = fields.name(i);
            boolean kept = name != null && (name.bit() & KEPT) != 0;
            if (i == connection || !fields.isThere(i) || kept) {
                continue;
            }
            if (listHas(bytes, from, to, fields.nameStart(i), fields.nameEnd(i))) {
                fields.remove(i);
            }
        }
    }

    /// Whether the comma-separated list in `bytes[from, to)` has the name in `bytes[name, nameEnd)`, of one array.
    private static boolean listHas(byte[] bytes, int from, int to, int name, int nameEnd) {
        int size = nameEnd - name;
        int at = from;
        while (at < to) {
            while (at < to && (bytes[at] == ',' || Ascii.isSpace(bytes[at]))) {
                at++;
            }
            int end = at;
            while (end < to && Ascii.isToken(bytes[end])) {
                end++;
            }
            boolean same = end - at == size && equal(bytes, at, name, size);
            while (end < to && bytes[end] != ',') {
                // What is no token is no member's name.
                same &= Ascii.isSpace(bytes[end++]);
            }
            if (same) {
                return true;
            }
            at = end;
        }
        return false;
    }

    private static boolean equal(byte[] bytes, int a, int b, int size) {
        for (int i = 0; i < size; i++) {
            if (Ascii.lower(bytes[a + i]) != Ascii.lower(bytes[b + i])) {
                return false;
            }
        }
        return true;
    }

    static boolean listHas(Fields fields, FieldName name, byte[] member) {
        for (int i = fields.find(name); i >= 0; i = fields.findAfter(i, name)) {
            if (Ascii.listHas(fields.bytes(), fields.valueStart(i), fields.valueEnd(i), member)) {
                return true;
            }
        }
        return false;
    }
}
