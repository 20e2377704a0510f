package dev.fairlead.net.tls;

import dev.fairlead.config.CertificateSpec;
import dev.fairlead.config.ClientCertificatesSpec;
import dev.fairlead.config.EndpointsFile;
import dev.fairlead.config.EndpointsFile.Stamp;
import dev.fairlead.config.TlsSpec;
import dev.fairlead.config.pem.Credential;
import dev.fairlead.config.pem.TicketSecrets;
import dev.fairlead.config.pem.Unusable;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Arrivals;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import dev.fairlead.net.ocsp.Stapled;
import dev.fairlead.net.ocsp.Stapling;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// TLS towards the clients of one listener: which certificates it serves now, and the handshakes. Files are read by
/// the control thread or by one that waits for disks, never by a loop; a loop reads what is served through one
/// volatile read at the start of a handshake, and the connection keeps it.
public final class Termination {
    private static final Logger LOG = LoggerFactory.getLogger(Termination.class);

    /// How often it is said that a certificate runs out, of which nobody reads a file again.
    private static final long REMARK_NANOS = Duration.ofDays(1).toNanos();

    // immutable
    private final String listener;
    private final Loops loops;
    private final Issuer issuer;
    private final TlsMetrics metrics;
    private final TicketKeys ticketKeys = new TicketKeys(System.nanoTime());

    // under this
    private final Stapling stapling;
    private List<String> protocols;
    private boolean isQuic;
    private List<Stamp> seen;
    private List<Stamp> read;
    private boolean closed;
    private long remarkedNanos = System.nanoTime();

    private volatile ServedNames names;

    /// Reads the files. `protocols` are offered by ALPN, the best first. `isQuic`: connections of QUIC come too.
    public Termination(
            String listener,
            TlsSpec spec,
            List<String> protocols,
            boolean isQuic,
            Loops loops,
            Issuer issuer,
            Metrics metrics)
            throws IOException {
        this.isQuic = isQuic;
        this.listener = listener;
        this.loops = loops;
        this.issuer = issuer;
        this.protocols = List.copyOf(protocols);
        this.metrics = new TlsMetrics(listener, metrics);
        this.stapling = new Stapling(listener, metrics);
        this.seen = stamps(spec);
        this.read = seen;
        this.names = load(spec, List.of());
        this.metrics.expiries(names.credentials());
        remark(names.credentials());
    }

    /// Makes the handshake of a connection that has just been let in; whoever is in `then` hears of it when TLS stands,
    /// as if it had come in the clear, with its [TlsSession]. A handler of the pipeline until then. Its loop only.
    public void begin(Loop loop, SocketChannel channel, Arrivals then) {
        channel.pipeline().addLast(new Handshake(names, issuer, metrics, loop, channel, then));
    }

    /// Begins the handshake of a connection of QUIC: its engine. Null: there is no certificate yet. Its loop only.
    public @Nullable QuicSslEngine beginQuic(Loop loop, QuicChannel channel, Consumer<QuicChannel> then) {
        ServedNames now = names;
        QuicSslContext begun = now.quic();
        if (begun == null) {
            metrics.failed(HandshakeFailure.NO_CERTIFICATE);
            return null;
        }
        channel.pipeline().addFirst(new QuicHandshake(now, metrics, loop, channel, then));
        return begun.newEngine(channel.alloc());
    }

    /// Follows a changed spec, or reads its files again. Where they cannot be used it goes on with what it has.
    public synchronized void update(TlsSpec spec, List<String> offered, boolean isQuic) {
        this.isQuic = isQuic;
        protocols = List.copyOf(offered);
        List<Stamp> now = stamps(spec);
        seen = now;
        read = now;
        follow(spec);
    }

    /// Looks whether a file has changed, and whether ticket keys have served long enough. May wait for the disk.
    ///
    /// Certificate and key are two files that are written one after the other, so what has changed is read once it
    /// has rested from one look to the next.
    public synchronized void look(long nowNanos) {
        if (closed) {
            return;
        }
        TlsSpec spec = names.spec();
        List<Stamp> now = stamps(spec);
        boolean rests = now.equals(seen);
        seen = now;
        if (rests && !now.equals(read)) {
            read = now;
            follow(spec);
        } else if (ticketKeys.rotate(spec.tickets().rotation().toNanos(), nowNanos)
                && spec.tickets().enabled()
                && spec.tickets().keysFile() == null) {
            follow(spec);
        }
        if (nowNanos - remarkedNanos >= REMARK_NANOS) {
            remarkedNanos = nowNanos;
            remark(names.credentials());
        }
        stapling.look(nowNanos);
    }

    private void follow(TlsSpec spec) {
        try {
            ServedNames before = names;
            ServedNames next = load(spec, before.credentials());
            names = next;
            retire(before);
            metrics.read(true);
            metrics.expiries(next.credentials());
            remark(next.credentials());
        } catch (IOException unusable) {
            metrics.read(false);
            LOG.atError()
                    .addKeyValue("listener", listener)
                    .addKeyValue("reason", unusable.getMessage())
                    .log("TLS goes on with the certificates and keys that it has: a file cannot be used");
        }
    }

    /// No handshake begins any more.
    public synchronized void close() {
        if (!closed) {
            closed = true;
            stapling.close();
            retire(names);
        }
    }

    /// Lets go of native memory once no loop can be about to begin a handshake with it.
    private void retire(ServedNames old) {
        loops.afterAll(old::release);
    }

    // ---- files ----

    private List<Stamp> stamps(TlsSpec spec) {
        List<Stamp> stamps = new ArrayList<>();
        Stream.concat(spec.certificates().stream(), issued(spec).stream())
                .flatMap(each -> each.files().stream())
                .forEach(file -> stamps.add(EndpointsFile.stamp(Path.of(file))));
        ClientCertificatesSpec clients = spec.clientCertificates();
        if (clients != null) {
            stamps.add(EndpointsFile.stamp(Path.of(clients.ca())));
            String crl = clients.crl();
            if (crl != null) {
                stamps.add(EndpointsFile.stamp(Path.of(crl)));
            }
        }
        String keys = spec.tickets().keysFile();
        if (keys != null) {
            stamps.add(EndpointsFile.stamp(Path.of(keys)));
        }
        return stamps;
    }

    /// Where the certificates are that an authority issues, or will be.
    private List<CertificateSpec> issued(TlsSpec spec) {
        return spec.acme().stream()
                .map(issuer::certificate)
                .filter(Objects::nonNull)
                .toList();
    }

    /// What is to be served. An issued certificate may not be there yet, and is passed over; who takes it away, or
    /// breaks it, does not take it from those that are served.
    private List<Credential> credentials(TlsSpec spec, List<Credential> before) throws Unusable {
        List<Credential> credentials = new ArrayList<>();
        for (CertificateSpec each : spec.certificates()) {
            credentials.add(each.read());
        }
        for (CertificateSpec each : issued(spec)) {
            try {
                credentials.add(each.read());
            } catch (Unusable notYet) {
                LOG.atInfo()
                        .addKeyValue("listener", listener)
                        .addKeyValue("reason", notYet.getMessage())
                        .log("a certificate that is to be issued cannot be used yet");
                before.stream()
                        .filter(old -> old.name().equals(each.certificate()))
                        .forEach(credentials::add);
            }
        }
        return credentials;
    }

    private ServedNames load(TlsSpec spec, List<Credential> before) throws IOException {
        ClientCertificatesSpec clients = spec.clientCertificates();
        ClientTrust trust = clients == null ? null : ClientTrust.of(clients);
        List<byte[]> secrets = secrets(spec);
        boolean staples = staples(spec);
        List<Served> served = new ArrayList<>();
        List<Credential> credentials = credentials(spec, before);
        try {
            for (Credential credential : credentials) {
                Stapled stapled = staples ? stapling.of(credential) : null;
                served.add(new Served(
                        ServerContexts.of(spec, credential, trust, protocols, stapled != null),
                        credential,
                        spec.tickets().enabled(),
                        isQuic ? QuicContexts.of(spec, credential, trust) : null,
                        stapled));
                String unstapled = staples ? credential.unstapled() : null;
                if (unstapled != null) {
                    remark(unstapled);
                }
            }
        } catch (IOException unusable) {
            served.forEach(Served::release);
            throw unusable;
        }
        stapling.keepOnly(staples ? credentials : List.of());
        var loaded = new ServedNames(spec, served, trust);
        if (secrets != null) {
            byte[] scope = trust == null ? new byte[0] : trust.scope();
            loaded.ticketKeys(TicketKeys.of(secrets, listener, scope));
        }
        return loaded;
    }

    /// What is odd about certificates, such as that they run out.
    private void remark(List<Credential> credentials) {
        for (Credential credential : credentials) {
            credential.remarks(Instant.now()).forEach(this::remark);
        }
    }

    private void remark(String remark) {
        LOG.atWarn()
                .addKeyValue("listener", listener)
                .addKeyValue("remark", remark)
                .log("certificate");
    }

    private boolean staples(TlsSpec spec) {
        if (spec.ocsp() == TlsSpec.Ocsp.OFF) {
            return false;
        }
        if (!TlsProvider.staples()) {
            LOG.atWarn()
                    .addKeyValue("listener", listener)
                    .log("no OCSP responses are stapled: only BoringSSL does that");
            return false;
        }
        if (isQuic) {
            LOG.atInfo()
                    .addKeyValue("listener", listener)
                    .log("over HTTP/3 no OCSP responses are stapled: the codec of QUIC has no means for it");
        }
        return true;
    }

    /// Null: no tickets.
    private @Nullable List<byte[]> secrets(TlsSpec spec) throws IOException {
        if (!spec.tickets().enabled()) {
            return null;
        }
        String file = spec.tickets().keysFile();
        return file == null ? ticketKeys.secrets() : TicketSecrets.read(file);
    }
}
