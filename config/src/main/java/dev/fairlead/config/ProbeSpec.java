package dev.fairlead.config;

import java.time.Duration;

/// An active health check.
public sealed interface ProbeSpec permits TcpProbeSpec, HttpProbeSpec {
    Duration interval();

    Duration timeout();

    int rise();

    int fall();
}
