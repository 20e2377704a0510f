package dev.fairlead.config;

import java.io.StringWriter;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// One mistake in a config file, with its place. `line` and `column` count from 1, in characters; `path` is a JSON
/// Pointer (RFC 6901) such as `/upstreams/app/endpoints/0`, empty for the whole file; `sourceLine` is the line's
/// text.
public record Problem(
        Severity severity, String file, int line, int column, String path, String message, String sourceLine) {

    /// More of a line than this is not shown.
    private static final int SNIPPET_MAX = 120;

    /// `fairlead.yaml:4:5: error: unknown key ...`
    public String headline() {
        return file + ":" + line + ":" + column + ": " + severity.word() + ": " + message;
    }

    /// The headline, the path, the source line and a caret under the place.
    public String text() {
        StringBuilder text = new StringBuilder(headline());
        if (!path.isEmpty()) {
            text.append("\n    at ").append(path);
        }
        if (!sourceLine.isBlank()) {
            appendSnippet(text);
        }
        return text.toString();
    }

    private void appendSnippet(StringBuilder text) {
        int[] points = sourceLine.codePoints().toArray();
        int at = Math.min(column - 1, points.length);
        int from = at < SNIPPET_MAX - 20 ? 0 : at - SNIPPET_MAX / 2;
        int to = Math.min(points.length, from + SNIPPET_MAX);
        text.append("\n    ").append(visible(points, from, to));
        text.append("\n    ");
        for (int i = from; i < at; i++) {
            text.append(points[i] == '\t' ? '\t' : ' ');
        }
        text.append('^');
    }

    /// Control characters would let a file write over the terminal that shows it.
    private static String visible(int[] points, int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.appendCodePoint(points[i] != '\t' && Character.isISOControl(points[i]) ? '?' : points[i]);
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return headline();
    }

    /// The problems as one JSON array of objects with `severity`, `file`, `line`, `column`, `path`, `message`.
    public static String json(List<Problem> problems) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartArray();
            for (Problem problem : problems) {
                json.writeStartObject();
                json.writeStringProperty("severity", problem.severity.word());
                json.writeStringProperty("file", problem.file);
                json.writeNumberProperty("line", problem.line);
                json.writeNumberProperty("column", problem.column);
                json.writeStringProperty("path", problem.path);
                json.writeStringProperty("message", problem.message);
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        return text.toString();
    }
}
