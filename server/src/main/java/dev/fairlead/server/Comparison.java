package dev.fairlead.server;

import dev.fairlead.config.ExpectationSpec;
import dev.fairlead.config.ValueSpec;
import dev.fairlead.http.explain.Explanation;
import dev.fairlead.http.explain.Explanation.Target;
import dev.fairlead.server.Trial.Difference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// What becomes of a request beside what is expected to. Used once.
final class Comparison {
    private final Explanation explanation;
    private final String path;
    private final List<Difference> differences = new ArrayList<>();

    /// `path` is where the expectation stands in the file.
    Comparison(Explanation explanation, String path) {
        this.explanation = explanation;
        this.path = path;
    }

    List<Difference> differences(ExpectationSpec expect) {
        Explanation.Answer answer = explanation.answer();
        if (expect.route() != null && !expect.route().equals(explanation.route())) {
            differ("route", "the route `" + expect.route() + "`", route(explanation));
        }
        if (!expect.upstream().isEmpty() && !isAmong(upstreams(explanation), expect.upstream())) {
            differ("upstream", "the upstream `" + String.join("` or `", expect.upstream()) + "`", outcome(explanation));
        }
        if (expect.status() != 0 && (answer == null || answer.status() != expect.status())) {
            differ("status", "the status " + expect.status(), outcome(explanation));
        }
        if (expect.target() != null && !expect.target().equals(target())) {
            differ("target", "`" + expect.target() + "`", answer == null ? "`" + target() + "`" : outcome(explanation));
        }
        List<String> response = answer == null ? explanation.responseFields() : answer.fields();
        if (expect.location() != null && !values(response, "Location").contains(expect.location())) {
            differ("location", "`" + expect.location() + "`", found(values(response, "Location")));
        }
        fields("request-headers", expect.requestHeaders(), explanation.request());
        fields("response-headers", expect.responseHeaders(), response);
        return differences;
    }

    private void fields(String key, Map<String, ValueSpec> expected, List<String> lines) {
        expected.forEach((name, value) -> {
            List<String> values = values(lines, name);
            if (!value.fits(values)) {
                boolean isNoRequest = key.equals("request-headers") && explanation.answer() != null;
                String actual = isNoRequest ? outcome(explanation) : found(values);
                differ(key + "/" + name, name + ": " + value, actual);
            }
        });
    }

    private void differ(String key, String expected, String actual) {
        differences.add(new Difference(path + "/" + key, expected, actual));
    }

    private static boolean isAmong(List<String> names, List<String> expected) {
        return !names.isEmpty() && new HashSet<>(expected).containsAll(names);
    }

    private static List<String> upstreams(Explanation explanation) {
        Target chosen = explanation.chosen();
        return chosen != null
                ? List.of(chosen.upstream())
                : explanation.targets().stream().map(Target::upstream).toList();
    }

    private String target() {
        List<String> lines = explanation.request();
        return lines.isEmpty() ? "" : lines.getFirst().split(" ", -1)[1];
    }

    /// The values of the lines `Name: value` that have this name (RFC 9110 §5.1: in whatever case).
    private static List<String> values(List<String> lines, String name) {
        String start = name + ":";
        return lines.stream()
                .filter(line -> line.regionMatches(true, 0, start, 0, start.length()))
                .map(line -> line.substring(start.length()).strip())
                .toList();
    }

    private static String found(List<String> values) {
        return values.isEmpty() ? "none" : "`" + String.join("`, `", values) + "`";
    }

    static String route(Explanation explanation) {
        String route = explanation.route();
        return route == null ? "none" : route.isEmpty() ? "none: the listener's upstream" : route;
    }

    static String outcome(Explanation explanation) {
        Explanation.Answer answer = explanation.answer();
        if (answer == null) {
            return "to " + String.join(" or ", upstreams(explanation));
        }
        String location = String.join(", ", values(answer.fields(), "Location"));
        return answer.status()
                + (location.isEmpty() ? "" : " " + location)
                + (answer.reason().isEmpty() ? "" : ": " + answer.reason());
    }
}
