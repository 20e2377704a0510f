package dev.fairlead.net.tls;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;

/// What the certificate of a client says, as texts that may stand in a header field: of visible ASCII and spaces, with
/// anything else, and the marks that have a meaning, as `%` and two digits. Made once a connection.
record PeerCertificate(String subject, String names, String fingerprint) {
    /// None.
    static final PeerCertificate NONE = new PeerCertificate("", "", "");

    static PeerCertificate of(X509Certificate certificate) {
        return new PeerCertificate(
                // RFC 2253 escapes its own marks itself.
                escaped(certificate.getSubjectX500Principal().getName(), "%"),
                names(certificate),
                fingerprint(certificate));
    }

    /// `DNS:joe.example,email:joe@example.com,URI:spiffe://a/b`, in the order of the certificate. Kinds that are no
    /// text are left out.
    private static String names(X509Certificate certificate) {
        StringJoiner all = new StringJoiner(",");
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            for (List<?> each : names == null ? List.<List<?>>of() : names) {
                if (each.get(1) instanceof String name) {
                    // RFC 5280 §4.2.1.6.
                    String kind = switch ((Integer) each.get(0)) {
                        case 1 -> "email:";
                        case 2 -> "DNS:";
                        case 6 -> "URI:";
                        case 7 -> "IP:";
                        default -> "";
                    };
                    if (!kind.isEmpty()) {
                        all.add(kind + escaped(name, "%,"));
                    }
                }
            }
        } catch (CertificateParsingException broken) {
            return "";
        }
        return all.toString();
    }

    private static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError("a certificate that was verified, and SHA-256", impossible);
        }
    }

    private static String escaped(String text, String marks) {
        StringBuilder out = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            if (each >= ' ' && each <= '~' && marks.indexOf(each) < 0) {
                out.append((char) each);
            } else {
                out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(each));
            }
        }
        return out.toString();
    }
}
