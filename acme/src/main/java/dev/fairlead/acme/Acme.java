package dev.fairlead.acme;

import dev.fairlead.config.AcmeCertificateSpec;
import dev.fairlead.config.AcmeSpec;
import dev.fairlead.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gets certificates and renews them, from when it is made until it is closed. All of it is done by virtual threads:
/// one for each certificate, and one that watches what the authority may ask for. Another config is another `Acme`;
/// what has to be remembered is in the folder.
public final class Acme implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Acme.class);

    /// Enough for a first start with many names, and no burst for the authority.
    private static final int ORDERS_AT_ONCE = 4;

    private final Proofs proofs;
    private final List<Keeping> keepings = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    public Acme(AcmeSpec spec, List<AcmeCertificateSpec> wanted, Answers answers, Metrics metrics) {
        InstantSource clock = InstantSource.system();
        Store store = new FolderStore(Path.of(spec.folder()), clock);
        proofs = new Proofs(store, answers, clock);
        threads.add(Thread.ofVirtual().name("acme proofs").start(this::watch));
        Semaphore turns = new Semaphore(ORDERS_AT_ONCE);
        for (AcmeCertificateSpec each : wanted) {
            Keeping keeping = new Keeping(spec, each, store, proofs, turns, metrics);
            keepings.add(keeping);
            threads.add(Thread.ofVirtual().name("acme " + each.name()).start(keeping));
        }
    }

    private void watch() {
        try {
            while (true) {
                try {
                    proofs.look();
                } catch (IOException | RuntimeException broken) {
                    LOG.atError()
                            .addKeyValue("reason", String.valueOf(broken.getMessage()))
                            .log("what the authority may ask for cannot be read");
                }
                Thread.sleep(Proofs.LOOK);
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /// Orders that have begun are given up.
    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        keepings.forEach(Keeping::forget);
        try {
            proofs.close();
        } catch (IOException broken) {
            LOG.atWarn()
                    .addKeyValue("reason", broken.getMessage())
                    .log("ACME is closed, and proofs may still be shown");
        }
    }
}
