package dev.fairlead.http.cache;

import dev.fairlead.http.message.Ascii;
import dev.fairlead.http.message.FieldName;
import dev.fairlead.http.message.Fields;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Which requests a response is for, of those with one key (RFC 9111 §4.1): those that have the same in the fields
/// that the response names. Blanks, and the number of lines a list is spread over, make no difference. Immutable.
final class Vary {
    /// More names than any sound server gives.
    private static final int NAMES_MAX = 32;

    private static final Vary ANY = new Vary(List.of(), List.of());

    private final List<Name> names;
    private final List<String> values;

    private record Name(@Nullable FieldName known, byte[] lower) {}

    private Vary(List<Name> names, List<String> values) {
        this.names = names;
        this.values = values;
    }

    /// Null for one that no request is known to be like: `*`.
    static @Nullable Vary of(Fields response, Fields request) {
        if (response.find(FieldName.VARY) < 0) {
            return ANY;
        }
        List<Name> names = new ArrayList<>();
        for (int i = response.find(FieldName.VARY); i >= 0; i = response.findAfter(i, FieldName.VARY)) {
            for (String each : response.valueText(i).split(",")) {
                String lower = each.strip().toLowerCase(Locale.ROOT);
                if (lower.equals("*") || names.size() == NAMES_MAX) {
                    return null;
                }
                if (!lower.isEmpty()) {
                    names.add(new Name(FieldName.of(lower), lower.getBytes(StandardCharsets.ISO_8859_1)));
                }
            }
        }
        return new Vary(names, names.stream().map(name -> value(request, name)).toList());
    }

    /// The same again, of what [#names] and [#values] said.
    static Vary of(List<String> lowerNames, List<String> values) {
        List<Name> names = lowerNames.stream()
                .map(name -> new Name(FieldName.of(name), name.getBytes(StandardCharsets.ISO_8859_1)))
                .toList();
        return names.isEmpty() ? ANY : new Vary(names, List.copyOf(values));
    }

    /// The names of the fields, in lower case.
    List<String> names() {
        return texts(names);
    }

    /// What the request said in each.
    List<String> values() {
        return values;
    }

    boolean matches(Fields request) {
        for (int i = 0; i < names.size(); i++) {
            if (!value(request, names.get(i)).equals(values.get(i))) {
                return false;
            }
        }
        return true;
    }

    /// Whether the same requests are meant.
    boolean isSame(Vary other) {
        return values.equals(other.values)
                && names.size() == other.names.size()
                && texts(names).equals(texts(other.names));
    }

    private static List<String> texts(List<Name> names) {
        return names.stream()
                .map(name -> new String(name.lower, StandardCharsets.ISO_8859_1))
                .toList();
    }

    private static String value(Fields request, Name name) {
        return value(request, name.known, name.lower);
    }

    /// All values of a field as one list, without blanks around its commas. Not there is not the same as empty.
    static String value(Fields request, @Nullable FieldName known, byte[] lower) {
        StringBuilder all = null;
        for (int i = 0; i < request.count(); i++) {
            if (!request.isThere(i) || !isNamed(request, i, known, lower)) {
                continue;
            }
            if (all == null) {
                all = new StringBuilder("=");
            } else {
                all.append(',');
            }
            squeeze(request.bytes(), request.valueStart(i), request.valueEnd(i), all);
        }
        if (all == null) {
            return "";
        }
        // Codings and languages are told apart without case (RFC 9110 §8.4.1, §8.5.1).
        boolean hasNoCase = known == FieldName.ACCEPT_ENCODING || known == FieldName.ACCEPT_LANGUAGE;
        return hasNoCase ? '=' + Preferences.normal(all.substring(1).toLowerCase(Locale.ROOT)) : all.toString();
    }

    private static boolean isNamed(Fields request, int field, @Nullable FieldName known, byte[] lower) {
        if (known != null) {
            return request.name(field) == known;
        }
        return request.name(field) == null
                && Ascii.equalsIgnoreCase(request.bytes(), request.nameStart(field), request.nameEnd(field), lower);
    }

    private static void squeeze(byte[] bytes, int from, int to, StringBuilder out) {
        int blanks = 0;
        boolean atStart = true;
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (b == ' ' || b == '\t') {
                blanks++;
                continue;
            }
            if (blanks > 0 && !atStart && b != ',') {
                out.append(' ');
            }
            blanks = 0;
            out.append((char) (b & 0xff));
            atStart = b == ',';
        }
    }
}
