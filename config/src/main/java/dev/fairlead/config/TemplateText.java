package dev.fairlead.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Reads a field value with variables: `for {client} of {route}`. `{{` is a plain `{`.
public final class TemplateText {
    private TemplateText() {}

    /// A piece of a value.
    public sealed interface Part {
        /// As it stands.
        record Text(String text) implements Part {}

        /// What differs from request to request.
        record Fact(Variable variable) implements Part {}
    }

    /// What a value may tell. None of it can hold a control character.
    public enum Variable {
        CLIENT,
        HOST,
        REQUEST_ID,
        ROUTE,
        SNI,
        TLS_VERSION,
        CLIENT_SUBJECT,
        CLIENT_NAMES,
        CLIENT_FINGERPRINT;

        private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The parts of a text that the config has checked.
    public static List<Part> parts(String text) {
        try {
            return read(text);
        } catch (Malformed e) {
            throw new IllegalArgumentException(e.sentence(), e);
        }
    }

    static List<Part> read(String text) throws Malformed {
        List<Part> parts = new ArrayList<>();
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~') {
                throw new Malformed("a field value is made of visible ASCII characters and spaces");
            }
            if (c != '{') {
                plain.append(c);
            } else if (text.startsWith("{{", i)) {
                plain.append(c);
                i++;
            } else {
                int end = text.indexOf('}', i);
                if (end < 0) {
                    throw new Malformed("the `{` has no `}`; a plain one is written `{{`");
                }
                parts.add(new Part.Text(plain.toString()));
                plain.setLength(0);
                parts.add(new Part.Fact(variable(text.substring(i + 1, end))));
                i = end;
            }
        }
        parts.add(new Part.Text(plain.toString()));
        return parts;
    }

    private static Variable variable(String word) throws Malformed {
        List<String> words =
                Arrays.stream(Variable.values()).map(each -> each.word).toList();
        int at = words.indexOf(word);
        if (at < 0) {
            String hint = Nearest.hint(word, words);
            throw new Malformed("there is no variable `{" + word + "}`"
                    + (hint.isEmpty() ? ": there are " + Nearest.list(words, "and") : hint));
        }
        return Variable.values()[at];
    }
}
