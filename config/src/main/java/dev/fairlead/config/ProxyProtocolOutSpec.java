package dev.fairlead.config;

/// Endpoints that are told who the client is, by the PROXY protocol.
@Scalar("version")
public record ProxyProtocolOutSpec(
        @Key(
                value =
                        "`v1`: one line of text. `v2`: binary, with the name (SNI) and the protocol (ALPN) that the client asked for, where they are known, and all facts that came with a header of its own.",
                example = "v2")
        ProxyVersion version,

        @Key(
                value =
                        "Adds a number of the flow that no other has (`v2` only). One that came with the client's header stays.",
                absent = "false")
        boolean uniqueId,

        @Key(
                value = "Adds a checksum (`v2` only). TCP has one of its own: for receivers that ask for it.",
                absent = "false")
        boolean crc32c) {}
