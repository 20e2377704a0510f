package dev.fairlead.http.compress;

import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.Digests;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import org.jspecify.annotations.Nullable;

/// What a coding changes in the fields of messages. Pure.
final class CodedFields {
    private static final byte[] ACCEPT_ENCODING = FieldName.ACCEPT_ENCODING.lower();
    private static final byte[] ANY = {'*'};

    private CodedFields() {}

    /// The response's head, or the trailers, are those of bytes with this coding.
    static void code(Fields fields, Coding coding) {
        fields.removeAll(FieldName.CONTENT_LENGTH);
        // RFC 9110 §14.3: parts of what is made on the fly cannot be given.
        fields.removeAll(FieldName.ACCEPT_RANGES);
        fields.add(FieldName.CONTENT_ENCODING, coding.word());
        // Of the bytes as they were before: the content is another, and so is the representation, with its coding.
        Digests.drop(fields);
        weaken(fields);
    }

    /// They are those of the bytes without it.
    static void decode(Fields fields) {
        fields.removeAll(FieldName.CONTENT_LENGTH);
        fields.removeAll(FieldName.ACCEPT_RANGES);
        fields.removeAll(FieldName.CONTENT_ENCODING);
        Digests.drop(fields);
        weaken(fields);
    }

    /// The response depends on what the client accepts, for caches behind us (RFC 9110 §12.5.5).
    static void vary(Fields response) {
        for (int i = response.find(FieldName.VARY); i >= 0; i = response.findAfter(i, FieldName.VARY)) {
            int from = response.valueStart(i);
            int to = response.valueEnd(i);
            if (Ascii.listHas(response.bytes(), from, to, ACCEPT_ENCODING)
                    || Ascii.listHas(response.bytes(), from, to, ANY)) {
                return;
            }
        }
        response.add(FieldName.VARY, "Accept-Encoding");
    }

    /// RFC 9110 §8.8.3.3: what has another coding is another representation, and needs another strong tag. As a weak
    /// one the endpoint's still serves: it means the same content, and `If-None-Match` is compared weakly.
    private static void weaken(Fields response) {
        String tag = response.valueText(FieldName.ETAG);
        if (tag != null && !isWeak(tag)) {
            response.removeAll(FieldName.ETAG);
            response.add(FieldName.ETAG, "W/" + tag);
        }
    }

    /// A 304 has the tag that the response would have had (RFC 9110 §15.4.5), and says nothing of other bytes: where
    /// the client, or the cache, knows it by a weak tag.
    static void notModified(Fields request, Fields notModified) {
        String tag = notModified.valueText(FieldName.ETAG);
        if (tag == null || isWeak(tag)) {
            return;
        }
        for (int i = request.find(FieldName.IF_NONE_MATCH); i >= 0; i = request.findAfter(i, FieldName.IF_NONE_MATCH)) {
            if (request.valueText(i).contains("W/" + tag)) {
                weaken(notModified);
                notModified.removeAll(FieldName.ACCEPT_RANGES);
                Digests.drop(notModified);
                vary(notModified);
                return;
            }
        }
    }

    /// A client that was given a weak tag in the place of the endpoint's strong one says `If-Match: W/"x"`, which
    /// matches nothing (RFC 9110 §13.1.1). It means what it was shown, whose strong tag is `"x"`; and where the
    /// endpoint's own tag is weak, this one does not match it either.
    static void strengthen(Fields request) {
        for (int i = request.find(FieldName.IF_MATCH); i >= 0; i = request.findAfter(i, FieldName.IF_MATCH)) {
            String strong = strong(request.valueText(i));
            if (strong != null) {
                request.remove(i);
                request.add(FieldName.IF_MATCH, strong);
            }
        }
    }

    /// The list without the marks of weakness; null when there is none.
    private static @Nullable String strong(String tags) {
        StringBuilder strong = new StringBuilder(tags.length());
        boolean isQuoted = false;
        for (int at = 0; at < tags.length(); at++) {
            if (!isQuoted && tags.startsWith("W/\"", at)) {
                at += 2;
            }
            isQuoted ^= tags.charAt(at) == '"';
            strong.append(tags.charAt(at));
        }
        return strong.length() == tags.length() ? null : strong.toString();
    }

    private static boolean isWeak(String tag) {
        return tag.startsWith("W/");
    }
}
