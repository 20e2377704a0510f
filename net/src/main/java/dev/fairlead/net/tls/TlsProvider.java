package dev.fairlead.net.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who speaks TLS: BoringSSL, which is several times as fast and knows hybrid key exchange (X25519MLKEM768); and the
/// JDK where that cannot be loaded, which is said in the log.
final class TlsProvider {
    private static final Logger LOG = LoggerFactory.getLogger(TlsProvider.class);

    private static final SslProvider BEST = choose();

    private TlsProvider() {}

    static SslProvider best() {
        return BEST;
    }

    /// Whether OCSP responses can be given to clients.
    static boolean staples() {
        return BEST != SslProvider.JDK && OpenSsl.isOcspSupported();
    }

    private static SslProvider choose() {
        if (OpenSsl.isAvailable()) {
            LOG.atInfo().addKeyValue("provider", OpenSsl.versionString()).log("TLS");
            return SslProvider.OPENSSL_REFCNT;
        }
        Throwable cause = OpenSsl.unavailabilityCause();
        LOG.atWarn()
                .addKeyValue("provider", "JDK")
                .addKeyValue("reason", cause == null ? "" : String.valueOf(cause.getMessage()))
                .log("TLS by the JDK, for BoringSSL cannot be loaded: handshakes and bytes cost several times as much");
        return SslProvider.JDK;
    }
}
