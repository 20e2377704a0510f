package dev.fairlead.net.tls;

import dev.fairlead.config.ClientCertificatesSpec;
import dev.fairlead.config.TlsSpec;
import dev.fairlead.config.pem.Credential;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.SslSessionTicketKey;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.util.Mapping;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Makes the contexts by which TLS is spoken in QUIC (RFC 9001): there it is 1.3 and nothing else, so that
/// policies of versions and ciphers say nothing. Such a context is let go of when it is garbage.
final class QuicContexts {
    private static final String H3 = "h3";
    private static final int KEY_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private QuicContexts() {}

    /// Of a certificate.
    static QuicSslContext of(TlsSpec spec, Credential credential, @Nullable ClientTrust trust) {
        return builder(spec, credential, trust).build();
    }

    /// With which every handshake begins, as if for this certificate: it goes on with the context that `bySni` has
    /// for the name of the hello. Without one it is refused.
    static QuicSslContext ofNames(
            TlsSpec spec, Credential credential, @Nullable ClientTrust trust, Mapping<String, QuicSslContext> bySni) {
        return builder(spec, credential, trust).sni(bySni).build();
    }

    private static QuicSslContextBuilder builder(TlsSpec spec, Credential credential, @Nullable ClientTrust trust) {
        // Early data is off: whoever has seen a request could send it again (RFC 8470).
        QuicSslContextBuilder builder = QuicSslContextBuilder.forServer(
                        credential.key(), null, credential.chain().toArray(X509Certificate[]::new))
                .applicationProtocols(H3)
                .earlyData(false);
        ClientCertificatesSpec clients = spec.clientCertificates();
        if (clients != null && trust != null) {
            builder.trustManager(trust.managers()).clientAuth(ServerContexts.auth(clients.mode()));
        }
        return builder;
    }

    static void tickets(QuicSslContext context, OpenSslSessionTicketKey[] keys) {
        context.sessionContext()
                .setTicketKeys(Arrays.stream(keys)
                        .map(key -> new SslSessionTicketKey(key.name(), key.hmacKey(), key.aesKey()))
                        .toArray(SslSessionTicketKey[]::new));
    }

    /// The codec cannot be told to give no tickets. So they are encrypted by a key that nobody will have again.
    static void spoilTickets(QuicSslContext context) {
        context.sessionContext().setTicketKeys(new SslSessionTicketKey(random(), random(), random()));
    }

    private static byte[] random() {
        byte[] bytes = new byte[KEY_BYTES];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
