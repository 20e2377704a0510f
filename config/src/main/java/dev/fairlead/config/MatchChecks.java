package dev.fairlead.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// What no single key of a match can tell.
final class MatchChecks {
    /// Takes the path and the message of a mistake.
    private final BiConsumer<String, String> error;

    MatchChecks(BiConsumer<String, String> error) {
        this.error = error;
    }

    /// `path` is the place of the whole match of a route.
    void run(MatchSpec match, String path) {
        match(match, path);
        if (Alternative.count(match) > Alternative.ALTERNATIVES_MAX) {
            error.accept(
                    path,
                    "`any` within `all` makes more than " + Alternative.ALTERNATIVES_MAX
                            + " combinations; a regular expression may say it in one");
        }
    }

    private void match(MatchSpec match, String path) {
        oneOf(path, given("host", match.host(), "host-regex", match.hostRegex()));
        List<String> paths = given("path", match.path(), "path-prefix", match.pathPrefix());
        paths.addAll(given("path-template", match.pathTemplate(), "path-regex", match.pathRegex()));
        oneOf(path, paths);
        if (match.pathTemplate() != null) {
            template(match.pathTemplate(), path + "/path-template");
        }
        values(match.headers(), path + "/headers");
        values(match.cookies(), path + "/cookies");
        values(match.query(), path + "/query");
        for (int i = 0; i < match.all().size(); i++) {
            match(match.all().get(i), path + "/all/" + i);
        }
        for (int i = 0; i < match.any().size(); i++) {
            match(match.any().get(i), path + "/any/" + i);
        }
        MatchSpec not = match.not();
        if (not != null) {
            if (not.equals(MatchSpec.EVERYTHING)) {
                error.accept(path + "/not", "`not` is empty: it excludes every request");
            }
            match(not, path + "/not");
        }
    }

    private static List<String> given(String key, @Nullable String value, String otherKey, @Nullable String other) {
        List<String> given = new ArrayList<>();
        if (value != null) {
            given.add(key);
        }
        if (other != null) {
            given.add(otherKey);
        }
        return given;
    }

    private void oneOf(String path, List<String> given) {
        if (given.size() > 1) {
            error.accept(path + "/" + given.get(1), Nearest.list(given, "and") + " exclude each other: keep one");
        }
    }

    private void template(String template, String path) {
        Set<String> seen = new HashSet<>();
        for (String segment : new Condition.PathTemplate(template).segments()) {
            if (Condition.PathTemplate.isVariable(segment) && !seen.add(segment)) {
                error.accept(path, "the variable `" + segment + "` stands twice");
            }
        }
    }

    private void values(Map<String, ValueSpec> values, String path) {
        values.forEach((name, value) -> value.check(path + "/" + YamlText.escaped(name), error));
    }
}
