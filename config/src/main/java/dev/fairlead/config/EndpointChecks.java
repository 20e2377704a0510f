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

    /// Of a file of its own, whose endpoints keep ports as those of its upstream do.
    static void run(List<EndpointSpec> endpoints, boolean keepsPort, Node root, Problems problems) {
        EndpointChecks checks = new EndpointChecks("", root, problems);
        for (int i = 0; i < endpoints.size(); i++) {
            EndpointAddress address = endpoints.get(i).address();
            if (address.keepsPort() && !keepsPort) {
                checks.error(
                        "/" + i,
                        "`" + address + "` has no port, which `keep-port` of `discover` or the upstream's endpoints in"
                                + " the config would have to say");
            } else if (!address.keepsPort() && keepsPort) {
                checks.error(
                        "/" + i,
                        "`" + address + "` has a port, and the upstream keeps those that clients ask for: write `*`");
            }
        }
        checks.duplicates(endpoints);
        checks.backups(endpoints);
    }

    /// `path` is the list's own.
    static void run(List<EndpointSpec> endpoints, String path, Node root, Problems problems) {
        EndpointChecks checks = new EndpointChecks(path, root, problems);
        checks.ports(endpoints);
        checks.duplicates(endpoints);
        checks.backups(endpoints);
    }

    /// Nothing more is told of one that is wrong in itself.
    private void ports(List<EndpointSpec> endpoints) {
        int first = 0;
        while (first < endpoints.size() && isBroken(first)) {
            first++;
        }
        for (int i = first + 1; i < endpoints.size(); i++) {
            boolean differs = endpoints.get(i).address().keepsPort()
                    != endpoints.get(first).address().keepsPort();
            if (differs && !isBroken(i)) {
                error(
                        path + "/" + i,
                        "`" + endpoints.get(i).address() + "` and `"
                                + endpoints.get(first).address() + "` on line "
                                + Checks.line(path + "/" + first, root)
                                + " do not fit together: all endpoints keep the port that a client asked for, or none");
                return;
            }
        }
    }

    private void duplicates(List<EndpointSpec> endpoints) {
        Map<EndpointAddress, Integer> seen = new HashMap<>();
        for (int i = 0; i < endpoints.size(); i++) {
            EndpointAddress address = endpoints.get(i).address();
            Integer first = isBroken(i) ? null : seen.putIfAbsent(address, i);
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

    private boolean isBroken(int index) {
        return problems.hasErrors() && problems.isBroken(path + "/" + index);
    }

    private void error(String at, String message) {
        if (!problems.isBroken(at)) {
            problems.error(Checks.place(at, root), at, message);
        }
    }
}
