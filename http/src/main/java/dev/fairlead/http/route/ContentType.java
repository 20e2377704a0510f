package dev.fairlead.http.route;

import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;

/// Asks of the media type of the request's body. A field that is no media type is none of these.
record ContentType(Media[] ranges) implements Criterion {
    @Override
    public boolean holds(RequestHead request, Client client) {
        Fields fields = request.fields();
        int field = fields.find(FieldName.CONTENT_TYPE);
        if (field < 0) {
            return false;
        }
        byte[] bytes = fields.bytes();
        int start = fields.valueStart(field);
        int end = fields.valueEnd(field);
        int slash = MediaText.tokenEnd(bytes, start, end);
        if (slash == start || slash == end || bytes[slash] != '/') {
            return false;
        }
        int subtypeEnd = MediaText.tokenEnd(bytes, slash + 1, end);
        for (Media range : ranges) {
            boolean isKind = range.isAny()
                    || range.isType(bytes, start, slash)
                            && (range.isRange() || range.isSubtype(bytes, slash + 1, subtypeEnd));
            if (isKind && hasAll(range, bytes, subtypeEnd, end)) {
                return subtypeEnd > slash + 1;
            }
        }
        return false;
    }

    private static boolean hasAll(Media range, byte[] bytes, int from, int to) {
        for (int i = 0; i < range.names().length; i++) {
            if (!has(range.names()[i], range.values()[i], bytes, from, to)) {
                return false;
            }
        }
        return true;
    }

    /// RFC 9110 §5.6.6: `; name=value`, with spaces around the semicolon.
    private static boolean has(byte[] name, byte[] wanted, byte[] bytes, int from, int to) {
        int at = MediaText.skipSpace(bytes, from, to);
        while (at < to && bytes[at] == ';') {
            int start = MediaText.skipSpace(bytes, at + 1, to);
            int nameEnd = MediaText.tokenEnd(bytes, start, to);
            at = nameEnd;
            if (nameEnd > start && nameEnd < to && bytes[nameEnd] == '=') {
                int end = MediaText.valueEnd(bytes, nameEnd + 1, to);
                if (end < 0) {
                    return false;
                }
                if (Ascii.equalsIgnoreCase(bytes, start, nameEnd, name)) {
                    return MediaText.says(bytes, nameEnd + 1, end, wanted);
                }
                at = end;
            }
            at = MediaText.skipSpace(bytes, at, to);
        }
        return false;
    }
}
