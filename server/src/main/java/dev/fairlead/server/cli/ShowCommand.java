package dev.fairlead.server.cli;

import dev.fairlead.admin.AdminClient;
import dev.fairlead.server.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "show", description = "Shows the listeners, upstreams and endpoints of a running Fairlead.")
final class ShowCommand implements Callable<Integer> {
    private static final String[] ENDPOINT_KEYS = {
        "address",
        "weight",
        "health",
        "state",
        "active",
        "connections",
        "picks",
        "connect-failures",
        "latency-p50-ms",
        "latency-p99-ms",
        "from"
    };

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private final AdminOption admin = new AdminOption();

    @Override
    public Integer call() throws IOException {
        AdminClient client = admin.client();
        Table listeners = new Table("LISTENER", "PROTOCOL", "CARRIER", "ADDRESS", "CONNECTIONS", "TUNNELS", "STATE");
        for (Map<String, Object> listener : client.listeners()) {
            listeners.row(cells(listener, "name", "protocol", "carrier", "address", "connections", "tunnels", "state"));
        }
        Table upstreams = new Table("UPSTREAM", "BALANCER", "WAITING", "BREAKER", "PANIC");
        Table endpoints = new Table(
                "UPSTREAM",
                "ENDPOINT",
                "WEIGHT",
                "HEALTH",
                "STATE",
                "ACTIVE",
                "CONNS",
                "PICKS",
                "FAILED",
                "P50",
                "P99",
                "FROM");
        for (Map<String, Object> upstream : client.upstreams()) {
            upstreams.row(cells(upstream, "name", "balancer", "queue", "breaker", "panic"));
            for (Map<String, Object> endpoint :
                    AdminClient.objects(Objects.requireNonNull(upstream.get("endpoints")))) {
                List<String> cells = cells(endpoint, ENDPOINT_KEYS);
                cells.addFirst(String.valueOf(upstream.get("name")));
                endpoints.row(cells);
            }
        }
        Output.of(spec).print(listeners + "\n" + upstreams + "\n" + endpoints);
        Output.of(spec).flush();
        return ExitCode.OK;
    }

    private static List<String> cells(Map<String, Object> tree, String... keys) {
        List<String> cells = new ArrayList<>();
        for (String key : keys) {
            cells.add(String.valueOf(tree.get(key)));
        }
        return cells;
    }
}
