package dev.fairlead.upstream;

import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigFile;
import dev.fairlead.config.UpstreamSpec;
import java.util.Map;

/// Upstreams as the file writes them.
final class Specs {
    private Specs() {}

    /// The upstream `app` with these keys, as one mapping in braces.
    static UpstreamSpec app(String keys) {
        return of("http", keys);
    }

    /// The upstream of flows with these keys, whose two endpoints keep the port that each asks for.
    static UpstreamSpec media(String keys) {
        return of("tcp", "endpoints: [\"10.0.0.1:*\", \"10.0.0.2:*\"], " + keys);
    }

    private static UpstreamSpec of(String protocol, String keys) {
        String text = """
                listeners:
                  web: {protocol: %s, address: "127.0.0.1:0", upstream: app}
                upstreams:
                  app: {%s}
                """.formatted(protocol, keys);
        ConfigFile.Reading reading = ConfigFile.read(text, "test.yaml", Map.of());
        if (reading.hasErrors()) {
            throw new AssertionError(reading.problems());
        }
        Config config = reading.config();
        return config.upstreams().get("app");
    }

    /// `count` endpoints, `10.0.0.1:80` and on, in one list.
    static String endpoints(int count) {
        StringBuilder list = new StringBuilder("endpoints: [");
        for (int i = 1; i <= count; i++) {
            list.append(i > 1 ? ", " : "").append("10.0.0.").append(i).append(":80");
        }
        return list.append("]").toString();
    }
}
