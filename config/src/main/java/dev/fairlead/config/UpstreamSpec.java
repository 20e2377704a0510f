package dev.fairlead.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A named set of endpoints, and how one is chosen and watched.
public record UpstreamSpec(
        @Key(value = "The name of the upstream.", isName = true)
        String name,

        @Key(
                value = "The servers: each an address, or an address with its own settings.",
                min = "1",
                example = "[10.0.0.1:8080, 10.0.0.2:8080]")
        List<EndpointSpec> endpoints,

        @Key(value = "How the endpoint for the next flow or exchange is chosen.", absent = "round-robin")
        BalancerSpec balancer,

        @Key(
                value = "Asks every endpoint regularly whether it works. Absent: only real traffic tells.",
                optional = true)
        @Nullable
        ProbeSpec probe,

        @Key("How long an endpoint may take.") UpstreamTimeouts timeouts,

        @Key("Idle connections kept for the next exchange (Layer 7).")
        PoolSpec pool,

        @Key(
                value =
                        "Endpoints tried for one flow or exchange before it fails. Only what surely was not processed is tried again. 3 rides over two dead servers.",
                absent = "3",
                min = "1",
                max = "16")
        int attempts) {
    public UpstreamSpec {
        endpoints = List.copyOf(endpoints);
    }
}
