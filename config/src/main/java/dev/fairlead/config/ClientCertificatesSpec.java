package dev.fairlead.config;

import org.jspecify.annotations.Nullable;

/// Which certificates clients must have, or may.
public record ClientCertificatesSpec(
        @Key(
                value =
                        "`required`: without one there is no connection. `optional`: a client may have none; one that is not believed ends the handshake all the same.",
                absent = "required")
        Mode mode,

        @Key(
                value =
                        "A PEM file of the authorities whose certificates are believed. It is looked at as the listener's certificates are.",
                form = Form.FILE,
                example = "/etc/fairlead/clients-ca.pem")
        String ca,

        @Key(
                value =
                        "A PEM file of revocation lists, one of each authority; it is looked at too. A certificate on one of them is refused, and so is every certificate of an authority whose list is missing or out of date. Absent: none is asked for.",
                optional = true,
                form = Form.FILE,
                example = "/etc/fairlead/clients-crl.pem")
        @Nullable
        String crl) {
    /// Whether a client may have none.
    public enum Mode {
        REQUIRED,
        OPTIONAL
    }
}
