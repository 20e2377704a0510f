package dev.fairlead.server.cli;

import dev.fairlead.admin.AdminClient;
import dev.fairlead.server.Table;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/// An explanation for people, out of its tree.
final class ExplanationText {
    private final Map<String, Object> tree;
    private final StringBuilder text = new StringBuilder();

    private ExplanationText(Map<String, Object> tree) {
        this.tree = tree;
    }

    static String of(Map<String, Object> tree) {
        return new ExplanationText(tree).text();
    }

    private String text() {
        if (tree.containsKey("carrier")) {
            flow();
            return text.toString();
        }
        line("listener  " + tree.get("listener"));
        line("client    " + tree.get("client"));
        routes();
        Object route = tree.get("route");
        line("route     " + (route == null ? "none" : "".equals(route) ? "none: the listener's upstream" : route));
        if (tree.containsKey("status")) {
            answer();
        } else {
            forwarding();
        }
        return text.toString();
    }

    private void flow() {
        line("listener  " + tree.get("listener") + " (" + tree.get("protocol") + ", " + tree.get("carrier") + ")");
        line("client    " + tree.get("client"));
        if (!tree.containsKey("upstream")) {
            line("endpoint  none: " + tree.get("why"));
            unknown();
            return;
        }
        line("upstream  " + tree.get("upstream") + (Boolean.TRUE.equals(tree.get("panic")) ? ", panic" : ""));
        List<String> candidates = endpoints(objects(tree, "endpoints"));
        // Of one alone it is known which of its ports that will be.
        String choice = candidates.isEmpty() ? "none" : choice(candidates);
        line("endpoint  " + tree.getOrDefault("endpoint", choice) + sticky(tree));
        line("why       " + tree.get("why"));
        unknown();
    }

    /// What a file does not say.
    private void unknown() {
        if (tree.containsKey("unknown")) {
            line("unknown   " + String.join(", ", strings(tree, "unknown")));
        }
    }

    private void routes() {
        List<Map<String, Object>> routes = objects(tree, "routes");
        if (routes.isEmpty()) {
            return;
        }
        Table table = new Table("", "ROUTE", "PRIORITY", "CONDITIONS", "OUTCOME");
        for (Map<String, Object> each : routes) {
            boolean isWinner = Boolean.TRUE.equals(each.get("winner"));
            String conditions = strings(each, "conditions").stream().collect(Collectors.joining(", "));
            table.row(List.of(
                    isWinner ? ">" : "",
                    String.valueOf(each.get("route")),
                    String.valueOf(each.get("priority")),
                    conditions.isEmpty() ? "any request" : conditions,
                    outcome(each, isWinner)));
        }
        text.append('\n').append(table).append('\n');
    }

    private static String outcome(Map<String, Object> route, boolean isWinner) {
        if (isWinner) {
            return "takes it";
        }
        Object failed = route.get("failed");
        return failed == null ? "fits too" : "not " + failed;
    }

    private void answer() {
        Object reason = tree.get("reason");
        line("answer    " + tree.get("status") + ("".equals(reason) ? "" : ": " + reason));
        indented(strings(tree, "response-fields"));
    }

    private void forwarding() {
        List<Map<String, Object>> upstreams = objects(tree, "upstreams");
        if (!tree.containsKey("upstream")) {
            line("upstream  any of these, by weight");
        }
        for (Map<String, Object> each : upstreams) {
            upstream(each);
        }
        if (tree.get("cache") instanceof Map<?, ?> cache) {
            caching(cache);
        }
        line("request");
        indented(strings(tree, "request"));
        if (!strings(tree, "response-fields").isEmpty()) {
            line("added to the response");
            indented(strings(tree, "response-fields"));
        }
    }

    private void caching(Map<?, ?> cache) {
        line("cache     " + cache.get("act") + ": " + cache.get("why"));
        ((List<?>) Objects.requireNonNull(cache.get("key"))).forEach(each -> line("    by " + each));
        ((List<?>) Objects.requireNonNull(cache.get("rules"))).forEach(each -> line("    " + each));
    }

    private void upstream(Map<String, Object> upstream) {
        Object share = upstream.get("weight");
        String chosen = Boolean.TRUE.equals(upstream.get("chosen")) || share == null ? "" : ", not taken";
        line("upstream  " + upstream.get("name") + ": " + upstream.get("balancer")
                + (share == null ? "" : ", weight " + share + (tree.containsKey("upstream") ? chosen : ""))
                + ("off".equals(upstream.get("breaker")) ? "" : ", breaker " + upstream.get("breaker"))
                + (Boolean.TRUE.equals(upstream.get("panic")) ? ", panic" : ""));
        List<String> candidates = endpoints(objects(upstream, "endpoints"));
        line("endpoint  " + choice(candidates) + sticky(upstream));
    }

    private static String sticky(Map<String, Object> upstream) {
        return Boolean.TRUE.equals(upstream.get("sticky")) ? "; a client that is known goes to its own first" : "";
    }

    /// Shows a table of them: those that may be taken.
    private List<String> endpoints(List<Map<String, Object>> endpoints) {
        Table table = new Table("", "ENDPOINT", "WEIGHT", "HEALTH", "STATE");
        List<String> candidates = endpoints.stream()
                .filter(each -> Boolean.TRUE.equals(each.get("candidate")))
                .map(each -> String.valueOf(each.get("address")))
                .toList();
        for (Map<String, Object> each : endpoints) {
            table.row(List.of(
                    Boolean.TRUE.equals(each.get("candidate")) ? ">" : "",
                    String.valueOf(each.get("address")),
                    String.valueOf(each.get("weight")),
                    String.valueOf(each.get("health")),
                    String.valueOf(each.get("state"))));
        }
        text.append('\n').append(table).append('\n');
        return candidates;
    }

    private static String choice(List<String> candidates) {
        return switch (candidates.size()) {
            case 0 -> "none: answered 503";
            case 1 -> candidates.getFirst();
            default -> "any of " + String.join(", ", candidates);
        };
    }

    private void indented(List<String> lines) {
        lines.forEach(each -> line("    " + each));
    }

    private void line(String line) {
        // What a client may send could write over the terminal that shows it.
        line.codePoints().map(each -> Character.isISOControl(each) ? '?' : each).forEach(text::appendCodePoint);
        text.append('\n');
    }

    private static List<Map<String, Object>> objects(Map<String, Object> tree, String key) {
        return AdminClient.objects(Objects.requireNonNull(tree.get(key)));
    }

    private static List<String> strings(Map<String, Object> tree, String key) {
        return ((List<?>) Objects.requireNonNull(tree.get(key)))
                .stream().map(String::valueOf).toList();
    }
}
