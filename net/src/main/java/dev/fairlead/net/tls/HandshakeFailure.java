package dev.fairlead.net.tls;

import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.Locale;

/// Why a client's handshake did not complete.
enum HandshakeFailure {
    TIMEOUT,
    NOT_TLS,
    MALFORMED,
    UNKNOWN_NAME,
    NO_CERTIFICATE,
    VERSION,
    CIPHER,
    CLIENT_CERTIFICATE,
    ALERT,
    LEFT,
    ERROR;

    /// How the metric calls it.
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// By what the engine threw. Both engines tell most of it in words only.
    static HandshakeFailure of(Throwable cause) {
        Throwable each = cause;
        // Chains of causes can be circular.
        for (int depth = 0; each != null && depth < 8; depth++) {
            if (each instanceof CertificateException || each instanceof CertPathValidatorException) {
                return CLIENT_CERTIFICATE;
            }
            each = each.getCause();
        }
        if (cause instanceof ClosedChannelException) {
            return LEFT;
        }
        String said = String.valueOf(cause.getMessage());
        if (said.contains("ALERT") || said.contains("fatal alert")) {
            return ALERT;
        }
        if (said.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE")
                || said.contains("CERTIFICATE_VERIFY_FAILED")
                || said.contains("Empty client certificate chain")) {
            return CLIENT_CERTIFICATE;
        }
        if (said.contains("CLIENTHELLO_TLSEXT")) {
            // What the callback that chooses a certificate has refused.
            return UNKNOWN_NAME;
        }
        if (said.contains("UNSUPPORTED_PROTOCOL") || said.contains("protocol version")) {
            return VERSION;
        }
        if (said.contains("NO_SHARED")
                || said.contains("NO_COMMON_SIGNATURE")
                || said.contains("cipher suites in common")) {
            return CIPHER;
        }
        return said.contains("reset by peer") ? LEFT : ERROR;
    }
}
