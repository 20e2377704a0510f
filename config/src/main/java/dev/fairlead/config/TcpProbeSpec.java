package dev.fairlead.config;

import java.time.Duration;

/// Good when a TCP connection can be made.
@Kind(key = "protocol", word = "tcp", doc = "Good when a TCP connection can be made.")
public record TcpProbeSpec(
        @Key(
                value = "Time between the starts of two probes of one endpoint; one that takes longer delays the next.",
                absent = "2s",
                min = "10ms",
                max = "1h")
        Duration interval,

        @Key(value = "A probe that takes longer has failed.", absent = "1s", min = "10ms", max = "1m")
        Duration timeout,

        @Key(value = "Good probes in a row that bring an endpoint up.", absent = "2", min = "1", max = "100")
        int rise,

        @Key(value = "Bad probes in a row that take an endpoint down.", absent = "3", min = "1", max = "100")
        int fall)
        implements ProbeSpec {}
