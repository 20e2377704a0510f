package dev.fairlead.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who issues certificates (RFC 8555), and where they are kept. Which ones, the listeners say.
public record AcmeSpec(
        @Key(
                value = "Where the authority says how it is spoken to. Let's Encrypt unless said otherwise.",
                absent = "https://acme-v02.api.letsencrypt.org/directory",
                form = Form.URL,
                example = "https://acme.internal/directory")
        String directory,

        @Key(
                value = "Mail addresses that the authority may write to. It may want none.",
                orOne = true,
                form = Form.EMAIL,
                example = "ops@example.com")
        List<String> contact,

        @Key(
                "Whether you agree to the terms of the authority. Without `true` no account is made, and the config is refused.")
        boolean termsAgreed,

        @Key(
                value =
                        "The folder of the account's key, the certificates with their keys, and what nodes tell each other. It is made with rights for its owner only. Nodes that share it, over NFS for one, share account and certificates: one of them orders, and each of them answers the authority.",
                form = Form.FILE,
                example = "/var/lib/fairlead/acme")
        String folder,

        @Key(
                value =
                        "How a name is proven to be ours. `tls-alpn-01`: the authority speaks TLS to port 443 of the name, and the listener with `tls` answers. `http-01`: it asks port 80 of the name, and every http listener without `tls` answers, before its routes.",
                absent = "tls-alpn-01")
        Challenge challenge,

        @Key(
                value =
                        "A PEM file of authorities that the ACME server's own certificate must lead to: for a private one. Absent: those that Java knows.",
                optional = true,
                form = Form.FILE,
                example = "/etc/fairlead/internal-ca.pem")
        @Nullable
        String ca,

        @Key(
                value =
                        "The profile of the certificates, of those that the authority offers: Let's Encrypt has `shortlived`, good for six days. Absent: its default.",
                optional = true,
                form = Form.NAME,
                example = "shortlived")
        @Nullable
        String profile,

        @Key(
                value =
                        "The pause after an order that failed. It doubles with each further one, up to 6h, and is never shorter than the authority asks for. 10m keeps within the limits that public authorities have on failures.",
                absent = "10m",
                min = "1s",
                max = "6h")
        Duration retryPause) {
    public AcmeSpec {
        contact = List.copyOf(contact);
    }

    /// How the authority looks whether a name is ours.
    public enum Challenge {
        TLS_ALPN_01,
        HTTP_01
    }

    /// Where the certificate is, and in the same file its key: so that both change in one step.
    public CertificateSpec certificate(AcmeCertificateSpec certificate) {
        return new CertificateSpec(folder + "/certificates/" + certificate.name() + ".pem", null, null);
    }

    /// What the listeners want, each once.
    public static List<AcmeCertificateSpec> wanted(Config config) {
        Set<AcmeCertificateSpec> wanted = new LinkedHashSet<>();
        for (ListenerSpec listener : config.listeners().values()) {
            if (listener instanceof HttpListenerSpec http && http.tls() != null) {
                wanted.addAll(http.tls().acme());
            }
        }
        return new ArrayList<>(wanted);
    }
}
