package dev.fairlead.server;

import dev.fairlead.acme.Acme;
import dev.fairlead.config.AcmeCertificateSpec;
import dev.fairlead.config.AcmeSpec;
import dev.fairlead.config.Config;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.tls.Issuer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gets the certificates that the running config wants. Where it wants none, no class of that room is loaded. Control
/// thread, but for the start and the end.
final class Issuing implements AutoCloseable {
    private final Issuer issuer;
    private final Metrics metrics;

    private @Nullable AcmeSpec followed;
    private List<AcmeCertificateSpec> wanted = List.of();
    private @Nullable Acme running;

    Issuing(Issuer issuer, Metrics metrics) {
        this.issuer = issuer;
        this.metrics = metrics;
    }

    synchronized void follow(Config config) {
        AcmeSpec spec = config.acme();
        List<AcmeCertificateSpec> now = AcmeSpec.wanted(config);
        if (spec != null && spec.equals(followed) && now.equals(wanted)) {
            return;
        }
        close();
        followed = spec;
        wanted = now;
        issuer.follow(spec);
        running = spec == null || now.isEmpty() ? null : new Acme(spec, now, issuer::inFlight, metrics);
    }

    @Override
    public synchronized void close() {
        Acme before = running;
        if (before != null) {
            before.close();
        }
        running = null;
    }
}
