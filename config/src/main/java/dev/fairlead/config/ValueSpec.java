package dev.fairlead.config;

import java.util.ArrayList;
import java.util.List;
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

    /// The keys of the file that are given.
    List<String> given() {
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
