package dev.fairlead.config;

import org.jspecify.annotations.Nullable;

/// How TLS is spoken to the endpoints of an upstream.
public record UpstreamTlsSpec(
        @Key(
                value =
                        "The name that the certificate must have, and the SNI sent. Absent: the DNS name that the endpoint stands by in the config or its file, or else its IP address, without SNI.",
                optional = true,
                form = Form.SERVER_NAME,
                example = "app.example.com")
        @Nullable
        String serverName,

        @Key(
                value =
                        "Whether the certificate must be valid now, have the name, and come from a trusted authority. `false`: any will do, and whoever is between us and the endpoint can read and change everything.",
                absent = "true")
        boolean verify,

        @Key(
                value =
                        "A PEM file of the trusted authorities' certificates, read at start and at every reload. Absent: those that the Java runtime trusts.",
                optional = true,
                form = Form.FILE,
                example = "/etc/fairlead/ca.pem")
        @Nullable
        String ca,

        @Key(
                value =
                        "Our own certificate, for endpoints that ask for one; read at start and at every reload. Absent: none is shown.",
                optional = true)
        @Nullable
        CertificateSpec certificate,

        @Key(value = "Which versions and ciphers are spoken, as for listeners.", absent = "intermediate")
        TlsPolicy policy) {}
