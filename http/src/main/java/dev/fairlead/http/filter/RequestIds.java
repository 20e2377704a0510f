package dev.fairlead.http.filter;

import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;

/// Gives each request an `X-Request-Id`: 128 random bits in hex, or the one that a trusted proxy gave it. One thread.
final class RequestIds {
    /// A longer one would only fill logs.
    private static final int KEPT_MAX = 128;

    private final RandomHex random;
    private final byte[] id = new byte[32];

    RequestIds(RandomHex random) {
        this.random = random;
    }

    void add(Fields fields, boolean trusted) {
        int given = fields.find(FieldName.X_REQUEST_ID);
        if (given >= 0) {
            if (trusted && isKept(fields, given)) {
                return;
            }
            fields.removeAll(FieldName.X_REQUEST_ID);
        }
        random.put(id, 0);
        random.put(id, 16);
        fields.add(FieldName.X_REQUEST_ID, id, 0, id.length);
    }

    /// The only one, of visible characters that mean nothing in a log.
    private static boolean isKept(Fields fields, int given) {
        int from = fields.valueStart(given);
        int to = fields.valueEnd(given);
        if (to == from || to - from > KEPT_MAX || fields.findAfter(given, FieldName.X_REQUEST_ID) >= 0) {
            return false;
        }
        for (int i = from; i < to; i++) {
            byte b = fields.bytes()[i];
            boolean base64 = b == '=' || b == '/' || b == ':' || b == '@';
            if (!Ascii.isToken(b) && !base64) {
                return false;
            }
        }
        return true;
    }
}
