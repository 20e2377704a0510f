package dev.fairlead.http.compress;

import dev.fairlead.config.MediaRange;
import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The media types of a route's `compress.types`, as they are asked of a response. Immutable.
final class MediaTypes {
    private static final byte[] GRPC = bytes("application/grpc");
    private static final byte[] EVENTS = bytes("text/event-stream");

    /// Whole types, and of ranges what stands before the `*`.
    private final byte[][] wholes;
    private final byte[][] beginnings;

    MediaTypes(List<MediaRange> ranges) {
        wholes = ranges.stream()
                .filter(each -> !each.subtype().equals("*"))
                .map(each -> bytes(each.type() + '/' + each.subtype()))
                .toArray(byte[][]::new);
        beginnings = ranges.stream()
                .filter(each -> each.subtype().equals("*"))
                .map(each -> bytes(each.type().equals("*") ? "" : each.type() + '/'))
                .toArray(byte[][]::new);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// A response without a type is of none. gRPC is never one of these: its messages are compressed one by one, or
    /// not, and a coding of the whole is not part of it.
    boolean has(Fields response) {
        int field = response.find(FieldName.CONTENT_TYPE);
        if (field < 0) {
            return false;
        }
        byte[] bytes = response.bytes();
        int from = response.valueStart(field);
        int to = end(response, field);
        if (begins(bytes, from, to, GRPC)) {
            return false;
        }
        for (byte[] whole : wholes) {
            if (Ascii.equalsIgnoreCase(bytes, from, to, whole)) {
                return true;
            }
        }
        for (byte[] beginning : beginnings) {
            if (begins(bytes, from, to, beginning)) {
                return true;
            }
        }
        return false;
    }

    /// Server-sent events: each is to be there when it is sent.
    static boolean isEvents(Fields response) {
        int field = response.find(FieldName.CONTENT_TYPE);
        return field >= 0
                && Ascii.equalsIgnoreCase(response.bytes(), response.valueStart(field), end(response, field), EVENTS);
    }

    /// Where the type ends and its parameters begin.
    private static int end(Fields response, int field) {
        byte[] bytes = response.bytes();
        int end = response.valueStart(field);
        while (end < response.valueEnd(field) && (Ascii.isToken(bytes[end]) || bytes[end] == '/')) {
            end++;
        }
        return end;
    }

    private static boolean begins(byte[] bytes, int from, int to, byte[] lower) {
        return to - from >= lower.length && Ascii.equalsIgnoreCase(bytes, from, from + lower.length, lower);
    }
}
