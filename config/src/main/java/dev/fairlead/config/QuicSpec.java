package dev.fairlead.config;

import org.jspecify.annotations.Nullable;

/// How the connection ids of QUIC packets are read.
public record QuicSpec(
        @Key(
                value =
                        "Octets of the `server-id` that the servers write into their connection ids, after the first octet (QUIC-LB). 0: they write none.",
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
        int learnedMax,

        @Key(
                value =
                        "Octets of the nonce that the servers write behind their `server-id`. It matters only with a `key-file`, and is at most 19 together with `server-id-length`.",
                absent = "8",
                min = "4",
                max = "18")
        int nonceLength,

        @Key(
                value =
                        "The file of the key with which the servers encrypt `server-id` and nonce (QUIC-LB, AES-128): 32 hexadecimal digits. It is read when the listener starts or its config changes. Absent: they are in plain text.",
                optional = true,
                form = Form.FILE,
                example = "/etc/fairlead/quic.key")
        @Nullable
        String keyFile) {
    /// Octets that can be encrypted: a connection id has 20, and the first says how to read the others.
    static final int ENCRYPTED_MAX = 19;

    /// As if the servers wrote no ids of their own.
    public QuicSpec withoutServerIds() {
        return new QuicSpec(0, configRotation, learnedMax, nonceLength, keyFile);
    }
}
