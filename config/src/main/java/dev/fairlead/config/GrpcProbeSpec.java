package dev.fairlead.config;

import org.jspecify.annotations.Nullable;

/// Good when the gRPC health service, `grpc.health.v1.Health/Check` over HTTP/2, says SERVING.
@Kind(
        key = "protocol",
        word = "grpc",
        doc = "Good when the gRPC health service, `grpc.health.v1.Health/Check` over HTTP/2, says SERVING.")
public record GrpcProbeSpec(
        @Key(
                value = "The service that is asked after. Absent: the server as a whole.",
                optional = true,
                example = "shop.Orders")
        @Nullable
        String service,

        @Key(
                value = "The call's `:authority`. Absent: the address that is probed.",
                optional = true,
                form = Form.HOST,
                example = "app.example.com")
        @Nullable
        String host,

        @Key(value = "Whether it is asked over TLS.", absent = "false")
        boolean tls,

        @Key(value = "Which certificate is believed.", inline = true)
        TlsTrust trust,

        @Key(
                value = "Probes this port instead of the one that takes the traffic. 0: the same.",
                absent = "0",
                min = "0",
                max = "65535")
        int port,

        @Key(value = "How often, and how many decide.", inline = true)
        ProbePace pace)
        implements ProbeSpec {}
