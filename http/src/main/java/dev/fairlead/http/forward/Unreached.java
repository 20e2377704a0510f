package dev.fairlead.http.forward;

import dev.fairlead.http.exchange.Fault;
import dev.fairlead.net.tls.TlsFailure;
import io.netty.channel.ConnectTimeoutException;
import org.jspecify.annotations.Nullable;

/// A connection that could not be made: what is said of it.
final class Unreached {
    private Unreached() {}

    static Fault fault(@Nullable Throwable cause) {
        if (cause instanceof ConnectTimeoutException) {
            return Fault.CONNECTION_TIMEOUT;
        }
        return switch (TlsFailure.of(cause)) {
            case null -> Fault.CONNECTION_REFUSED;
            case CERTIFICATE -> Fault.TLS_CERTIFICATE;
            case ALERT -> Fault.TLS_ALERT;
            case PROTOCOL -> Fault.TLS_PROTOCOL;
        };
    }

    static String details(Fault fault) {
        return switch (fault) {
            case CONNECTION_TIMEOUT -> "timeouts.connect";
            case TLS_CERTIFICATE -> "no endpoint has a certificate that is believed";
            case TLS_ALERT, TLS_PROTOCOL -> "no endpoint agreed on TLS";
            default -> "no endpoint accepted a connection";
        };
    }
}
