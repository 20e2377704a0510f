package dev.fairlead.config;

/// How the connection ids of QUIC packets are read.
public record QuicSpec(
        @Key(
                value =
                        "Octets of the `server-id` that the servers write into their connection ids, after the first octet, in plain text (QUIC-LB). 0: they write none.",
                absent = "0",
                min = "0",
                max = "15")
        int serverIdLength,

        @Key(
                value =
                        "The upper three bits of the first octet of such connection ids, as the servers write them (QUIC-LB's config rotation). Ids with other bits are not read.",
                absent = "0",
                min = "0",
                max = "6")
        int configRotation,

        @Key(
                value =
                        "Connection ids that are learned from the servers' handshakes, for those that have no `server-id` in them; beyond it none is learned until a flow ends. Some 200 bytes each. 0: none.",
                absent = "10000",
                min = "0",
                max = "1000000")
        int learnedMax) {}
