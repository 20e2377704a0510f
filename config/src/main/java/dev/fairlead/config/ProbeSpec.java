package dev.fairlead.config;

/// An active health check.
public sealed interface ProbeSpec permits TcpProbeSpec, TlsProbeSpec, HttpProbeSpec, GrpcProbeSpec {
    /// The word for it in the file.
    default String protocol() {
        return switch (this) {
            case TcpProbeSpec _ -> "tcp";
            case TlsProbeSpec _ -> "tls";
            case HttpProbeSpec _ -> "http";
            case GrpcProbeSpec _ -> "grpc";
        };
    }

    /// The port that is probed; 0: the endpoint's own.
    int port();

    ProbePace pace();
}
