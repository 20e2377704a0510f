package dev.fairlead.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;

/// A regular expression of the file, in RE2's syntax: matched in time that grows with the text alone, so there are
/// no references back and no looking ahead.
final class RegexText {
    /// Room for any condition that a person can still read.
    static final int LENGTH_MAX = 500;

    /// Steps of the compiled program; each byte of a text may visit all of them.
    static final int STEPS_MAX = 5_000;

    private RegexText() {}

    static String check(String text) throws Malformed {
        if (size(text) > STEPS_MAX) {
            // Known before it is compiled: nested repetitions would fill the memory.
            throw new Malformed("the regular expression `" + text + "` is too costly: its repetitions multiply beyond "
                    + STEPS_MAX);
        }
        try {
            int steps = Pattern.compile(text).programSize();
            if (steps > STEPS_MAX) {
                throw new Malformed("the regular expression `" + text + "` is too costly: it compiles to " + steps
                        + " steps, and " + STEPS_MAX + " are allowed");
            }
            return text;
        } catch (PatternSyntaxException e) {
            String what = e.getDescription() == null ? "not RE2" : e.getDescription();
            String where = e.getPattern() == null ? "" : ": `" + e.getPattern() + "`";
            throw new Malformed("the regular expression `" + text + "` is wrong: " + what + where);
        }
    }

    /// About as many characters as the expression has once its counted repetitions (`a{9}`) are written out.
    private static long size(String text) {
        Deque<Long> groups = new ArrayDeque<>();
        long sum = 0;
        long last = 0;
        for (int i = 0; i < text.length() && sum <= STEPS_MAX; i++) {
            switch (text.charAt(i)) {
                case '(' -> {
                    groups.push(sum);
                    sum = 0;
                    last = 0;
                }
                case ')' -> {
                    last = sum;
                    sum += groups.isEmpty() ? 0 : groups.pop();
                }
                case '{' -> {
                    int end = text.indexOf('}', i);
                    long times = end < 0 ? 1 : times(text.substring(i + 1, end));
                    sum += last * (times - 1);
                    last *= times;
                    i = end < 0 ? i : end;
                }
                case '\\' -> {
                    i++;
                    last = 1;
                    sum++;
                }
                default -> {
                    last = 1;
                    sum++;
                }
            }
        }
        return sum;
    }

    /// `3`, `3,` and `3,9`: the larger; anything else is no repetition.
    private static long times(String counts) {
        long most = 1;
        for (String count : counts.split(",", 2)) {
            if (!count.matches("[0-9]{0,4}")) {
                return 1;
            }
            most = Math.max(most, count.isEmpty() ? 1 : Long.parseLong(count));
        }
        return most;
    }
}
