package dev.fairlead.http.filter;

import dev.fairlead.config.HeadersSpec.TraceContext;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import java.nio.charset.StandardCharsets;

/// Makes a `traceparent` for requests that bring none, or one that is malformed (W3C Trace Context §3.2). Fairlead
/// adds no span of its own: a good one is passed on as it is. One thread.
final class TraceContexts {
    private static final int SIZE = 55;
    private static final int TRACE_ID = 3;
    private static final int PARENT_ID = 36;
    private static final int FLAGS = 53;
    private static final byte[] FORM =
            "00-................................-................-0.".getBytes(StandardCharsets.US_ASCII);

    private final RandomHex random;
    private final byte[] made = FORM.clone();

    TraceContexts(RandomHex random) {
        this.random = random;
    }

    void add(Fields fields, TraceContext wanted) {
        int given = fields.find(FieldName.TRACEPARENT);
        if (given >= 0
                && fields.findAfter(given, FieldName.TRACEPARENT) < 0
                && isGood(fields.bytes(), fields.valueStart(given), fields.valueEnd(given))) {
            return;
        }
        fields.removeAll(FieldName.TRACEPARENT);
        // §3.3: without its traceparent a tracestate means nothing.
        fields.removeAll(FieldName.TRACESTATE);
        random.put(made, TRACE_ID);
        random.put(made, TRACE_ID + 16);
        random.put(made, PARENT_ID);
        made[FLAGS + 1] = (byte) (wanted == TraceContext.SAMPLED ? '1' : '0');
        fields.add(FieldName.TRACEPARENT, made, 0, made.length);
    }

    /// §3.2.2: `version "-" trace-id "-" parent-id "-" trace-flags`; §3.2.4: later versions may have more behind it.
    private static boolean isGood(byte[] bytes, int from, int to) {
        if (to - from < SIZE) {
            return false;
        }
        boolean version0 = bytes[from] == '0' && bytes[from + 1] == '0';
        boolean ends = to - from == SIZE || !version0 && bytes[from + SIZE] == '-';
        boolean versionFf = bytes[from] == 'f' && bytes[from + 1] == 'f';
        return ends
                && !versionFf
                && isHex(bytes, from, 2)
                && bytes[from + TRACE_ID - 1] == '-'
                && isHex(bytes, from + TRACE_ID, 32)
                && !isZero(bytes, from + TRACE_ID, 32)
                && bytes[from + PARENT_ID - 1] == '-'
                && isHex(bytes, from + PARENT_ID, 16)
                && !isZero(bytes, from + PARENT_ID, 16)
                && bytes[from + FLAGS - 1] == '-'
                && isHex(bytes, from + FLAGS, 2);
    }

    private static boolean isHex(byte[] bytes, int from, int size) {
        for (int i = from; i < from + size; i++) {
            boolean digit = bytes[i] >= '0' && bytes[i] <= '9';
            if (!digit && !(bytes[i] >= 'a' && bytes[i] <= 'f')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isZero(byte[] bytes, int from, int size) {
        for (int i = from; i < from + size; i++) {
            if (bytes[i] != '0') {
                return false;
            }
        }
        return true;
    }
}
