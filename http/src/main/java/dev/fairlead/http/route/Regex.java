package dev.fairlead.http.route;

import com.google.re2j.Pattern;
import java.nio.charset.StandardCharsets;

/// A regular expression for a whole text, on RE2's engine: its time grows with the length of the text alone,
/// whatever the expression and the text are.
final class Regex implements Text {
    private final Pattern pattern;

    Regex(String regex) {
        this.pattern = Pattern.compile(regex);
    }

    /// Decoded first, since the engine reads bytes only where they are valid UTF-8.
    @Override
    public boolean fits(byte[] bytes, int from, int to) {
        return pattern.matches(new String(bytes, from, to - from, StandardCharsets.UTF_8));
    }
}
