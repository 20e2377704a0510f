package dev.fairlead.server;

import dev.fairlead.http.explain.Explanation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An explanation as a tree of maps, lists and values: what the admin API and `--json` say, and what the text is made
/// of.
public final class ExplanationTree {
    private ExplanationTree() {}

    public static Map<String, Object> of(Explanation explanation) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("listener", explanation.listener());
        tree.put("client", explanation.client());
        tree.put(
                "routes",
                explanation.routes().stream().map(ExplanationTree::seen).toList());
        if (explanation.route() != null) {
            tree.put("route", explanation.route());
        }
        var answer = explanation.answer();
        if (answer != null) {
            tree.put("status", answer.status());
            tree.put("response-fields", answer.fields());
            tree.put("reason", answer.reason());
            return tree;
        }
        var caching = explanation.caching();
        if (caching != null) {
            tree.put("cache", caching(caching));
        }
        tree.put("request", explanation.request());
        tree.put("response-fields", explanation.responseFields());
        var chosen = explanation.chosen();
        if (chosen != null) {
            tree.put("upstream", chosen.upstream());
            List<String> candidates = chosen.candidates();
            if (candidates.size() == 1) {
                tree.put("endpoint", candidates.getFirst());
            }
        }
        tree.put(
                "upstreams",
                explanation.targets().stream().map(ExplanationTree::target).toList());
        return tree;
    }

    private static Map<String, Object> seen(Explanation.Seen seen) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("route", seen.route());
        tree.put("priority", seen.priority());
        tree.put("conditions", seen.conditions());
        if (seen.failed() != null) {
            tree.put("failed", seen.failed());
        }
        tree.put("winner", seen.isWinner());
        return tree;
    }

    private static Map<String, Object> caching(Explanation.Caching caching) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("act", caching.act());
        tree.put("why", caching.why());
        tree.put("key", caching.key());
        tree.put("rules", caching.rules());
        return tree;
    }

    private static Map<String, Object> target(Explanation.Target target) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", target.upstream());
        if (target.weight() > 0) {
            tree.put("weight", target.weight());
        }
        tree.put("chosen", target.isChosen());
        tree.put("balancer", target.balancer());
        tree.put("breaker", target.breaker());
        tree.put("panic", target.isPanicking());
        tree.put("sticky", target.isSticky());
        tree.put(
                "endpoints",
                target.endpoints().stream().map(ExplanationTree::place).toList());
        return tree;
    }

    private static Map<String, Object> place(Explanation.Place place) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("address", place.endpoint());
        tree.put("weight", place.weight());
        tree.put("health", place.health());
        tree.put("state", place.state());
        tree.put("candidate", place.isCandidate());
        return tree;
    }
}
