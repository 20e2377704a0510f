package dev.fairlead.net.probe;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.ssl.NotSslRecordException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import org.jspecify.annotations.Nullable;

/// Says in a few words why a probe failed: the log is read by people, and libraries are wordy.
final class FaultReason {
    private static final int LENGTH_MAX = 120;

    private FaultReason() {}

    static String of(Throwable cause) {
        return switch (cause) {
            case ConnectTimeoutException _ -> "no connection in time";
            case ConnectException refused when says(refused, "refused") -> "connection refused";
            case NoRouteToHostException _ -> "no route to the endpoint";
            case Http2Exception _ -> "the answer is not HTTP/2";
            case DecoderException decoding when decoding.getCause() != null -> of(decoding.getCause());
            case ClosedChannelException _ -> "closed without an answer";
            default -> says(cause, "reset by peer") ? "connection reset" : brief(cause);
        };
    }

    /// Why a TLS handshake failed.
    static String ofHandshake(Throwable cause) {
        if (cause instanceof ClosedChannelException) {
            return "closed during the TLS handshake";
        }
        if (find(cause, NotSslRecordException.class) != null) {
            return "the answer is not TLS";
        }
        if (find(cause, CertificateExpiredException.class) != null) {
            return "the certificate has expired";
        }
        if (find(cause, CertificateNotYetValidException.class) != null) {
            return "the certificate is not valid yet";
        }
        if (find(cause, CertPathBuilderException.class) != null
                || find(cause, CertPathValidatorException.class) != null) {
            return "the certificate is not trusted";
        }
        CertificateException certificate = find(cause, CertificateException.class);
        if (certificate != null) {
            // The JDK says which name it looked for, or that no authority is known.
            return "the certificate is refused: " + brief(certificate);
        }
        return says(cause, "Received fatal alert") ? "TLS refused: " + brief(cause) : of(cause);
    }

    private static <T extends Throwable> @Nullable T find(Throwable cause, Class<T> type) {
        Throwable each = cause;
        // Chains of causes can be circular.
        for (int depth = 0; each != null && depth < 16; depth++) {
            if (type.isInstance(each)) {
                return type.cast(each);
            }
            each = each.getCause();
        }
        return null;
    }

    private static boolean says(Throwable cause, String words) {
        return cause.getMessage() != null && cause.getMessage().contains(words);
    }

    private static String brief(Throwable cause) {
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        String line = message.lines().findFirst().orElse("");
        return line.length() > LENGTH_MAX ? line.substring(0, LENGTH_MAX) + "..." : line;
    }
}
