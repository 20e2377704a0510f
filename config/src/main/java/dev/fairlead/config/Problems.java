package dev.fairlead.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/// The problems found so far in one file.
final class Problems {
    /// Beyond this a person fixes something and asks again.
    private static final int PROBLEMS_MAX = 1000;

    private static final int MESSAGE_MAX = 500;

    private final String file;
    private final String text;
    /// Of the text, once there is a problem.
    private @Nullable List<String> lines;
    private final List<Problem> found = new ArrayList<>();
    /// Paths that have an error, to find those at or below a path.
    private final TreeSet<String> broken = new TreeSet<>();

    Problems(String file, String text) {
        this.file = file;
        this.text = text;
    }

    void error(Node at, String path, String message) {
        Mark mark = at.getStartMark().orElseThrow();
        add(Severity.ERROR, mark.getLine() + 1, mark.getColumn() + 1, path, message);
    }

    void warning(Node at, String path, String message) {
        Mark mark = at.getStartMark().orElseThrow();
        add(Severity.WARNING, mark.getLine() + 1, mark.getColumn() + 1, path, message);
    }

    void error(int line, int column, String path, String message) {
        add(Severity.ERROR, line, column, path, message);
    }

    private void add(Severity severity, int line, int column, String path, String message) {
        if (severity == Severity.ERROR) {
            broken.add(path);
        }
        if (found.size() > PROBLEMS_MAX) {
            return;
        }
        String said =
                found.size() == PROBLEMS_MAX ? "and more: only the first " + PROBLEMS_MAX + " are shown" : message;
        String source = line <= lines().size() ? lines().get(line - 1) : "";
        found.add(new Problem(severity, file, line, column, path, oneLine(said), source));
    }

    private List<String> lines() {
        List<String> known = lines;
        if (known == null) {
            known = text.lines().toList();
            lines = known;
        }
        return known;
    }

    /// Values are quoted in messages, and a value may hold anything.
    private static String oneLine(String message) {
        StringBuilder line = new StringBuilder();
        message.codePoints()
                .limit(MESSAGE_MAX)
                .map(each -> Character.isISOControl(each) ? ' ' : each)
                .forEach(line::appendCodePoint);
        return line.append(message.length() > MESSAGE_MAX ? "..." : "").toString();
    }

    boolean hasErrors() {
        return !broken.isEmpty();
    }

    /// Whether the value at this path, or something in it, has an error already: one place, one complaint.
    boolean isBroken(String path) {
        String next = broken.ceiling(path);
        if (path.equals(next)) {
            return true;
        }
        String below = broken.ceiling(path + "/");
        return below != null && below.startsWith(path + "/");
    }

    /// In the order of the file.
    List<Problem> list() {
        List<Problem> sorted = new ArrayList<>(found);
        if (sorted.size() > 1) {
            sorted.sort(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column));
        }
        return Collections.unmodifiableList(sorted);
    }
}
