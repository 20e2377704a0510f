package dev.fairlead.http.route;

import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;

/// What a client says in `Accept` of a media type: RFC 9110 §12.5.1. Members that are malformed are left out; a
/// field of which nothing is left says nothing, as one that is not there: everything is welcome.
final class Accept {
    /// The client excludes the type, or speaks only of others.
    static final int UNWANTED = 0;

    private static final int PRECISION_BITS = 4;
    private static final int PRECISION_MAX = (1 << PRECISION_BITS) - 1;
    private static final int Q_ONE = 1000;

    // A member, packed so that reading one makes no object.
    private static final int Q_SHIFT = 8;
    private static final int END_SHIFT = 24;
    private static final long VALID = 0x80;
    private static final long FOREIGN = 0x40;
    private static final int PARAMETERS = 0x3f;

    private Accept() {}

    /// How much the client wants what is offered: first by its weight (0 to 1000), of equal weights by how precisely
    /// the range names it that gave the weight; both in one number. Above [#UNWANTED] it is wanted.
    ///
    /// The weight of a media type is that of the most precise range which takes it in. A range of offers,
    /// such as `image/*`, is worth what the best type in it is worth, whatever that is.
    static int wish(Fields fields, Media offer) {
        int best = -1;
        int loose = -1;
        int all = -1;
        boolean isOfTypeSaid = false;
        boolean isSaid = false;
        byte[] bytes = fields.bytes();
        for (int i = fields.find(FieldName.ACCEPT); i >= 0; i = fields.findAfter(i, FieldName.ACCEPT)) {
            int to = fields.valueEnd(i);
            int at = fields.valueStart(i);
            while (at < to) {
                long member = member(bytes, at, to, offer);
                int start = MediaText.skipSpace(bytes, at, to);
                at = (int) (member >>> END_SHIFT) + 1;
                if ((member & VALID) == 0) {
                    continue;
                }
                isSaid = true;
                int precision = precision(bytes, start, to, member);
                int q = (int) (member >>> Q_SHIFT) & 0xffff;
                if (offer.isAny()) {
                    best = Math.max(best, q << PRECISION_BITS | precision);
                } else if (precision == 0) {
                    all = Math.max(all, q << PRECISION_BITS);
                } else if (isOf(bytes, start, to, offer, precision)) {
                    if (offer.isRange()) {
                        isOfTypeSaid |= precision == 1;
                        best = Math.max(best, q << PRECISION_BITS | precision);
                    } else if ((member & FOREIGN) != 0) {
                        loose = morePrecise(loose, q, precision);
                    } else {
                        best = morePrecise(best, q, precision);
                    }
                }
            }
        }
        if (!isSaid) {
            return Q_ONE << PRECISION_BITS;
        }
        if (offer.isRange() && !offer.isAny() ? !isOfTypeSaid : best < 0) {
            best = Math.max(best, all);
        }
        return wanted(best < 0 ? loose : best);
    }

    /// Whether the client spoke of a type, or of types such as `image/*`; else of all alike, or not at all.
    static boolean isNamed(int wish) {
        return (wish & PRECISION_MAX) > 0;
    }

    private static int wanted(int wish) {
        return wish >> PRECISION_BITS <= 0 ? UNWANTED : wish;
    }

    /// The more precise range decides; of two alike the larger weight.
    private static int morePrecise(int before, int q, int precision) {
        int known = before < 0 ? -1 : before & PRECISION_MAX;
        int wish = q << PRECISION_BITS | precision;
        return precision > known || precision == known && wish > before ? wish : before;
    }

    /// 0 for `*/*`, 1 for `image/*`, 2 for a type, and one more for each parameter.
    private static int precision(byte[] bytes, int start, int to, long member) {
        int slash = MediaText.tokenEnd(bytes, start, to);
        if (isStar(bytes, start, slash)) {
            return 0;
        }
        if (isStar(bytes, slash + 1, MediaText.tokenEnd(bytes, slash + 1, to))) {
            return 1;
        }
        return Math.min(PRECISION_MAX, 2 + (int) (member & PARAMETERS));
    }

    /// Whether the range at `start` is of the offer's type, and of its subtype where both have one.
    private static boolean isOf(byte[] bytes, int start, int to, Media offer, int precision) {
        int slash = MediaText.tokenEnd(bytes, start, to);
        return offer.isType(bytes, start, slash)
                && (precision == 1
                        || offer.isRange()
                        || offer.isSubtype(bytes, slash + 1, MediaText.tokenEnd(bytes, slash + 1, to)));
    }

    private static boolean isStar(byte[] bytes, int from, int to) {
        return to - from == 1 && bytes[from] == '*';
    }

    /// Reads `type "/" subtype *( ";" [ parameter ] )` up to the comma behind it. The result has where that is, the
    /// weight, how many parameters there are, whether one of them is [#FOREIGN] to the offer, and whether all of it
    /// is [#VALID].
    private static long member(byte[] bytes, int from, int to, Media offer) {
        int type = MediaText.skipSpace(bytes, from, to);
        int slash = MediaText.tokenEnd(bytes, type, to);
        if (slash == type || slash == to || bytes[slash] != '/') {
            return malformed(bytes, slash, to);
        }
        int end = MediaText.tokenEnd(bytes, slash + 1, to);
        boolean isHalf = isStar(bytes, type, slash) && !isStar(bytes, slash + 1, end);
        if (end == slash + 1 || isHalf) {
            return malformed(bytes, end, to);
        }
        int q = -1;
        int parameters = 0;
        long foreign = 0;
        int at = MediaText.skipSpace(bytes, end, to);
        while (at < to && bytes[at] == ';') {
            int name = MediaText.skipSpace(bytes, at + 1, to);
            int nameEnd = MediaText.tokenEnd(bytes, name, to);
            at = nameEnd;
            if (nameEnd > name) {
                if (nameEnd == to || bytes[nameEnd] != '=') {
                    return malformed(bytes, nameEnd, to);
                }
                int valueEnd = MediaText.valueEnd(bytes, nameEnd + 1, to);
                if (valueEnd < 0) {
                    return malformed(bytes, nameEnd + 1, to);
                }
                // RFC 9110 §12.5.1: a parameter named q is the weight, wherever it stands.
                if (nameEnd - name == 1 && (bytes[name] | 0x20) == 'q') {
                    int weight = q < 0 ? Ascii.weight(bytes, nameEnd + 1, valueEnd) : -1;
                    if (weight < 0) {
                        return malformed(bytes, valueEnd, to);
                    }
                    q = weight;
                } else {
                    parameters = Math.min(parameters + 1, PARAMETERS);
                    foreign |= offer.has(bytes, name, nameEnd, nameEnd + 1, valueEnd) ? 0 : FOREIGN;
                }
                at = valueEnd;
            }
            at = MediaText.skipSpace(bytes, at, to);
        }
        if (at < to && bytes[at] != ',') {
            return malformed(bytes, at, to);
        }
        return (long) at << END_SHIFT | (long) (q < 0 ? Q_ONE : q) << Q_SHIFT | VALID | foreign | parameters;
    }

    private static long malformed(byte[] bytes, int from, int to) {
        return (long) MediaText.memberEnd(bytes, from, to) << END_SHIFT;
    }
}
