package dev.fairlead.config;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Whether a route can make the path that it is to make.
final class PathChecks {
    private final BiConsumer<String, String> error;

    /// `error` takes a path of the file and a message.
    PathChecks(BiConsumer<String, String> error) {
        this.error = error;
    }

    /// `at` is the place of the record that has these keys.
    void run(
            @Nullable String whole,
            @Nullable String prefix,
            @Nullable String template,
            @Nullable String regex,
            MatchSpec match,
            String at) {
        List<String> given = new ArrayList<>();
        dots("path", whole, at, given);
        dots("prefix", prefix, at, given);
        // A variable is something: what is around it must not be what makes the dots.
        dots("template", template, at, given);
        if (given.size() > 1) {
            error.accept(at + "/" + given.get(1), Nearest.list(given, "and") + " exclude each other: keep one");
        } else if (prefix != null && match.path() != null) {
            error.accept(at + "/prefix", "the route matches a whole `path`: give `path` here too");
        }
        if (template != null) {
            try {
                PathPattern.read(template, PathPattern.Sources.of(regex, match));
            } catch (Malformed e) {
                error.accept(at + "/template", e.sentence());
            }
        } else if (regex != null) {
            error.accept(at + "/regex", "`regex` means nothing without `template`");
        }
    }

    private void dots(String key, @Nullable String path, String at, List<String> given) {
        if (path != null) {
            given.add(key);
            if (PathText.hasDots(path)) {
                error.accept(at + "/" + key, "a path cannot have the segments `.` and `..`");
            }
        }
    }
}
