package dev.fairlead.http.route;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// RFC 9110 §12.5.1 as one would write it down, with lists and strings.
final class NaiveAccept {
    private static final List<String> TYPES = List.of("a", "b");
    private static final List<String> SUBTYPES = List.of("x", "y");

    private NaiveAccept() {}

    /// One well-formed member; `level` is its parameter, or empty.
    record Range(String type, String subtype, String level, int thousandths) {
        static Range random(Random random) {
            int kind = random.nextInt(6);
            String type = kind == 0 ? "*" : TYPES.get(random.nextInt(2));
            String subtype = kind <= 1 ? "*" : SUBTYPES.get(random.nextInt(2));
            String level = kind < 5 ? "" : String.valueOf(random.nextInt(2));
            return new Range(type, subtype, level, random.nextInt(4) * 250 + (random.nextBoolean() ? 0 : 250));
        }

        int precision() {
            return type.equals("*") ? 0 : subtype.equals("*") ? 1 : level.isEmpty() ? 2 : 3;
        }

        /// Whether a media type with this level, perhaps none, is in it.
        boolean has(String otherType, String otherSubtype, String otherLevel) {
            return (type.equals("*") || type.equals(otherType))
                    && (subtype.equals("*") || subtype.equals(otherSubtype))
                    && (level.isEmpty() || level.equals(otherLevel));
        }

        int wish() {
            return thousandths << 4 | precision();
        }

        @Override
        public String toString() {
            String weight = thousandths == 1000 ? "" : "; q=0." + "%03d".formatted(thousandths);
            return type + "/" + subtype + (level.isEmpty() ? "" : ";level=" + level) + weight;
        }
    }

    static String offer(Random random) {
        Range range = Range.random(random);
        return range.type + "/" + range.subtype + (range.level.isEmpty() ? "" : ";level=" + range.level);
    }

    static int wish(List<Range> ranges, String offer) {
        String[] parts = offer.split("[/;]");
        String level = parts.length < 3 ? "" : parts[2].substring("level=".length());
        if (parts[1].equals("*")) {
            // The best media type in it: one that a range names, or one that no range names in particular.
            List<String> types = parts[0].equals("*") ? List.of("a", "b", "other") : List.of(parts[0]);
            int best = 0;
            for (String type : types) {
                for (String subtype : List.of("x", "y", "other")) {
                    for (String some : List.of("", "0", "1", "other")) {
                        best = Math.max(
                                best,
                                strict(ranges, type, subtype, some)
                                        .map(Range::wish)
                                        .orElse(0));
                    }
                }
            }
            return best >> 4 == 0 ? 0 : best;
        }
        int strict = strict(ranges, parts[0], parts[1], level).map(Range::wish).orElse(-1);
        int wish = strict >= 0 ? strict : loose(ranges, parts[0], parts[1]);
        return wish >> 4 <= 0 ? 0 : wish;
    }

    private static Optional<Range> strict(List<Range> ranges, String type, String subtype, String level) {
        return ranges.stream()
                .filter(each -> each.has(type, subtype, level))
                .max(Comparator.comparingInt(Range::precision).thenComparingInt(Range::thousandths));
    }

    /// An offer without parameters also stands for the same type with some, where nothing else speaks of it.
    private static int loose(List<Range> ranges, String type, String subtype) {
        return ranges.stream()
                .filter(each -> each.type.equals(type) && each.subtype.equals(subtype))
                .max(Comparator.comparingInt(Range::precision).thenComparingInt(Range::thousandths))
                .map(Range::wish)
                .orElse(-1);
    }
}
