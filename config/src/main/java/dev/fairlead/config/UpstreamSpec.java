package dev.fairlead.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A named set of endpoints, and how one is chosen and watched.
public record UpstreamSpec(
        @Key(value = "The name of the upstream.", isName = true)
        String name,

        @Key(
                value =
                        "The servers: each an address, or an address with its own settings. Empty only where `discover` finds some.",
                example = "[10.0.0.1:8080, 10.0.0.2:8080]")
        List<EndpointSpec> endpoints,

        @Key("How the endpoint for the next flow or exchange is chosen.")
        BalancerSpec balancer,

        @Key(
                value = "Asks every endpoint regularly whether it works. Absent: only real traffic tells.",
                optional = true)
        @Nullable
        ProbeSpec probe,

        @Key("How long an endpoint may take.") UpstreamTimeouts timeouts,

        @Key("Idle connections kept for the next exchange (Layer 7).")
        PoolSpec pool,

        @Key("Where flows and exchanges wait while every endpoint is full.")
        QueueSpec queue,

        @Key(
                value =
                        "Learns from latency how many exchanges each endpoint can bear (Layer 7), and lets the rest wait. Absent: only `max-requests` bounds them.",
                optional = true)
        @Nullable
        AdaptiveSpec adaptiveConcurrency,

        @Key(
                value =
                        "Attempts that one flow or exchange has, the first included: each endpoint that could not be reached took one. What an exchange is tried again for stands in `retry`. 3 rides over two dead servers; 1: no retry.",
                absent = "3",
                min = "1",
                max = "16")
        int attempts,

        @Key(
                value =
                        "Endpoints of this zone are used first, as long as enough of them are healthy; see docs/balancing.md. Absent: the `zone` of this process, if it has one. A name that no endpoint has, such as `any`, prefers none.",
                optional = true,
                form = Form.NAME,
                example = "eu-1a")
        @Nullable
        String preferZone,

        @Key(
                value =
                        "When fewer of the endpoints than this percentage may be used, all are: a wrong probe must not turn a working service off, nor the rest be crushed. 0: only when none is left.",
                absent = "0",
                min = "0",
                max = "100")
        int panicThreshold,

        @Key(
                value =
                        "An endpoint that has recovered or joined rises from a tenth of its weight to all of it over this long. 0s: at once.",
                absent = "0s",
                min = "0s",
                max = "1h")
        Duration slowStart,

        @Key(value = "Keeps endpoints out that real traffic finds bad. Absent: nobody is.", optional = true) @Nullable
        OutlierSpec outliers,

        @Key(value = "Stops asking the whole upstream while it fails. Absent: it is always asked.", optional = true)
        @Nullable
        BreakerSpec breaker,

        @Key(value = "Where more endpoints come from. Absent: from nowhere.", optional = true) @Nullable
        DiscoverSpec discover,

        @Key(
                value =
                        "Keeps a client with the endpoint it was given first: by a signed cookie, by a signed header, or by its address. Absent: every pick is the balancer's.",
                optional = true)
        @Nullable
        StickySpec sticky,

        @Key("When an exchange is tried again, and how much of that the upstream bears (Layer 7).")
        RetrySpec retry,

        @Key(
                value =
                        "Chooses only among the endpoints with a certain label; see docs/balancing.md. Absent: among all.",
                optional = true)
        @Nullable
        SubsetSpec subset,

        @Key(
                value =
                        "Tells the endpoints who the client is (Layer 4 only: connections of Layer 7 are shared by clients). Every connection begins with a header, those of probes too. Absent: none does.",
                optional = true)
        @Nullable
        ProxyProtocolOutSpec proxyProtocol,

        @Key(
                value =
                        "How TLS is spoken to the endpoints (Layer 7 only: bytes of Layer 4 are passed on as they come). Absent: HTTP is spoken in the clear.",
                optional = true)
        @Nullable
        UpstreamTlsSpec tls,

        @Key(
                value =
                        "Speaks HTTP/2 to the endpoints (Layer 7 only): exchanges of many clients share few connections; see docs/http2.md. With `tls` by ALPN, else from the first byte on. Absent: HTTP/1.1 is spoken.",
                optional = true)
        @Nullable
        UpstreamHttp2Spec http2) {
    public UpstreamSpec {
        endpoints = List.copyOf(endpoints);
    }

    /// Whether flows to its endpoints keep the port that their clients asked for: that holds for all, or for none.
    public boolean keepsPort() {
        return endpoints.isEmpty()
                ? discover != null && discover.keepPort()
                : endpoints.getFirst().address().keepsPort();
    }

    /// An upstream that chooses among all its endpoints.
    public UpstreamSpec(
            String name,
            List<EndpointSpec> endpoints,
            BalancerSpec balancer,
            @Nullable ProbeSpec probe,
            UpstreamTimeouts timeouts,
            PoolSpec pool,
            QueueSpec queue,
            @Nullable AdaptiveSpec adaptiveConcurrency,
            int attempts,
            @Nullable String preferZone,
            int panicThreshold,
            Duration slowStart,
            @Nullable OutlierSpec outliers,
            @Nullable BreakerSpec breaker,
            @Nullable DiscoverSpec discover,
            @Nullable StickySpec sticky,
            RetrySpec retry) {
        this(
                name,
                endpoints,
                balancer,
                probe,
                timeouts,
                pool,
                queue,
                adaptiveConcurrency,
                attempts,
                preferZone,
                panicThreshold,
                slowStart,
                outliers,
                breaker,
                discover,
                sticky,
                retry,
                null,
                null,
                null,
                null);
    }

    /// An upstream whose endpoints are judged by probes only, and for which nobody waits.
    public UpstreamSpec(
            String name,
            List<EndpointSpec> endpoints,
            BalancerSpec balancer,
            @Nullable ProbeSpec probe,
            UpstreamTimeouts timeouts,
            PoolSpec pool,
            int attempts) {
        this(
                name,
                endpoints,
                balancer,
                probe,
                timeouts,
                pool,
                QueueSpec.OFF,
                null,
                attempts,
                null,
                0,
                Duration.ZERO,
                null,
                null,
                null,
                null,
                RetrySpec.DEFAULT,
                null,
                null,
                null,
                null);
    }

    /// The same upstream with these endpoints.
    public UpstreamSpec with(List<EndpointSpec> others) {
        return with(others, balancer, preferZone);
    }

    /// The same upstream with this balancer.
    public UpstreamSpec with(BalancerSpec other) {
        return with(endpoints, other, preferZone);
    }

    /// The same upstream, which prefers the zone unless it names one itself.
    UpstreamSpec in(@Nullable String zone) {
        return preferZone == null && zone != null ? with(endpoints, balancer, zone) : this;
    }

    private UpstreamSpec with(List<EndpointSpec> endpoints, BalancerSpec balancer, @Nullable String preferred) {
        return new UpstreamSpec(
                name,
                endpoints,
                balancer,
                probe,
                timeouts,
                pool,
                queue,
                adaptiveConcurrency,
                attempts,
                preferred,
                panicThreshold,
                slowStart,
                outliers,
                breaker,
                discover,
                sticky,
                retry,
                subset,
                proxyProtocol,
                tls,
                http2);
    }

    /// The same upstream, whose endpoints are told who the client is.
    public UpstreamSpec with(@Nullable ProxyProtocolOutSpec told) {
        return new UpstreamSpec(
                name,
                endpoints,
                balancer,
                probe,
                timeouts,
                pool,
                queue,
                adaptiveConcurrency,
                attempts,
                preferZone,
                panicThreshold,
                slowStart,
                outliers,
                breaker,
                discover,
                sticky,
                retry,
                subset,
                told,
                tls,
                http2);
    }

    /// The same upstream with these retries.
    public UpstreamSpec with(RetrySpec other) {
        return new UpstreamSpec(
                name,
                endpoints,
                balancer,
                probe,
                timeouts,
                pool,
                queue,
                adaptiveConcurrency,
                attempts,
                preferZone,
                panicThreshold,
                slowStart,
                outliers,
                breaker,
                discover,
                sticky,
                other,
                subset,
                proxyProtocol,
                tls,
                http2);
    }

    /// The same upstream, whose endpoints are spoken TLS to.
    public UpstreamSpec with(@Nullable UpstreamTlsSpec spoken) {
        return new UpstreamSpec(
                name,
                endpoints,
                balancer,
                probe,
                timeouts,
                pool,
                queue,
                adaptiveConcurrency,
                attempts,
                preferZone,
                panicThreshold,
                slowStart,
                outliers,
                breaker,
                discover,
                sticky,
                retry,
                subset,
                proxyProtocol,
                spoken,
                http2);
    }

    /// The same upstream, whose endpoints are spoken HTTP/2 to.
    public UpstreamSpec with(@Nullable UpstreamHttp2Spec spoken) {
        return new UpstreamSpec(
                name,
                endpoints,
                balancer,
                probe,
                timeouts,
                pool,
                queue,
                adaptiveConcurrency,
                attempts,
                preferZone,
                panicThreshold,
                slowStart,
                outliers,
                breaker,
                discover,
                sticky,
                retry,
                subset,
                proxyProtocol,
                tls,
                spoken);
    }
}
