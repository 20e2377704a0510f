package dev.fairlead.http.route;

import dev.fairlead.config.Condition;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;

/// Asks of a value: of a field, a cookie, a parameter.
interface Text {
    /// `bytes[from, to)` is the value.
    boolean fits(byte[] bytes, int from, int to);

    /// The criterion for what has a name and, if it is there, a value.
    static Criterion named(Condition.Value value, Function<Text, Criterion> made) {
        return switch (value) {
            case Condition.Value.Exact(String text) -> made.apply(new Is(text.getBytes(StandardCharsets.UTF_8)));
            case Condition.Value.Prefix(String text) -> made.apply(new Begins(text.getBytes(StandardCharsets.UTF_8)));
            case Condition.Value.Regex(String regex) -> made.apply(new Regex(regex));
            case Condition.Value.Present _ -> made.apply((_, _, _) -> true);
            case Condition.Value.Absent _ -> new Criterion.None(new Criterion[][] {{made.apply((_, _, _) -> true)}});
        };
    }

    record Is(byte[] text) implements Text {
        @Override
        public boolean fits(byte[] bytes, int from, int to) {
            return Arrays.equals(bytes, from, to, text, 0, text.length);
        }
    }

    record Begins(byte[] text) implements Text {
        @Override
        public boolean fits(byte[] bytes, int from, int to) {
            return to - from >= text.length && Arrays.equals(bytes, from, from + text.length, text, 0, text.length);
        }
    }
}
