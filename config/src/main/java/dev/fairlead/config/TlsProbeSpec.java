package dev.fairlead.config;

/// Good when a TLS handshake completes.
@Kind(key = "protocol", word = "tls", doc = "Good when a TLS handshake completes.")
public record TlsProbeSpec(
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
