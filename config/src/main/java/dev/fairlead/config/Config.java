package dev.fairlead.config;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The whole config: what one Fairlead process does. Made by [ConfigFile] only, so a `Config` that exists is a
/// valid one: every upstream that a listener or route names is there.
public record Config(
        @Key(value = "Where Fairlead accepts connections, by name.")
        Map<String, ListenerSpec> listeners,

        @Key(value = "Sets of servers that traffic is sent to, by name.")
        Map<String, UpstreamSpec> upstreams,

        @Key("The admin API: health of Fairlead itself, metrics, state, reload. Loopback unless said otherwise.")
        AdminSpec admin,

        @Key(value = "One line per exchange and per flow. Absent: none is written.", optional = true) @Nullable
        AccessLogSpec accessLog,

        @Key("How names of endpoints are resolved.") ResolverSpec resolver,

        @Key(
                value = "Event loops, each one thread. 0: one per core that the process may use.",
                absent = "0",
                min = "0",
                max = "1024")
        int loops,

        @Key(
                value =
                        "How long a drain (exit, or a listener that leaves) lets what has begun go on before it is cut. 30s covers nearly every HTTP exchange.",
                absent = "30s",
                min = "0s",
                max = "24h")
        Duration drainTimeout,

        @Key(
                value =
                        "Where this process stands: what `prefer-zone` is for upstreams that do not say. Absent: no zone is preferred.",
                optional = true,
                form = Form.NAME,
                example = "${ZONE:-eu-1a}")
        @Nullable
        String zone,

        @Key(
                "Requests and what is expected to become of them: `fairlead test FILE` asks. A running process does nothing with them. [routing.md](routing.md#tests) has more.")
        List<TestSpec> tests,

        @Key("What the listeners with the carrier `kernel` share. [kernel.md](kernel.md) has more.")
        KernelSpec kernel,

        @Key("Where answers are kept of routes that have a `cache`.")
        CacheStoreSpec cacheStore,

        @Key(
                value =
                        "Where listeners get their certificates that have `acme` in `tls`. Absent: there are none such. [acme.md](acme.md) has more.",
                optional = true)
        @Nullable
        AcmeSpec acme) {

    public Config {
        listeners = Collections.unmodifiableMap(new LinkedHashMap<>(listeners));
        Map<String, UpstreamSpec> placed = new LinkedHashMap<>();
        upstreams.forEach((name, upstream) -> placed.put(name, upstream.in(zone)));
        upstreams = Collections.unmodifiableMap(placed);
        tests = List.copyOf(tests);
    }
}
