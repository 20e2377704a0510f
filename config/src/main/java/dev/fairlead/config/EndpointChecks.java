package dev.fairlead.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.Node;

/// Whether the endpoints of one list fit together; the list is a part of the config, or a file of its own.
final class EndpointChecks {
    private final String path;
    private final Node root;
    private final Problems problems;

    private EndpointChecks(String path, Node root, Problems problems) {
        this.path = path;
        this.root = root;
        this.problems = problems;
    }

    /// `path` is the list's own, empty for a file of its own.
    static void run(List<EndpointSpec> endpoints, String path, Node root, Problems problems) {
        EndpointChecks checks = new EndpointChecks(path, root, problems);
        checks.duplicates(endpoints);
        checks.backups(endpoints);
    }

    private void duplicates(List<EndpointSpec> endpoints) {
        Map<EndpointAddress, Integer> seen = new HashMap<>();
        for (int i = 0; i < endpoints.size(); i++) {
            EndpointAddress address = endpoints.get(i).address();
            Integer first = address.port() == 0 ? null : seen.putIfAbsent(address, i);
            if (first != null) {
                error(
                        path + "/" + i,
                        "the endpoint `" + address + "` is listed twice, first on line "
                                + Checks.line(path + "/" + first, root) + "; `weight` gives it a larger share");
            }
        }
    }

    /// 0 is what an endpoint has whose priority nobody gave.
    private void backups(List<EndpointSpec> endpoints) {
        for (int i = 0; i < endpoints.size(); i++) {
            EndpointSpec each = endpoints.get(i);
            if (each.backup() && each.priority() != 0) {
                error(
                        path + "/" + i + "/backup",
                        "`backup` and `priority` exclude each other: a backup is the group after every priority");
            }
        }
    }

    private void error(String at, String message) {
        if (!problems.isBroken(at)) {
            problems.error(Checks.place(at, root), at, message);
        }
    }
}
