package dev.fairlead.net.tls;

import dev.fairlead.config.AcmeCertificateSpec;
import dev.fairlead.config.AcmeSpec;
import dev.fairlead.config.CertificateSpec;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Loops;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// What listeners know of an ACME authority: where the certificates are that it issues, and what proves to it that a
/// name is ours, while it asks. Loops read it through one volatile read.
public final class Issuer {
    /// RFC 8737 §3.
    static final String PROTOCOL = "acme-tls/1";

    private final Loops loops;
    private final Counter tokensGiven;
    private final Counter handshakesGiven;

    private volatile @Nullable AcmeSpec spec;
    private volatile Proofs proofs = new Proofs(Map.of(), Map.of());

    /// What is asked for now: key authorizations by token (RFC 8555 §8.3), certificates by host name (RFC 8737 §3).
    private record Proofs(Map<String, byte[]> byToken, Map<String, Shown> byName) {}

    private record Shown(Certificate certificate, SslContext context) {}

    public Issuer(Loops loops, Metrics metrics) {
        this.loops = loops;
        this.tokensGiven = metrics.counter(Metric.ACME_PROOFS, "http-01");
        this.handshakesGiven = metrics.counter(Metric.ACME_PROOFS, "tls-alpn-01");
    }

    /// Null: no certificate is issued.
    public void follow(@Nullable AcmeSpec issuing) {
        spec = issuing;
    }

    /// Where the certificate is, or will be; null: nowhere.
    @Nullable
    CertificateSpec certificate(AcmeCertificateSpec certificate) {
        AcmeSpec issuing = spec;
        return issuing == null ? null : issuing.certificate(certificate);
    }

    /// From now on these are asked for and no others: key authorizations by token, keys with their certificate by host
    /// name. Not on a loop.
    public synchronized void inFlight(Map<String, String> byToken, Map<String, PrivateKeyEntry> byName)
            throws SSLException {
        Map<String, byte[]> tokens = new HashMap<>();
        byToken.forEach((token, answer) -> tokens.put(token, answer.getBytes(StandardCharsets.US_ASCII)));
        Map<String, Shown> shown = new HashMap<>();
        List<SslContext> over = new ArrayList<>();
        for (Map.Entry<String, PrivateKeyEntry> each : byName.entrySet()) {
            shown.put(each.getKey(), shown(each.getValue(), proofs.byName.get(each.getKey())));
        }
        proofs.byName.forEach((name, before) -> {
            if (!before.equals(shown.get(name))) {
                over.add(before.context);
            }
        });
        proofs = new Proofs(Map.copyOf(tokens), Map.copyOf(shown));
        if (!over.isEmpty()) {
            loops.afterAll(() -> over.forEach(ReferenceCountUtil::release));
        }
    }

    private static Shown shown(PrivateKeyEntry entry, @Nullable Shown before) throws SSLException {
        if (before != null && before.certificate.equals(entry.getCertificate())) {
            return before;
        }
        SslContext context = SslContextBuilder.forServer(
                        entry.getPrivateKey(), (X509Certificate) entry.getCertificate())
                .sslProvider(TlsProvider.best())
                .protocols("TLSv1.3", "TLSv1.2")
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        PROTOCOL))
                .build();
        return new Shown(entry.getCertificate(), context);
    }

    /// Whether any token is asked for now.
    public boolean hasTokens() {
        return !proofs.byToken.isEmpty();
    }

    /// What is to be answered to who asks for the token by HTTP; null: nobody should ask for it. Do not write to it.
    public byte @Nullable [] answer(String token) {
        byte[] answer = proofs.byToken.get(token);
        if (answer != null) {
            tokensGiven.increment();
        }
        return answer;
    }

    /// What a client is shown that says this hello, if it is an authority that looks whether the name is ours.
    @Nullable
    SslContext proof(ClientHello hello) {
        Map<String, Shown> byName = proofs.byName;
        String name = hello.sni();
        if (byName.isEmpty() || name == null || !hello.alpn().contains(PROTOCOL)) {
            return null;
        }
        Shown shown = byName.get(name);
        return shown == null ? null : shown.context;
    }

    /// A handshake with a proof is over.
    void proven() {
        handshakesGiven.increment();
    }
}
