package dev.fairlead.http.route;

import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigFile;
import dev.fairlead.config.HttpListenerSpec;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.upstream.Upstreams;
import java.util.Map;

/// Route tables from the text of their routes, as a config file has them.
final class Tables {
    private Tables() {}

    /// `routes`: lines of a YAML list, `- {name: a, match: {...}, upstream: app}`.
    static HttpListenerSpec listener(String routes) {
        String text = """
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:0"
                    routes:
                %s
                upstreams:
                  app:
                    endpoints: [127.0.0.1:1]
                """.formatted(routes.indent(6));
        ConfigFile.Reading reading = ConfigFile.read(text, "routes.yaml", Map.of());
        Config config = reading.config();
        if (config == null) {
            throw new AssertionError(reading.problems() + "\n" + text);
        }
        return (HttpListenerSpec) config.listeners().get("web");
    }

    static RouteTable of(HttpListenerSpec listener) {
        String text = """
                listeners: {}
                upstreams:
                  app:
                    endpoints: [127.0.0.1:1]
                """;
        Config config = ConfigFile.read(text, "upstreams.yaml", Map.of()).config();
        var upstreams = new Upstreams(new Metrics());
        upstreams.put(config.upstreams().get("app"));
        return new RouteTable(listener, upstreams);
    }

    /// The name of the route that takes the request; null when none does.
    static String match(RouteTable table, Asked asked) {
        Route route = table.match(asked.head(), asked.who());
        return route == null ? null : route.name();
    }
}
