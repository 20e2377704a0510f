package dev.fairlead.config;

import org.jspecify.annotations.Nullable;

/// Which certificate of a server is believed.
public record TlsTrust(
        @Key(
                value =
                        "The name that the certificate must have, and the SNI sent. Absent: the name in `host` where there is one, else the endpoint's IP address, without SNI.",
                optional = true,
                form = Form.SERVER_NAME,
                example = "app.example.com")
        @Nullable
        String serverName,

        @Key(
                value =
                        "Whether the certificate must be valid now, have the name, and come from a trusted authority. `false`: any will do.",
                absent = "true")
        boolean verify,

        @Key(
                value =
                        "A PEM file of the trusted authorities' certificates, read when the probe is set up and at every reload. Absent: those that the Java runtime trusts.",
                optional = true,
                example = "/etc/fairlead/ca.pem")
        @Nullable
        String ca) {
    /// The default: the runtime's authorities, the endpoint's own address.
    public static final TlsTrust STRICT = new TlsTrust(null, true, null);
}
