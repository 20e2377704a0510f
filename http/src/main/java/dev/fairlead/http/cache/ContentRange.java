package dev.fairlead.http.cache;

import dev.fairlead.http.message.Digests;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which bytes `[from, to)` of how many a response carries (RFC 9110 §14.4). Pure.
record ContentRange(long from, long to, long size) {
    private static final Pattern VALUE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");

    /// Of one with a single part (206), or with all of the body (200); null when it is neither, or does not say how
    /// long the body is, or carries another number of bytes.
    static @Nullable ContentRange of(ResponseHead head) {
        long length = head.contentLength();
        if (head.status() == 200 && length > 0) {
            return new ContentRange(0, length, length);
        }
        ContentRange said = head.status() == 206 ? of(head.fields()) : null;
        return said == null || length != ResponseHead.UNKNOWN && length != said.to - said.from ? null : said;
    }

    private static @Nullable ContentRange of(Fields fields) {
        int field = fields.find(FieldName.CONTENT_RANGE);
        if (field < 0 || fields.findAfter(field, FieldName.CONTENT_RANGE) >= 0) {
            return null;
        }
        Matcher value = VALUE.matcher(fields.valueText(field).strip());
        if (!value.matches()) {
            return null;
        }
        long from = Long.parseLong(value.group(1));
        long to = Long.parseLong(value.group(2)) + 1;
        long size = Long.parseLong(value.group(3));
        return from < to && to <= size ? new ContentRange(from, to, size) : null;
    }

    /// Whether a response with this status says something of a part that was asked for.
    static boolean isOfParts(int status) {
        return status == 206 || status == 304 || status == 416;
    }

    /// The head that the whole would have come with (RFC 9110 §15.3.7).
    ResponseHead whole(ResponseHead head) {
        ResponseHead whole = head.copy();
        Fields fields = whole.fields();
        fields.removeAll(FieldName.CONTENT_RANGE);
        Digests.dropOfContent(fields);
        fields.removeAll(FieldName.CONTENT_LENGTH);
        fields.add(FieldName.CONTENT_LENGTH, Long.toString(size));
        whole.status(200, 0, 0);
        whole.contentLength(size);
        return whole;
    }
}
