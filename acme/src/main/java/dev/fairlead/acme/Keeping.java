package dev.fairlead.acme;

import dev.fairlead.config.AcmeCertificateSpec;
import dev.fairlead.config.AcmeSpec;
import dev.fairlead.config.CertificateSpec;
import dev.fairlead.config.pem.Certificates;
import dev.fairlead.config.pem.Unusable;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.shredzone.acme4j.exception.AcmeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sees to one certificate: that there is one, and that it is renewed in time. A virtual thread of its own, which
/// looks at the store again and again, for another node may have done it.
final class Keeping implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Keeping.class);

    /// The longest sleep: what another node or a person does to the files is seen so soon.
    private static final Duration LOOK = Duration.ofSeconds(10);

    /// How long a node that has died in an order keeps the others waiting.
    private static final Duration LEASE = Duration.ofMinutes(2);

    private final AcmeSpec spec;
    private final AcmeCertificateSpec wanted;
    private final Store store;
    private final Proofs proofs;
    private final Semaphore turns;
    private final Metrics metrics;
    private final String asked;
    private final SplittableRandom random = new SplittableRandom();

    // this thread only
    private @Nullable Suggestion suggestion;
    private double draw = random.nextDouble();
    private Instant lastOrder = Instant.EPOCH;

    private volatile Instant next = Instant.EPOCH;

    /// `turns` bounds how many orders are made at once.
    Keeping(AcmeSpec spec, AcmeCertificateSpec wanted, Store store, Proofs proofs, Semaphore turns, Metrics metrics) {
        this.spec = spec;
        this.wanted = wanted;
        this.store = store;
        this.proofs = proofs;
        this.turns = turns;
        this.metrics = metrics;
        this.asked = String.join(
                " ",
                spec.directory(),
                spec.challenge().name(),
                String.valueOf(spec.profile()),
                wanted.names().toString());
        metrics.gauge(Metric.ACME_NEXT, () -> next.toEpochMilli() / 1e3, wanted.name());
        metrics.counter(Metric.ACME_ORDERS, wanted.name(), "issued");
        metrics.counter(Metric.ACME_ORDERS, wanted.name(), "failed");
    }

    @Override
    public void run() {
        try {
            while (true) {
                Thread.sleep(look());
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /// Does what is to be done now; how long until the next look.
    private Duration look() throws InterruptedException {
        try {
            Instant due = due(current());
            next = due;
            Duration left = Duration.between(Instant.now(), due);
            if (left.isPositive()) {
                return left.compareTo(LOOK) < 0 ? left : LOOK;
            }
            turns.acquire();
            try (Lease lease = store.tryLock(wanted.name(), LEASE)) {
                if (lease != null && !Instant.now().isBefore(due(current()))) {
                    order(lease);
                    return Duration.ZERO;
                }
            } finally {
                turns.release();
            }
        } catch (IOException | RuntimeException broken) {
            LOG.atError()
                    .addKeyValue("certificate", wanted.name())
                    .addKeyValue("reason", Refusal.of(broken).getMessage())
                    .log("the folder of ACME cannot be used");
        }
        // Somebody else orders, or the folder is broken. Not all at once, when there is something new.
        return Duration.ofMillis(random.nextLong(1000, 3000));
    }

    /// The certificate that is there, of whichever node; null: none that could be used.
    private @Nullable X509Certificate current() {
        CertificateSpec place = spec.certificate(wanted);
        if (!Files.exists(Path.of(place.certificate()))) {
            return null;
        }
        try {
            X509Certificate found = place.read().chain().getFirst();
            return Certificates.hosts(found).containsAll(wanted.names()) ? found : null;
        } catch (Unusable broken) {
            return null;
        }
    }

    /// When it is to be ordered.
    private Instant due(@Nullable X509Certificate current) throws IOException, InterruptedException {
        Instant due = current == null ? Instant.EPOCH : renewal(current);
        Setback setback = Setback.read(store, wanted.name());
        Instant allowed = setback != null && setback.asked().equals(asked)
                ? setback.notBefore()
                // Whatever an authority suggests, it is not asked again and again.
                : lastOrder.equals(Instant.EPOCH) ? Instant.EPOCH : lastOrder.plus(spec.retryPause());
        return due.isAfter(allowed) ? due : allowed;
    }

    private Instant renewal(X509Certificate current) throws IOException, InterruptedException {
        Suggestion known = suggestion;
        Instant now = Instant.now();
        boolean isNew = known == null || !known.of().equals(current);
        if (known == null || isNew || !now.isBefore(known.next())) {
            try (Visit visit = new Visit(spec)) {
                known = Suggestion.ask(visit, current, now);
            }
            suggestion = known;
        }
        if (isNew) {
            draw = random.nextDouble();
        }
        return known.due(draw);
    }

    private void order(Lease lease) throws IOException, InterruptedException {
        lastOrder = Instant.now();
        LOG.atInfo()
                .addKeyValue("certificate", wanted.name())
                .addKeyValue("names", wanted.names())
                .addKeyValue("directory", spec.directory())
                .log("ordering a certificate");
        try (Visit visit = new Visit(spec)) {
            byte[] text = new Ordering(spec, wanted, proofs, lease).run(visit.login(store), current());
            store.write("certificates/" + wanted.name() + ".pem", text);
            Setback.remove(store, wanted.name());
            metrics.counter(Metric.ACME_ORDERS, wanted.name(), "issued").increment();
            LOG.atInfo().addKeyValue("certificate", wanted.name()).log("certificate issued");
        } catch (AcmeException | IOException | Refusal | RuntimeException failed) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            fail(Refusal.of(failed));
        }
    }

    private void fail(Refusal refusal) throws IOException {
        metrics.counter(Metric.ACME_ORDERS, wanted.name(), "failed").increment();
        Setback before = Setback.read(store, wanted.name());
        int failures = before != null && before.asked().equals(asked) ? before.failures() + 1 : 1;
        Instant again = Instant.now().plus(Plan.pause(failures, spec.retryPause(), random.nextDouble()));
        Instant told = refusal.notBefore();
        if (told != null && told.isAfter(again)) {
            again = told;
        }
        new Setback(failures, again, asked).write(store, wanted.name());
        LOG.atError()
                .addKeyValue("certificate", wanted.name())
                .addKeyValue("reason", refusal.getMessage())
                .addKeyValue("failures", failures)
                .addKeyValue("again", again)
                .log("no certificate: what there is stays in use");
    }

    void forget() {
        metrics.remove(Metric.ACME_NEXT, wanted.name());
    }
}
