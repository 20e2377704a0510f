package dev.fairlead.http.cache;

import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.RequestHead;
import org.jspecify.annotations.Nullable;

/// What of a kept response a request asks for by its conditions (RFC 9110 §13.2.2, RFC 9111 §4.3.2) and its range
/// (§14.2). Pure.
final class Conditions {
    enum Kind {
        WHOLE,
        PART,
        NOT_MODIFIED,
        /// The range is not within the body.
        UNSATISFIABLE,
        /// Bytes that are asked for are not kept.
        MISSING
    }

    /// `[from, to)` of a part.
    record Answer(Kind kind, long from, long to) {}

    private static final Answer WHOLE = new Answer(Kind.WHOLE, 0, 0);
    private static final Answer NOT_MODIFIED = new Answer(Kind.NOT_MODIFIED, 0, 0);
    private static final Answer MISSING = new Answer(Kind.MISSING, 0, 0);
    private static final Answer UNSATISFIABLE = new Answer(Kind.UNSATISFIABLE, 0, 0);

    private static final long ALL =
            FieldName.IF_NONE_MATCH.bit() | FieldName.IF_MODIFIED_SINCE.bit() | FieldName.RANGE.bit();

    private Conditions() {}

    static Answer answer(RequestHead request, Entry entry) {
        PartialBody parts = entry.parts();
        Answer whole = parts == null ? WHOLE : MISSING;
        Fields fields = request.fields();
        if (!fields.mayHaveAnyOf(ALL) || entry.head().status() != 200) {
            return whole;
        }
        if (isNotModified(fields, entry)) {
            return NOT_MODIFIED;
        }
        // RFC 9110 §14.2: of another method a range says nothing.
        boolean isForPart = request.method() == Method.GET && fields.find(FieldName.RANGE) >= 0;
        boolean isGrowing = parts == null && entry.body().state() != Body.State.WHOLE;
        Answer answer = isGrowing || !isForPart ? WHOLE : range(fields, entry);
        return switch (answer.kind()) {
            case WHOLE -> whole;
            case PART -> parts == null || parts.has(answer.from(), answer.to()) ? answer : MISSING;
            case NOT_MODIFIED, UNSATISFIABLE, MISSING -> answer;
        };
    }

    /// Whether what is kept has all that is asked for.
    static boolean isAnswered(RequestHead request, Entry entry) {
        return entry.parts() == null || answer(request, entry).kind() != Kind.MISSING;
    }

    private static boolean isNotModified(Fields fields, Entry entry) {
        if (fields.find(FieldName.IF_NONE_MATCH) >= 0) {
            // RFC 9110 §13.1.3: then the date does not count.
            return hasTag(fields, entry.etag());
        }
        String since = fields.valueText(FieldName.IF_MODIFIED_SINCE);
        if (since == null) {
            return false;
        }
        String modified = entry.lastModified();
        if (since.equals(modified)) {
            return true;
        }
        long of = HttpDate.seconds(modified == null ? entry.head().fields().valueText(FieldName.DATE) : modified);
        return of != HttpDate.NONE && of <= HttpDate.seconds(since);
    }

    /// By the weak comparison (RFC 9110 §8.8.3.2).
    private static boolean hasTag(Fields fields, @Nullable String etag) {
        for (int i = fields.find(FieldName.IF_NONE_MATCH); i >= 0; i = fields.findAfter(i, FieldName.IF_NONE_MATCH)) {
            String value = fields.valueText(i).strip();
            if (value.equals("*")) {
                return true;
            }
            if (etag != null && hasTag(value, opaque(etag))) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasTag(String list, String wanted) {
        int at = 0;
        while (at < list.length()) {
            int end = at;
            // A comma may stand in the quotes of a tag.
            boolean quoted = false;
            while (end < list.length() && (quoted || list.charAt(end) != ',')) {
                quoted ^= list.charAt(end) == '"';
                end++;
            }
            if (opaque(list.substring(at, end).strip()).equals(wanted)) {
                return true;
            }
            at = end + 1;
        }
        return false;
    }

    private static String opaque(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }

    private static Answer range(Fields fields, Entry entry) {
        String unless = fields.valueText(FieldName.IF_RANGE);
        if (unless != null && !isSame(unless, entry)) {
            return WHOLE;
        }
        String text = String.valueOf(fields.valueText(FieldName.RANGE)).strip();
        long size = entry.body().size();
        if (!text.regionMatches(true, 0, "bytes=", 0, 6) || text.indexOf(',') >= 0) {
            // Another unit, or several ranges: the whole is always right (RFC 9110 §14.2).
            return WHOLE;
        }
        String spec = text.substring(6).strip();
        int dash = spec.indexOf('-');
        if (dash < 0) {
            return WHOLE;
        }
        long first = number(spec.substring(0, dash));
        long last = number(spec.substring(dash + 1));
        if (dash == 0) {
            if (last < 0) {
                return WHOLE;
            }
            return last == 0 || size == 0 ? UNSATISFIABLE : new Answer(Kind.PART, Math.max(0, size - last), size);
        }
        boolean isOpen = dash == spec.length() - 1;
        if (first < 0 || !isOpen && last < first) {
            return WHOLE;
        }
        if (first >= size) {
            return UNSATISFIABLE;
        }
        return new Answer(Kind.PART, first, isOpen ? size : Math.min(size, last + 1));
    }

    /// RFC 9110 §13.1.5: by the strong comparison, or by exactly the date.
    private static boolean isSame(String validator, Entry entry) {
        return validator.startsWith("\"") ? validator.equals(entry.etag()) : validator.equals(entry.lastModified());
    }

    private static long number(String digits) {
        if (digits.isEmpty() || digits.length() > 18 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        return Long.parseLong(digits);
    }
}
