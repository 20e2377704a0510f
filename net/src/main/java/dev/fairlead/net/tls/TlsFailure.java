package dev.fairlead.net.tls;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/// Why TLS with an endpoint did not come about, as RFC 9209 tells it.
public enum TlsFailure {
    /// Its certificate is not believed.
    CERTIFICATE,
    /// It refused, by an alert.
    ALERT,
    /// It does not speak TLS, or none that we do.
    PROTOCOL;

    /// Null: what failed was the connection below TLS.
    public static @Nullable TlsFailure of(@Nullable Throwable cause) {
        boolean isTls = false;
        Throwable each = cause;
        // Chains of causes can be circular.
        for (int depth = 0; each != null && depth < 8; depth++) {
            if (each instanceof CertificateException
                    || each instanceof CertPathValidatorException
                    || each instanceof CertPathBuilderException
                    || each instanceof SSLPeerUnverifiedException
                    || says(each, "CERTIFICATE_VERIFY_FAILED")) {
                return CERTIFICATE;
            }
            isTls |= each instanceof SSLException;
            each = each.getCause();
        }
        if (!isTls) {
            return null;
        }
        return says(cause, "ALERT") || says(cause, "fatal alert") ? ALERT : PROTOCOL;
    }

    private static boolean says(@Nullable Throwable cause, String words) {
        return cause != null && cause.getMessage() != null && cause.getMessage().contains(words);
    }
}
