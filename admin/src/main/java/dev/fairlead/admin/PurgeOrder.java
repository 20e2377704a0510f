package dev.fairlead.admin;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Which kept responses an operator wants forgotten; or, if it is soft, stale, so that they are asked for again before
/// they are used. `value` is a URL, the beginning of one, or a tag.
public record PurgeOrder(By by, String value, boolean isSoft) {
    public enum By {
        URL,
        PREFIX,
        TAG,
        ALL;

        private final String word = name().toLowerCase(Locale.ROOT);
    }

    /// What came of it.
    public sealed interface Told {
        /// So many responses.
        record Done(long count) implements Told {}

        /// The value is none that can be looked for.
        record Refused(String reason) implements Told {}
    }

    /// As the body of a form.
    public String form() {
        return by.word + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8) + (isSoft ? "&soft=true" : "");
    }

    /// The order in a form, or null when it has none, or two.
    static @Nullable PurgeOrder of(String form) {
        By by = null;
        String value = "";
        boolean isSoft = false;
        for (String pair : form.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            if (name.equals("soft")) {
                isSoft = pair.equals("soft=true");
                continue;
            }
            By named = by(name);
            if (named == null || by != null) {
                return null;
            }
            by = named;
            try {
                value = equals < 0 ? "" : URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException malformed) {
                return null;
            }
        }
        return by == null || by != By.ALL && value.isEmpty() ? null : new PurgeOrder(by, value, isSoft);
    }

    private static @Nullable By by(String word) {
        for (By each : By.values()) {
            if (each.word.equals(word)) {
                return each;
            }
        }
        return null;
    }
}
