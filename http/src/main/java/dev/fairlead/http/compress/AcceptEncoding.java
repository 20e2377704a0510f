package dev.fairlead.http.compress;

import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What a client says in `Accept-Encoding` (RFC 9110 §12.5.3). A member with a weight that is none counts for
/// nothing. Makes no object.
final class AcceptEncoding {
    /// The client does not speak of it.
    private static final int UNSAID = -1;

    private static final byte[] IDENTITY = "identity".getBytes(StandardCharsets.US_ASCII);

    private AcceptEncoding() {}

    /// The coding that the client wants most, the first of equals; null: a body without one is as welcome or more so,
    /// or is all there is to give. A client that says nothing of codings is given none: it may not know any.
    static @Nullable Coding best(Fields request, Coding[] offered) {
        if (request.find(FieldName.ACCEPT_ENCODING) < 0) {
            return null;
        }
        Coding best = null;
        int weight = 0;
        for (Coding each : offered) {
            int wish = weight(request, each);
            if (wish > weight) {
                best = each;
                weight = wish;
            }
        }
        // Only one who names it prefers it: that it may always be sent needs not be said.
        return named(request, null) > weight ? null : best;
    }

    /// Whether the client has said that it takes the coding: one that says nothing may not know any.
    static boolean takes(Fields request, Coding coding) {
        return request.find(FieldName.ACCEPT_ENCODING) >= 0 && weight(request, coding) > 0;
    }

    /// In thousandths; 0: it must not be sent.
    private static int weight(Fields request, Coding coding) {
        int said = named(request, coding);
        return said == UNSAID ? Math.max(0, rest(request)) : said;
    }

    /// What stands behind the name of this coding, or of `identity` for null.
    private static int named(Fields request, @Nullable Coding coding) {
        return weight(request, coding, false);
    }

    /// What stands behind `*`, which is for all that are not named.
    private static int rest(Fields request) {
        return weight(request, null, true);
    }

    private static int weight(Fields request, @Nullable Coding coding, boolean isRest) {
        byte[] bytes = request.bytes();
        int found = UNSAID;
        for (int i = request.find(FieldName.ACCEPT_ENCODING);
                i >= 0;
                i = request.findAfter(i, FieldName.ACCEPT_ENCODING)) {
            int to = request.valueEnd(i);
            int at = request.valueStart(i);
            while (at < to) {
                int end = at;
                while (end < to && bytes[end] != ',') {
                    end++;
                }
                int name = skipSpace(bytes, at, end);
                int nameEnd = name;
                while (nameEnd < end && Ascii.isToken(bytes[nameEnd])) {
                    nameEnd++;
                }
                if (isNamed(bytes, name, nameEnd, coding, isRest)) {
                    found = Math.max(found, q(bytes, nameEnd, end));
                }
                at = end + 1;
            }
        }
        return found;
    }

    private static boolean isNamed(byte[] bytes, int name, int nameEnd, @Nullable Coding coding, boolean isRest) {
        if (isRest) {
            return nameEnd - name == 1 && bytes[name] == '*';
        }
        return coding == null
                ? Ascii.equalsIgnoreCase(bytes, name, nameEnd, IDENTITY)
                : coding.isNamed(bytes, name, nameEnd);
    }

    /// The weight behind a name: `;q=0.5`, with blanks around the semicolon. Without one it is 1.
    private static int q(byte[] bytes, int from, int to) {
        int at = skipSpace(bytes, from, to);
        if (at == to) {
            return 1000;
        }
        int name = bytes[at] == ';' ? skipSpace(bytes, at + 1, to) : to;
        if (to - name < 3 || (bytes[name] | 0x20) != 'q' || bytes[name + 1] != '=') {
            return UNSAID;
        }
        int end = to;
        while (end > name + 2 && Ascii.isSpace(bytes[end - 1])) {
            end--;
        }
        return Ascii.weight(bytes, name + 2, end);
    }

    private static int skipSpace(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && Ascii.isSpace(bytes[at])) {
            at++;
        }
        return at;
    }
}
