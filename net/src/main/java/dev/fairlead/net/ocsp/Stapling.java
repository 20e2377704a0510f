package dev.fairlead.net.ocsp;

import dev.fairlead.config.pem.Credential;
import dev.fairlead.metrics.Counter;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The OCSP responses (RFC 6960) of the certificates that one listener serves: one for each, asked for in time. A
/// responder that does not answer costs no handshake anything; what it said before is stapled until it runs out.
///
/// Everything happens on virtual threads of its own; whoever serves certificates calls it one at a time.
public final class Stapling {
    private static final Logger LOG = LoggerFactory.getLogger(Stapling.class);

    /// From the first packet to the last.
    private static final long ANSWER_SECONDS = 10;
    /// Answers have one or two KiB, with the certificate of whom the authority has appointed.
    private static final long ANSWER_BYTES_MAX = 64 << 10;
    private static final int AT_ONCE = 8;
    private static final int OK = 200;
    private static final String OUTDATED = "the responder has said something later before";

    private final String listener;
    private final Metrics metrics;
    private final Counter good;
    private final Counter revoked;
    private final Counter failed;
    private final AtomicInteger underWay = new AtomicInteger();

    // one at a time
    private final Map<X509Certificate, Stapled> all = new HashMap<>();
    private @Nullable HttpClient client;
    private volatile boolean closed;

    public Stapling(String listener, Metrics metrics) {
        this.listener = listener;
        this.metrics = metrics;
        good = metrics.counter(Metric.TLS_OCSP_FETCHES, listener, "good");
        revoked = metrics.counter(Metric.TLS_OCSP_FETCHES, listener, "revoked");
        failed = metrics.counter(Metric.TLS_OCSP_FETCHES, listener, "failed");
    }

    /// Of a certificate that is served, or will be; null: nothing can be stapled to it.
    public @Nullable Stapled of(Credential credential) {
        X509Certificate certificate = credential.chain().getFirst();
        Stapled known = all.get(certificate);
        OcspQuestion question = known == null ? OcspQuestion.of(credential) : null;
        if (question != null) {
            known = new Stapled(credential.name(), question);
            all.put(certificate, known);
        }
        return known;
    }

    /// From now on these are served and no others.
    public void keepOnly(List<Credential> credentials) {
        all.values().forEach(each -> metrics.remove(Metric.TLS_OCSP_EXPIRY, listener, each.name()));
        Set<X509Certificate> served = new HashSet<>();
        credentials.forEach(each -> served.add(each.chain().getFirst()));
        all.keySet().retainAll(served);
        all.values().forEach(each -> metrics.gauge(Metric.TLS_OCSP_EXPIRY, each::expirySeconds, listener, each.name()));
    }

    /// Asks whoever is to be asked by now. Does not wait for answers.
    public void look(long nowNanos) {
        for (Stapled each : all.values()) {
            if (underWay.get() < AT_ONCE && each.ask(nowNanos)) {
                underWay.incrementAndGet();
                ask(each, nowNanos);
            }
        }
    }

    private void ask(Stapled stapled, long nowNanos) {
        HttpRequest request = HttpRequest.newBuilder(stapled.question().responder())
                .timeout(Duration.ofSeconds(ANSWER_SECONDS))
                .header("Content-Type", "application/ocsp-request")
                .header("Accept", "application/ocsp-response")
                .POST(BodyPublishers.ofByteArray(stapled.question().request()))
                .build();
        CompletableFuture<HttpResponse<byte[]>> sent =
                client().sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
        // The timeout of the request ends with the head of its answer.
        CompletableFuture.delayedExecutor(ANSWER_SECONDS, TimeUnit.SECONDS).execute(() -> sent.cancel(true));
        sent.whenComplete((response, broken) -> {
            underWay.decrementAndGet();
            if (response == null) {
                failed(stapled, nowNanos, String.valueOf(broken));
            } else if (response.statusCode() != OK) {
                failed(stapled, nowNanos, "the responder answered " + response.statusCode());
            } else {
                answered(stapled, nowNanos, response.body());
            }
        });
    }

    private HttpClient client() {
        HttpClient made = client;
        if (made == null) {
            made = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(ANSWER_SECONDS))
                    .executor(task -> Thread.ofVirtual().name("ocsp").start(task))
                    .build();
            client = made;
        }
        return made;
    }

    private void answered(Stapled stapled, long nowNanos, byte[] body) {
        try {
            if (stapled.good(OcspResponse.read(body, stapled.question()), nowNanos)) {
                good.increment();
            } else {
                failed(stapled, nowNanos, OUTDATED);
            }
        } catch (OcspResponse.Refused refused) {
            Instant thisUpdate = refused.revoked();
            if (thisUpdate == null || !stapled.revoked(thisUpdate, nowNanos)) {
                failed(stapled, nowNanos, thisUpdate == null ? String.valueOf(refused.getMessage()) : OUTDATED);
                return;
            }
            revoked.increment();
            LOG.atError()
                    .addKeyValue("listener", listener)
                    .addKeyValue("certificate", stapled.name())
                    .addKeyValue("reason", refused.getMessage())
                    .log("the certificate is revoked, says its authority");
        }
    }

    private void failed(Stapled stapled, long nowNanos, String reason) {
        if (closed) {
            return;
        }
        stapled.failed(nowNanos);
        failed.increment();
        LOG.atWarn()
                .addKeyValue("listener", listener)
                .addKeyValue("certificate", stapled.name())
                .addKeyValue("responder", stapled.question().responder())
                .addKeyValue("reason", reason)
                .log("no OCSP response could be had; it is tried again");
    }

    /// Nothing is asked any more.
    public void close() {
        closed = true;
        keepOnly(List.of());
        HttpClient made = client;
        if (made != null) {
            made.shutdownNow();
        }
    }
}
