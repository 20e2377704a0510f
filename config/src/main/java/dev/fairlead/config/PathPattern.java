package dev.fairlead.config;

import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A path made of parts of another one, and where its variables come from: the segments of a path template, or the
/// groups of a regular expression.
public record PathPattern(List<Part> parts, Sources sources) {
    public PathPattern {
        parts = List.copyOf(parts);
    }

    /// A piece of the path.
    public sealed interface Part {
        record Text(String text) implements Part {}

        /// A variable, by the number of its segment or group.
        record Piece(int number) implements Part {}
    }

    /// What variables there are, each by its number. `regex` is null where they are segments, counted from 0.
    public record Sources(@Nullable String regex, Map<String, Integer> numbers) {
        public Sources {
            numbers = Map.copyOf(numbers);
        }

        static Sources ofTemplate(String template) {
            Map<String, Integer> numbers = new TreeMap<>();
            List<String> segments = new Condition.PathTemplate(template).segments();
            for (int i = 0; i < segments.size(); i++) {
                String segment = segments.get(i);
                if (Condition.PathTemplate.isVariable(segment)) {
                    numbers.put(segment.substring(1, segment.length() - 1), i);
                }
            }
            return new Sources(null, numbers);
        }

        static Sources ofRegex(String regex) {
            Pattern compiled = Pattern.compile(regex);
            Map<String, Integer> numbers = new TreeMap<>(compiled.namedGroups());
            for (int i = 0; i <= compiled.groupCount(); i++) {
                numbers.put(Integer.toString(i), i);
            }
            return new Sources(regex, numbers);
        }

        /// Of the expression that is given, else of the match; none where neither has any.
        static Sources of(@Nullable String regex, MatchSpec match) {
            if (regex != null) {
                return ofRegex(regex);
            }
            if (match.pathTemplate() != null) {
                return ofTemplate(match.pathTemplate());
            }
            return match.pathRegex() == null ? new Sources(null, Map.of()) : ofRegex(match.pathRegex());
        }
    }

    /// Of texts that the config has checked.
    public static PathPattern of(String template, @Nullable String regex, MatchSpec match) {
        try {
            return read(template, Sources.of(regex, match));
        } catch (Malformed e) {
            throw new IllegalArgumentException(e.sentence(), e);
        }
    }

    static PathPattern read(String template, Sources sources) throws Malformed {
        List<Part> parts = new ArrayList<>();
        int from = 0;
        for (int open = template.indexOf('{'); open >= 0; open = template.indexOf('{', from)) {
            int close = template.indexOf('}', open);
            parts.add(new Part.Text(PathText.encoded(template.substring(from, open))));
            String name = template.substring(open + 1, close);
            Integer number = sources.numbers().get(name);
            if (number == null) {
                throw new Malformed(unknown(name, sources));
            }
            parts.add(new Part.Piece(number));
            from = close + 1;
        }
        parts.add(new Part.Text(PathText.encoded(template.substring(from))));
        return new PathPattern(parts, sources);
    }

    private static String unknown(String name, Sources sources) {
        if (sources.numbers().isEmpty()) {
            return "there is no variable `{" + name
                    + "}`: the route's `match` has neither `path-template` with variables nor `path-regex`";
        }
        List<String> known = sources.numbers().keySet().stream().sorted().toList();
        boolean isNumber = Character.isDigit(name.charAt(0));
        String hint = isNumber ? "" : Nearest.hint(name, known);
        return "there is no variable `{" + name + "}`"
                + (hint.isEmpty() ? ": there are " + Nearest.list(known, "and") : hint);
    }
}
