package dev.fairlead.config;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How the file writes a number of bytes: a whole number and a binary unit, `512B`, `64KiB`, `1MiB`; without a unit
/// it is bytes. `KB` and its like are refused, since half the world takes them for 1000.
final class SizeText {
    static final String PATTERN = "[0-9]{1,15}(B|KiB|MiB|GiB|TiB|PiB)?";
    private static final Pattern FORM = Pattern.compile("([0-9]{1,15})(B|KiB|MiB|GiB|TiB|PiB|)");
    private static final Pattern LOOSE = Pattern.compile("([0-9]+) ?([kmgtp])(i?b)?");
    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB");

    private SizeText() {}

    static long parse(String text) throws Malformed {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new Malformed(complaint(text));
        }
        long count = Long.parseLong(matcher.group(1));
        int shift = 10 * Math.max(0, UNITS.indexOf(matcher.group(2)));
        if (count > Long.MAX_VALUE >> shift) {
            throw new Malformed("`" + text + "` is more bytes than Fairlead can count");
        }
        return count << shift;
    }

    /// The shortest text that says it exactly.
    static String write(long bytes) {
        int unit = 0;
        long count = bytes;
        while (count != 0 && count % 1024 == 0 && unit < UNITS.size() - 1) {
            count /= 1024;
            unit++;
        }
        return count + UNITS.get(unit);
    }

    private static String complaint(String text) {
        String expected = "expected a size such as `512B`, `64KiB` or `1MiB`";
        Matcher loose = LOOSE.matcher(text.toLowerCase(Locale.ROOT));
        if (loose.matches()) {
            String unit = loose.group(2).toUpperCase(Locale.ROOT) + "iB";
            return expected + ", found `" + text + "`; did you mean `" + loose.group(1) + unit + "`, counted in 1024s?";
        }
        return expected + ", found `" + text + "`";
    }
}
