package dev.fairlead.net.probe;

import dev.fairlead.config.TlsTrust;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/// The client's side of a probe's TLS. A handshake computes on the loop, some milliseconds, but never waits there:
/// certificates are read when this is made, none is fetched, and the probe's deadline is the handshake's.
final class TlsClient {
    private final SslContext context;
    private final @Nullable String name;
    private final boolean verify;
    private final @Nullable String protocol;

    private TlsClient(SslContext context, @Nullable String name, boolean verify, @Nullable String protocol) {
        this.context = context;
        this.name = name;
        this.verify = verify;
        this.protocol = protocol;
    }

    /// A client that offers no protocol by ALPN. `host` gives the name where the trust has none.
    static TlsClient of(TlsTrust trust, @Nullable String host) throws IOException {
        return of(trust, host, null);
    }

    /// A client that speaks one protocol, and offers it by ALPN. Reads the certificates.
    static TlsClient of(TlsTrust trust, @Nullable String host, @Nullable String protocol) throws IOException {
        SNIHostName name = name(trust.serverName() == null ? host : trust.serverName());
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                // Every probe makes the whole handshake: a resumed session shows no certificate.
                .sessionCacheSize(1)
                .sessionTimeout(1)
                .endpointIdentificationAlgorithm(trust.verify() ? "HTTPS" : null);
        if (name != null) {
            builder.serverName(name);
        }
        if (protocol != null) {
            builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    protocol));
        }
        if (!trust.verify()) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        } else if (trust.ca() != null) {
            builder.trustManager(authorities(trust.ca()));
        }
        return new TlsClient(builder.build(), name == null ? null : name.getAsciiName(), trust.verify(), protocol);
    }

    /// Null for an address, which SNI cannot carry (RFC 6066 §3).
    private static @Nullable SNIHostName name(@Nullable String host) {
        if (host == null || host.startsWith("[") || host.matches("[0-9.]+(:[0-9]+)?")) {
            return null;
        }
        int colon = host.indexOf(':');
        try {
            return new SNIHostName(colon < 0 ? host : host.substring(0, colon));
        } catch (IllegalArgumentException noName) {
            return null;
        }
    }

    private static List<X509Certificate> authorities(String file) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(Path.of(file)))) {
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                certificates.add((X509Certificate) each);
            }
        } catch (CertificateException | InvalidPathException broken) {
            throw new IOException("`" + file + "` holds no certificates: " + broken.getMessage(), broken);
        }
        if (certificates.isEmpty()) {
            throw new IOException("`" + file + "` holds no certificate");
        }
        return certificates;
    }

    /// Makes the handshake; `then` runs when it has completed and the server's certificate and protocol are as
    /// wanted.
    void handshake(Channel channel, InetSocketAddress to, Finding finding, Runnable then) {
        String peer = name == null ? to.getAddress().getHostAddress() : name;
        SslHandler handler = context.newHandler(channel.alloc(), peer, to.getPort());
        handler.setHandshakeTimeoutMillis(0);
        handler.handshakeFuture().addListener(done -> {
            Throwable cause = done.cause();
            if (cause != null) {
                finding.bad(FaultReason.ofHandshake(cause));
                return;
            }
            String fault = fault(handler);
            if (fault == null) {
                then.run();
            } else {
                finding.bad(fault);
            }
        });
        channel.pipeline().addFirst(handler);
    }

    private @Nullable String fault(SslHandler handler) {
        // RFC 9113 §3.2: HTTP/2 over TLS is agreed on by ALPN. Servers of HTTP/1 need not know ALPN.
        if ("h2".equals(protocol) && !"h2".equals(handler.applicationProtocol())) {
            return "the server does not speak HTTP/2 over TLS";
        }
        if (!verify) {
            return null;
        }
        try {
            // The JDK does not ask this of a certificate that is itself among the trusted ones.
            if (handler.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate certificate) {
                certificate.checkValidity();
            }
            return null;
        } catch (CertificateException | SSLPeerUnverifiedException invalid) {
            return FaultReason.ofHandshake(invalid);
        }
    }
}
