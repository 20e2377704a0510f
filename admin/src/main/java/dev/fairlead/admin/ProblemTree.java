package dev.fairlead.admin;

import dev.fairlead.config.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Problems of a config file as trees for the admin API.
final class ProblemTree {
    private ProblemTree() {}

    static List<Object> of(List<Problem> problems) {
        return problems.stream().map(ProblemTree::problem).toList();
    }

    private static Object problem(Problem problem) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("severity", problem.severity().word());
        tree.put("file", problem.file());
        tree.put("line", problem.line());
        tree.put("column", problem.column());
        tree.put("path", problem.path());
        tree.put("message", problem.message());
        return tree;
    }
}
