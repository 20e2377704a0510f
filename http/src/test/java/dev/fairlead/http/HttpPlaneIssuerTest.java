package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.AcmeCertificateSpec;
import dev.fairlead.config.AcmeSpec;
import dev.fairlead.config.CertificateSpec;
import dev.fairlead.config.Http3Spec;
import dev.fairlead.config.TicketsSpec;
import dev.fairlead.config.TlsPolicy;
import dev.fairlead.config.TlsSpec;
import dev.fairlead.config.TlsSpec.HostAgreement;
import dev.fairlead.config.TlsSpec.UnknownName;
import dev.fairlead.config.pem.Credential;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What a listener does for an authority that issues its certificates.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneIssuerTest {
    private static final String PROTOCOL = "acme-tls/1";

    @TempDir
    static Path folder;

    private static Certified certified;
    private static CertificateSpec own;
    private static PrivateKeyEntry proof;

    @RegisterExtension
    private final RunningPlane plane = new RunningPlane();

    @BeforeAll
    static void certify() throws Exception {
        certified = new Certified(folder);
        own = certified.ec("own", "a.example");
        Credential made = certified.ec("proof", "a.example").read();
        proof = new PrivateKeyEntry(made.key(), made.chain().toArray(Certificate[]::new));
    }

    private static TlsSpec tls(List<CertificateSpec> certificates, AcmeCertificateSpec... issued) {
        return new TlsSpec(
                certificates,
                TlsPolicy.INTERMEDIATE,
                null,
                UnknownName.DEFAULT_CERTIFICATE,
                HostAgreement.CERTIFICATE,
                Duration.ofSeconds(10),
                64 << 10,
                new TicketsSpec(true, Duration.ofHours(12), null),
                List.of(issued));
    }

    private static AcmeSpec acme() {
        return new AcmeSpec(
                "https://localhost/directory",
                List.of(),
                true,
                folder.toString(),
                AcmeSpec.Challenge.TLS_ALPN_01,
                null,
                null,
                Duration.ofMinutes(10));
    }

    private SSLSocket connect(String sni, String... protocols) throws Exception {
        Socket plain = new Socket(
                plane.plane().boundAddress().getAddress(),
                plane.plane().boundAddress().getPort());
        plain.setSoTimeout(20_000);
        SSLSocket socket =
                (SSLSocket) certified.client(null).getSocketFactory().createSocket(plain, sni, plain.getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(sni)));
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private String shown(String sni, String... protocols) throws Exception {
        try (SSLSocket socket = connect(sni, protocols)) {
            return Certified.shown(socket);
        }
    }

    private long proofs(String challenge) {
        return plane.metrics.counter(Metric.ACME_PROOFS, challenge).value();
    }

    @Test
    void answersForTokensInFlightBeforeItsRoutes() throws Exception {
        plane.start(Backend.echo());
        plane.issuer.inFlight(Map.of("t0k-en_", "t0k-en_.thumb"), Map.of());

        Wire.Message answer = plane.get("/.well-known/acme-challenge/t0k-en_");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("t0k-en_.thumb");
        assertThat(answer.field("content-type")).isEqualTo("application/octet-stream");
        assertThat(proofs("http-01")).isEqualTo(1);
        assertThat(plane.get("/.well-known/acme-challenge/another").body()).isNotEqualTo("t0k-en_.thumb");
        assertThat(plane.get("/.well-known/acme-challenge/").body()).isNotEqualTo("t0k-en_.thumb");

        plane.issuer.inFlight(Map.of(), Map.of());

        assertThat(plane.get("/.well-known/acme-challenge/t0k-en_").body()).isNotEqualTo("t0k-en_.thumb");
        assertThat(proofs("http-01")).isEqualTo(1);
    }

    @Test
    void answersForTokensInTheClearOnly() throws Exception {
        plane.tls = tls(List.of(own));
        plane.start(Backend.echo());
        plane.issuer.inFlight(Map.of("token", "token.thumb"), Map.of());
        try (Wire wire = new Wire(connect("a.example"))) {
            Wire.Message answer = wire.send("GET /.well-known/acme-challenge/token HTTP/1.1\r\nHost: a.example\r\n\r\n")
                    .response();
            assertThat(answer.body()).isNotEqualTo("token.thumb");
        }
    }

    @Test
    void showsTheProofToWhoAsksForIt() throws Exception {
        plane.tls = tls(List.of(own));
        plane.start(Backend.echo());
        plane.issuer.inFlight(Map.of(), Map.of("a.example", proof));

        try (SSLSocket authority = connect("a.example", PROTOCOL)) {
            assertThat(Certified.shown(authority)).isEqualTo("proof");
            assertThat(authority.getApplicationProtocol()).isEqualTo(PROTOCOL);
            // RFC 8737 §3: nothing follows the handshake.
            assertThat(authority.getInputStream().read()).isNegative();
        }
        assertThat(shown("a.example")).isEqualTo("own");
        assertThat(shown("a.example", "http/1.1")).isEqualTo("own");
        assertThat(shown("b.example", PROTOCOL)).isEqualTo("own");
        RunningPlane.until("counted", () -> proofs("tls-alpn-01") == 1);

        plane.issuer.inFlight(Map.of(), Map.of());

        assertThat(shown("a.example", PROTOCOL)).isEqualTo("own");
    }

    @Test
    void refusesEverybodyUntilTheFirstCertificateIsThere() throws Exception {
        var wanted = new AcmeCertificateSpec(List.of("new.example"));
        plane.issuer.follow(acme());
        plane.tls = tls(List.of(), wanted);
        plane.start(Backend.echo());

        assertThatThrownBy(() -> shown("new.example"))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("unrecognized_name");
        RunningPlane.until(
                "counted",
                () -> plane.metrics
                                .counter(Metric.TLS_HANDSHAKE_FAILURES, "web", "no-certificate")
                                .value()
                        == 1);

        issue("new");
        lookTwice();

        assertThat(shown("new.example")).isEqualTo("new");

        Files.delete(Path.of(acme().certificate(wanted).certificate()));
        lookTwice();

        assertThat(shown("new.example")).as("what is served stays").isEqualTo("new");
    }

    @Test
    void servesItsOwnCertificateUntilTheIssuedOneIsThere() throws Exception {
        plane.issuer.follow(acme());
        plane.tls = tls(List.of(own), new AcmeCertificateSpec(List.of("late.example")));
        plane.start(Backend.echo());

        assertThat(shown("late.example")).isEqualTo("own");

        issue("late");
        lookTwice();

        assertThat(shown("late.example")).isEqualTo("late");
        assertThat(shown("a.example")).isEqualTo("own");
    }

    @Test
    void servesTheIssuedCertificateOverQuicAsSoonAsItIsThere() throws Exception {
        plane.issuer.follow(acme());
        plane.tls = tls(List.of(own), new AcmeCertificateSpec(List.of("quick.example")));
        plane.http3 = new Http3Spec(100, 128 << 10, Duration.ofHours(24), 0, 256);
        plane.start(Backend.echo());

        assertThat(shownOverQuic("quick.example")).contains("CN=own");

        issue("quick");
        lookTwice();
        assertThat(shownOverQuic("quick.example")).contains("CN=quick");

        // It is renewed: another key.
        String before = Files.readString(folder.resolve("certificates/quick.example.pem"));
        try (H3Client client = new H3Client(plane.plane().boundAddress(), "quick.example")) {
            assertThat(client.get("/").answer().status()).isEqualTo(421);
            issue("quick");
            assertThat(Files.readString(folder.resolve("certificates/quick.example.pem")))
                    .isNotEqualTo(before);
            lookTwice();
            assertThat(client.get("/").answer().status())
                    .as("the connection stays")
                    .isEqualTo(421);
        }
        try (H3Client client = new H3Client(plane.plane().boundAddress(), "quick.example")) {
            assertThat(client.shownCertificate())
                    .isEqualTo(new CertificateSpec(certified.at("quick.pem"), certified.at("quick.key"), null)
                            .read()
                            .chain()
                            .getFirst());
        }
    }

    private String shownOverQuic(String sni) throws Exception {
        try (H3Client client = new H3Client(plane.plane().boundAddress(), sni)) {
            return client.shown();
        }
    }

    /// As an order does it: certificate and key in one file, that is there at once.
    private static void issue(String name) throws Exception {
        CertificateSpec made = certified.ec(name, name + ".example");
        Path certificates = Files.createDirectories(folder.resolve("certificates"));
        Path whole = folder.resolve(name + ".whole");
        Files.writeString(
                whole,
                Files.readString(Path.of(made.certificate())) + Files.readString(Path.of(String.valueOf(made.key()))));
        Files.move(whole, certificates.resolve(name + ".example.pem"), StandardCopyOption.ATOMIC_MOVE);
    }

    private void lookTwice() throws IOException {
        plane.plane().look(System.nanoTime());
        plane.plane().look(System.nanoTime());
    }
}
