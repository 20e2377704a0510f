package dev.fairlead.http.h2;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// How urgent a client says that an answer is (RFC 9218 §4): 0 is the most urgent, and it may be of use in parts.
public record Priority(int urgency, boolean isIncremental) {
    /// Of who says nothing: as urgent as most, and fair to those beside it.
    public static final Priority NONE = new Priority(3, true);

    /// As the request's fields have it.
    public static Priority of(Fields fields) {
        int field = fields.find(FieldName.PRIORITY);
        return field < 0 ? NONE : of(fields.valueText(field));
    }

    /// As a PRIORITY_UPDATE frame has it, of which this is what is left.
    public static Priority of(ByteBuf value) {
        return of(value.toString(StandardCharsets.ISO_8859_1));
    }

    /// A dictionary of structured fields (RFC 8941 §3.2), of which nothing but `u` and `i` is known. What cannot be
    /// read is as if it were not there.
    public static Priority of(String value) {
        int urgency = NONE.urgency;
        boolean incremental = false;
        for (String member : value.split(",", 16)) {
            String bare = member.strip();
            int parameters = bare.indexOf(';');
            String known = parameters < 0 ? bare : bare.substring(0, parameters);
            if (known.length() == 3 && known.startsWith("u=") && known.charAt(2) >= '0' && known.charAt(2) <= '7') {
                urgency = known.charAt(2) - '0';
            } else if (known.equals("i") || known.equals("i=?1")) {
                incremental = true;
            } else if (known.equals("i=?0")) {
                incremental = false;
            }
        }
        return new Priority(urgency, incremental);
    }
}
