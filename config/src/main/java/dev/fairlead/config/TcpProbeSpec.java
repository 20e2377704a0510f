package dev.fairlead.config;

/// Good when a TCP connection can be made.
@Kind(key = "protocol", word = "tcp", doc = "Good when a TCP connection can be made.")
public record TcpProbeSpec(
        @Key(
                value = "Probes this port instead of the one that takes the traffic. 0: the same.",
                absent = "0",
                min = "0",
                max = "65535")
        int port,

        @Key(value = "How often, and how many decide.", inline = true)
        ProbePace pace)
        implements ProbeSpec {}
