package dev.fairlead.config;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How the file writes a duration: a whole number and one unit, `250ms`, `5s`, `10m`, `2h`, `7d`.
final class DurationText {
    static final String PATTERN = "[0-9]{1,10}(ms|s|m|h|d)";
    private static final Pattern FORM = Pattern.compile("([0-9]{1,10})(ms|s|m|h|d)");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+([.][0-9]+)?");
    private static final Pattern FRACTION = Pattern.compile("[0-9]+[.][0-9]+(ms|s|m|h|d)");

    private record Unit(String word, Duration one) {}

    /// From the longest, so that [#write] finds the shortest text.
    private static final List<Unit> UNITS = List.of(
            new Unit("d", Duration.ofDays(1)),
            new Unit("h", Duration.ofHours(1)),
            new Unit("m", Duration.ofMinutes(1)),
            new Unit("s", Duration.ofSeconds(1)),
            new Unit("ms", Duration.ofMillis(1)));

    private DurationText() {}

    static Duration parse(String text) throws Malformed {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new Malformed(complaint(text));
        }
        long count = Long.parseLong(matcher.group(1));
        for (Unit unit : UNITS) {
            if (unit.word.equals(matcher.group(2))) {
                return unit.one.multipliedBy(count);
            }
        }
        throw new IllegalStateException(text);
    }

    /// The shortest text that says it exactly; what is finer than a millisecond is cut off.
    static String write(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        long millis = duration.toMillis();
        for (Unit unit : UNITS) {
            if (millis % unit.one.toMillis() == 0) {
                return millis / unit.one.toMillis() + unit.word;
            }
        }
        throw new IllegalStateException(duration.toString());
    }

    private static String complaint(String text) {
        String expected = "expected a duration such as `250ms`, `5s`, `10m`, `2h` or `1d`";
        if (FRACTION.matcher(text).matches()) {
            return expected + "; `" + text + "` has a fraction: use the next smaller unit";
        }
        if (NUMBER.matcher(text).matches()) {
            return expected + "; `" + text + "` has no unit";
        }
        return expected + ", found `" + text + "`";
    }
}
