package dev.fairlead.config;

import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// What a field, cookie or query parameter must be: exactly one of the keys.
@Scalar("value")
public record ValueSpec(
        @Key(value = "The name of the field, cookie or parameter.", isName = true)
        String name,

        @Key(value = "The whole value. Case matters.", optional = true, example = "\"1\"") @Nullable
        String value,

        @Key(value = "The value's beginning.", optional = true, example = "beta-") @Nullable
        String prefix,

        @Key(
                value = "A regular expression (RE2) for the whole value.",
                optional = true,
                form = Form.REGEX,
                example = "v[0-9]+")
        @Nullable
        String regex,

        @Key(value = "Whether it is there at all, with any value.", optional = true) @Nullable
        Boolean present) {

    public static ValueSpec exact(String name, String value) {
        return new ValueSpec(name, value, null, null, null);
    }

    /// Tells a mistake by `path`, where this stands.
    void check(String path, BiConsumer<String, String> error) {
        List<String> given = given();
        if (given.isEmpty()) {
            error.accept(path, "nothing is asked of `" + name + "`: give `value`, `prefix`, `regex` or `present`");
        } else if (given.size() > 1) {
            error.accept(path, Nearest.list(given, "and") + " exclude each other: keep one");
        }
    }

    /// Whether one of these values is as asked, or there is none, if that is what is asked.
    public boolean fits(List<String> values) {
        if (present != null) {
            return present == !values.isEmpty();
        }
        return values.stream().anyMatch(this::fits);
    }

    private boolean fits(String text) {
        if (value != null) {
            return text.equals(value);
        }
        if (prefix != null) {
            return text.startsWith(prefix);
        }
        return regex != null && Pattern.matches(regex, text);
    }

    /// In the words of the file.
    @Override
    public String toString() {
        if (value != null) {
            return "`" + value + "`";
        }
        if (prefix != null) {
            return "`" + prefix + "...`";
        }
        return regex != null ? "what fits `" + regex + "`" : Boolean.TRUE.equals(present) ? "any value" : "none";
    }

    /// The keys of the file that are given.
    private List<String> given() {
        List<String> given = new ArrayList<>();
        if (value != null) {
            given.add("value");
        }
        if (prefix != null) {
            given.add("prefix");
        }
        if (regex != null) {
            given.add("regex");
        }
        if (present != null) {
            given.add("present");
        }
        return given;
    }
}
