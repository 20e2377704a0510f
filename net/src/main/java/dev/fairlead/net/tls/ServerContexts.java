package dev.fairlead.net.tls;

import dev.fairlead.config.ClientCertificatesSpec;
import dev.fairlead.config.TlsSpec;
import dev.fairlead.config.pem.Credential;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Makes the context of a certificate.
///
/// Private keys are used on the loop: an ECDSA signature takes some 20 us, less than it would cost to hand it to
/// another thread and back. An RSA one takes ten times as long, and all cores are busy with loops anyway.
final class ServerContexts {
    private ServerContexts() {}

    /// `isStapled`: OCSP responses can be given to its engines.
    static SslContext of(
            TlsSpec spec, Credential credential, @Nullable ClientTrust trust, List<String> protocols, boolean isStapled)
            throws IOException {
        SslContextBuilder builder = SslContextBuilder.forServer(credential.key(), credential.chain())
                .sslProvider(TlsProvider.best())
                .enableOcsp(isStapled)
                .protocols(Policies.versions(spec.policy()))
                .ciphers(Policies.ciphers(spec.policy()), SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        protocols));
        ClientCertificatesSpec clients = spec.clientCertificates();
        if (clients != null && trust != null) {
            builder.trustManager(trust.managers()).clientAuth(auth(clients.mode()));
        }
        try {
            SslContext context = builder.build();
            if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
                // A session is resumed by a ticket or not at all: nothing is kept for clients that may never come.
                sessions.setSessionCacheEnabled(false);
            }
            return context;
        } catch (SSLException refused) {
            throw new IOException(
                    "the certificate in `" + credential.name() + "` cannot be used: " + refused.getMessage(), refused);
        }
    }

    static ClientAuth auth(ClientCertificatesSpec.Mode mode) {
        return switch (mode) {
            case REQUIRED -> ClientAuth.REQUIRE;
            case OPTIONAL -> ClientAuth.OPTIONAL;
        };
    }
}
