package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.CertificateSpec;
import dev.fairlead.config.ClientCertificatesSpec;
import dev.fairlead.config.ClientCertificatesSpec.Mode;
import dev.fairlead.config.TicketsSpec;
import dev.fairlead.config.TlsPolicy;
import dev.fairlead.config.TlsSpec;
import dev.fairlead.config.TlsSpec.HostAgreement;
import dev.fairlead.config.TlsSpec.UnknownName;
import dev.fairlead.http.Wire.Message;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// HTTP/1 over TLS: what the handshake decides, and that nothing else changes.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneTlsTest {
    private static final TicketsSpec TICKETS = new TicketsSpec(true, Duration.ofHours(12), null);

    @TempDir
    static Path folder;

    private static Certified certified;
    private static CertificateSpec ec;
    private static CertificateSpec rsa;
    private static CertificateSpec other;

    @RegisterExtension
    private final RunningPlane plane = new RunningPlane();

    @BeforeAll
    static void certify() throws Exception {
        certified = new Certified(folder);
        ec = certified.ec("ec", "a.example", "*.wild.example");
        rsa = certified.rsa("rsa", "a.example", "*.wild.example");
        other = certified.ec("other", "other.example", "x.wild.example");
        certified.ec("joe", "joe.example");
        certified.ec("eve", "eve.example");
        certified.revoke("eve");
    }

    @BeforeEach
    void serveThree() {
        plane.tls = spec(ec, rsa, other);
    }

    private static TlsSpec spec(CertificateSpec... certificates) {
        return new TlsSpec(
                List.of(certificates),
                TlsPolicy.INTERMEDIATE,
                null,
                UnknownName.DEFAULT_CERTIFICATE,
                HostAgreement.CERTIFICATE,
                Duration.ofSeconds(10),
                64 << 10,
                TICKETS);
    }

    private static TlsSpec clients(Mode mode, String crl) {
        var trust = new ClientCertificatesSpec(mode, certified.at("ca.pem"), crl);
        return new TlsSpec(
                List.of(ec),
                TlsPolicy.MODERN,
                trust,
                UnknownName.DEFAULT_CERTIFICATE,
                HostAgreement.CERTIFICATE,
                Duration.ofSeconds(10),
                64 << 10,
                TICKETS);
    }

    private SSLSocket connect(SSLContext client, String sni) throws IOException {
        return Certified.connect(client, plane.plane().boundAddress(), sni);
    }

    private Wire wire(String sni) throws Exception {
        return new Wire(connect(certified.client(null), sni));
    }

    private static String request(String host) {
        return "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    }

    private String shown(String sni) throws Exception {
        try (SSLSocket socket = connect(certified.client(null), sni)) {
            return Certified.shown(socket);
        }
    }

    private long failures(String reason) {
        return plane.metrics
                .counter(Metric.TLS_HANDSHAKE_FAILURES, "web", reason)
                .value();
    }

    private long handshakes(String version, String kind) {
        return plane.metrics
                .counter(Metric.TLS_HANDSHAKES, "web", version, kind)
                .value();
    }

    // ---- certificates ----

    @Test
    void choosesTheCertificateByName() throws Exception {
        plane.start(Backend.echo());

        assertThat(shown("a.example")).isEqualTo("ec");
        assertThat(shown("A.Example")).isEqualTo("ec");
        assertThat(shown("other.example")).isEqualTo("other");
        // An exact name before a wildcard, which stands for one label.
        assertThat(shown("x.wild.example")).isEqualTo("other");
        assertThat(shown("y.wild.example")).isEqualTo("ec");
        assertThat(shown("z.y.wild.example")).isEqualTo("ec");
        assertThat(shown("nobody.example")).isEqualTo("ec");
        assertThat(shown(null)).isEqualTo("ec");
    }

    @Test
    void givesRsaToWhoKnowsOnlyThat() throws Exception {
        plane.start(Backend.echo());
        SSLContext client = certified.client(null);
        var socket = (SSLSocket) client.getSocketFactory()
                .createSocket(
                        plane.plane().boundAddress().getAddress(),
                        plane.plane().boundAddress().getPort());
        try (socket) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            socket.setEnabledCipherSuites(new String[] {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"});
            socket.startHandshake();
            assertThat(Certified.shown(socket)).isEqualTo("rsa");
        }
        RunningPlane.until("counted", () -> handshakes("1.2", "full") == 1);
    }

    /// A client that knows nothing else.
    @Test
    void agreesOnAKeyByX25519AndMlKem() throws Exception {
        plane.start(Backend.echo());
        SslContext hybrid = SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL_REFCNT)
                .trustManager(new Certified.Everybody())
                .endpointIdentificationAlgorithm(null)
                .option(OpenSslContextOption.GROUPS, new String[] {"X25519MLKEM768"})
                .build();
        var loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            SslHandler handler = hybrid.newHandler(ByteBufAllocator.DEFAULT);
            Channel channel = new Bootstrap()
                    .group(loop)
                    .channel(NioSocketChannel.class)
                    .handler(handler)
                    .connect(plane.plane().boundAddress())
                    .sync()
                    .channel();
            handler.handshakeFuture().get(20, TimeUnit.SECONDS);
            channel.close().await(5, TimeUnit.SECONDS);
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
            ReferenceCountUtil.release(hybrid);
        }
        RunningPlane.until("it is counted", () -> handshakes("1.3", "full") == 1);
    }

    @Test
    void refusesNamesThatNobodyHas() throws Exception {
        plane.tls = new TlsSpec(
                List.of(ec),
                TlsPolicy.INTERMEDIATE,
                null,
                UnknownName.REFUSE,
                HostAgreement.CERTIFICATE,
                Duration.ofSeconds(10),
                64 << 10,
                TICKETS);
        plane.start(Backend.echo());

        assertThatThrownBy(() -> shown("nobody.example"))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("unrecognized_name");
        assertThat(failures("unknown-name")).isEqualTo(1);
        assertThat(shown("a.example")).isEqualTo("ec");
    }

    @Test
    void speaksNoOlderVersion() throws Exception {
        plane.tls = clients(Mode.OPTIONAL, null);
        plane.start(Backend.echo());
        SSLContext client = certified.client(null);
        var socket = (SSLSocket) client.getSocketFactory()
                .createSocket(
                        plane.plane().boundAddress().getAddress(),
                        plane.plane().boundAddress().getPort());
        try (socket) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            assertThatThrownBy(socket::startHandshake).hasMessageContaining("protocol_version");
        }
        RunningPlane.until("counted", () -> failures("version") == 1);
    }

    @Test
    void followsARenewedCertificateWithoutTouchingConnections() throws Exception {
        CertificateSpec renewed = certified.ec("first", "a.example");
        plane.tls = spec(renewed);
        plane.start(Backend.echo());
        try (Wire before = wire("a.example")) {
            assertThat(before.send(request("a.example")).response().status()).isEqualTo(200);
            certified.ec("second", "b.example");
            Files.copy(folder.resolve("second.key"), folder.resolve("first.key"), StandardCopyOption.REPLACE_EXISTING);

            // The key is there and its certificate is not yet: nothing is read before both rest, and then it fails.
            plane.plane().look(System.nanoTime());
            assertThat(shown("a.example")).isEqualTo("first");
            plane.plane().look(System.nanoTime());
            assertThat(shown("a.example")).isEqualTo("first");
            assertThat(plane.metrics
                            .counter(Metric.TLS_FILE_READS, "web", "unusable")
                            .value())
                    .isEqualTo(1);

            Files.copy(folder.resolve("second.pem"), folder.resolve("first.pem"), StandardCopyOption.REPLACE_EXISTING);
            plane.plane().look(System.nanoTime());
            plane.plane().look(System.nanoTime());
            assertThat(shown("a.example")).isEqualTo("second");
            plane.plane().look(System.nanoTime());
            assertThat(plane.metrics
                            .counter(Metric.TLS_FILE_READS, "web", "used")
                            .value())
                    .isEqualTo(1);
            assertThat(before.send(request("a.example")).response().status()).isEqualTo(200);
        }
    }

    @Test
    void followsAChangedListener() throws Exception {
        plane.start(Backend.echo());
        try (Wire before = wire("a.example")) {
            plane.tls = spec(other);
            plane.update();
            assertThat(shown("a.example")).isEqualTo("other");

            plane.tls = null;
            plane.update();
            assertThat(plane.get("/clear").body()).isEqualTo("/clear");

            plane.tls = spec(ec);
            plane.update();
            assertThat(shown("a.example")).isEqualTo("ec");
            assertThat(before.send(request("a.example")).response().status()).isEqualTo(200);
        }
    }

    // ---- sessions ----

    /// The file's own ticket secrets, and those of a process.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void resumesSessionsOverANewCertificate(boolean shared) throws Exception {
        Path secrets = folder.resolve("tickets");
        Files.writeString(secrets, "0f".repeat(32));
        var tickets = new TicketsSpec(true, Duration.ofHours(12), shared ? secrets.toString() : null);
        plane.tls = with(tickets, ec);
        plane.start(Backend.echo());
        SSLContext client = certified.client(null);
        ask(client);
        RunningPlane.until("counted", () -> handshakes("1.3", "full") == 1);

        plane.tls = with(tickets, ec, other);
        plane.update();
        ask(client);
        RunningPlane.until("resumed", () -> handshakes("1.3", "resumed") == 1);

        if (shared) {
            Files.writeString(secrets, "1e".repeat(32) + "\n" + "0f".repeat(32));
            plane.plane().look(System.nanoTime());
            plane.plane().look(System.nanoTime());
            ask(client);
            RunningPlane.until("resumed by the second", () -> handshakes("1.3", "resumed") == 2);
            Files.writeString(secrets, "2d".repeat(32));
            plane.plane().look(System.nanoTime());
            plane.plane().look(System.nanoTime());
        } else {
            for (int hours = 13; hours < 60; hours += 13) {
                plane.plane().look(System.nanoTime() + Duration.ofHours(hours).toNanos());
            }
        }
        ask(client);
        RunningPlane.until("made anew", () -> handshakes("1.3", "full") == 2);
    }

    @Test
    void givesNoTicketsWhenToldSo() throws Exception {
        plane.tls = with(new TicketsSpec(false, Duration.ofHours(12), null), ec);
        plane.start(Backend.echo());
        SSLContext client = certified.client(null);

        ask(client);
        ask(client);

        RunningPlane.until("counted", () -> handshakes("1.3", "full") == 2);
    }

    private static TlsSpec with(TicketsSpec tickets, CertificateSpec... certificates) {
        return new TlsSpec(
                List.of(certificates),
                TlsPolicy.INTERMEDIATE,
                null,
                UnknownName.DEFAULT_CERTIFICATE,
                HostAgreement.CERTIFICATE,
                Duration.ofSeconds(10),
                64 << 10,
                tickets);
    }

    /// One exchange: a ticket comes behind the handshake.
    private void ask(SSLContext client) throws IOException {
        try (Wire wire = new Wire(connect(client, "a.example"))) {
            assertThat(wire.send(request("a.example")).response().status()).isEqualTo(200);
        }
    }

    // ---- clients' certificates ----

    @Test
    void asksClientsForACertificate() throws Exception {
        plane.tls = clients(Mode.REQUIRED, null);
        plane.start(Backend.echo());

        ask(certified.client("joe"));
        ask(certified.client("eve"));

        try (Wire wire = wire("a.example")) {
            // In TLS 1.3 the client hears of it when it reads.
            assertThatThrownBy(() -> wire.send(request("a.example")).response()).isInstanceOf(IOException.class);
        }
        RunningPlane.until("counted", () -> failures("client-certificate") == 1);
    }

    @Test
    void believesNoStrangersAndNoneThatAreRevoked() throws Exception {
        plane.tls = clients(Mode.OPTIONAL, certified.at("crl.pem"));
        plane.start(Backend.echo());
        certified.openssl(
                "req -x509 -newkey rsa:2048 -nodes -keyout stranger.key -subj /CN=authority -days 1 -out stranger.pem");

        ask(certified.client("joe"));
        ask(certified.client(null));
        assertThatThrownBy(() -> ask(certified.client("eve"))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ask(certified.client("stranger"))).isInstanceOf(IOException.class);

        RunningPlane.until("counted", () -> failures("client-certificate") == 2);
    }

    /// A ticket would be a way past the new list.
    @Test
    void forgetsSessionsWhenTheRevocationsChange() throws Exception {
        plane.tls = clients(Mode.REQUIRED, null);
        plane.start(Backend.echo());
        SSLContext eve = certified.client("eve");
        ask(eve);
        ask(eve);
        RunningPlane.until("resumed", () -> handshakes("1.3", "resumed") == 1);

        plane.tls = clients(Mode.REQUIRED, certified.at("crl.pem"));
        plane.update();

        assertThatThrownBy(() -> ask(eve)).isInstanceOf(IOException.class);
    }

    // ---- requests ----

    @Test
    void tellsTheEndpointThatTheClientSpokeTls() throws Exception {
        plane.start(new Backend((wire, _) -> {
            Message request = wire.request();
            String said = request.field("X-Forwarded-Proto") + " " + request.field("Forwarded");
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + said.length() + "\r\n\r\n" + said);
            wire.read();
        }));
        try (Wire wire = wire("a.example")) {
            assertThat(wire.send("GET / HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-Proto: http\r\n\r\n")
                            .response()
                            .body())
                    .isEqualTo("https for=127.0.0.1;host=a.example;proto=https");
        }
    }

    @Test
    void answers421ForAHostThatTheCertificateIsNotFor() throws Exception {
        plane.start(Backend.echo());
        try (Wire wire = wire("a.example")) {
            assertThat(wire.send(request("y.wild.example:443")).response().status())
                    .isEqualTo(200);
            assertThat(wire.send(request("A.EXAMPLE")).response().status()).isEqualTo(200);
            // The root's dot is neither in SNI nor in the certificate.
            assertThat(wire.send(request("a.example.")).response().status()).isEqualTo(200);
            assertThat(wire.send(request("y.wild.example.:443")).response().status())
                    .isEqualTo(200);
            Message misdirected = wire.send(request("other.example")).response();
            assertThat(misdirected.status()).isEqualTo(421);
            assertThat(misdirected.field("Proxy-Status")).contains("tls.host-agreement");
            assertThat(wire.send(request("a.example")).response().status()).isEqualTo(200);
        }
        try (Wire wire = wire(null)) {
            assertThat(wire.send(request("other.example")).response().status()).isEqualTo(200);
        }
        RunningPlane.until("counted", () -> plane.faults("MISDIRECTED") == 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SNI", "NOTHING"})
    void asksForAsMuchAgreementAsItIsTold(String agreement) throws Exception {
        plane.tls = new TlsSpec(
                List.of(ec),
                TlsPolicy.INTERMEDIATE,
                null,
                UnknownName.DEFAULT_CERTIFICATE,
                HostAgreement.valueOf(agreement),
                Duration.ofSeconds(10),
                64 << 10,
                TICKETS);
        plane.start(Backend.echo());
        int otherwise = agreement.equals("SNI") ? 421 : 200;
        try (Wire wire = wire("a.example")) {
            assertThat(wire.send(request("a.example")).response().status()).isEqualTo(200);
            assertThat(wire.send(request("a.example.")).response().status()).isEqualTo(200);
            assertThat(wire.send(request("y.wild.example")).response().status()).isEqualTo(otherwise);
            assertThat(wire.send(request("nobody.example")).response().status()).isEqualTo(otherwise);
        }
    }

    /// RFC 9112 §3.2.2: a server takes the absolute form; its scheme here is https.
    @Test
    void takesATargetThatNamesItsScheme() throws Exception {
        plane.start(Backend.echo());
        try (Wire wire = wire("a.example")) {
            String host = " HTTP/1.1\r\nHost: a.example\r\n\r\n";
            assertThat(wire.send("GET https://a.example/x" + host).response().status())
                    .isEqualTo(200);
            assertThat(wire.send("GET HTTPS://A.EXAMPLE" + host).response().status())
                    .isEqualTo(200);
            Message other = wire.send("GET https://y.wild.example/" + host).response();
            assertThat(other.status()).isEqualTo(400);
        }
    }

    @Test
    void passesLargeBodiesBothWays() throws Exception {
        byte[] large = new byte[5 << 20];
        new Random(1).nextBytes(large);
        plane.start(new Backend((wire, _) -> {
            String body = wire.request().body();
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            wire.read();
        }));
        try (Wire wire = wire("a.example")) {
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    wire.send("PUT / HTTP/1.1\r\nHost: a.example\r\nContent-Length: " + large.length + "\r\n\r\n");
                    wire.send(large);
                } catch (IOException _) {
                    // The answer is missing then.
                }
            });
            assertThat(wire.response().body()).isEqualTo(new String(large, StandardCharsets.ISO_8859_1));
            sender.join();
        }
    }

    @Test
    void endsABodyWithTheConnectionByACloseNotify() throws Exception {
        plane.start(new Backend((wire, _) -> {
            wire.request();
            wire.send("HTTP/1.1 200 OK\r\n\r\nall");
        }));
        try (Wire wire = wire("a.example")) {
            Message response =
                    wire.send("GET / HTTP/1.0\r\nHost: a.example\r\n\r\n").response();
            assertThat(response.body()).isEqualTo("all");
            assertThat(response.isWhole()).isTrue();
        }
    }

    @Test
    void aBodyThatIsCutEndsWithoutACloseNotify() throws Exception {
        CompletableFuture<Void> read = new CompletableFuture<>();
        plane.start(new Backend((wire, _) -> {
            wire.request();
            wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            read.get();
            wire.reset();
        }));
        try (Wire wire = wire("a.example")) {
            wire.send("GET / HTTP/1.0\r\nHost: a.example\r\n\r\n").head();
            assertThat(wire.input().readNBytes(5)).isEqualTo("hello".getBytes(StandardCharsets.US_ASCII));
            read.complete(null);
            assertThatThrownBy(wire::read).isInstanceOf(IOException.class);
        }
    }

    @Test
    void makesTunnels() throws Exception {
        plane.start(new Backend((wire, _) -> {
            wire.head();
            wire.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nfirst");
            wire.send("<" + (char) wire.read() + ">");
            wire.socket().shutdownOutput();
            wire.read();
        }));
        try (Wire wire = wire("a.example")) {
            wire.send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            assertThat(wire.head()).startsWith("HTTP/1.1 101");
            wire.send("x");
            assertThat(wire.rest()).isEqualTo("first<x>");
        }
        RunningPlane.until("the tunnel is over", () -> plane.plane().openTunnels() == 0);
    }

    // ---- handshakes that come to nothing ----

    @Test
    void resetsWhoIsNotDoneInTime() throws Exception {
        plane.tls = new TlsSpec(
                List.of(ec),
                TlsPolicy.INTERMEDIATE,
                null,
                UnknownName.DEFAULT_CERTIFICATE,
                HostAgreement.CERTIFICATE,
                Duration.ofMillis(100),
                64 << 10,
                TICKETS);
        plane.start(Backend.echo());
        try (Wire wire = plane.connect()) {
            assertThatThrownBy(wire::read).isInstanceOf(IOException.class);
        }
        assertThat(failures("timeout")).isEqualTo(1);
    }

    @Test
    void resetsWhatIsNoTls() throws Exception {
        plane.start(Backend.echo());
        try (Wire wire = plane.connect()) {
            wire.send(request("a.example"));
            assertThatThrownBy(wire::read).isInstanceOf(IOException.class);
        }
        try (Wire wire = plane.connect()) {
            wire.send(new byte[] {22, 3, 1, 0, 4, 2, 0, 0, 0});
            assertThatThrownBy(wire::read).isInstanceOf(IOException.class);
        }
        assertThat(failures("not-tls")).isEqualTo(1);
        assertThat(failures("malformed")).isEqualTo(1);
    }

    @Test
    void closesAConnectionWhoseRecordsAreBroken() throws Exception {
        plane.start(Backend.echo());
        var plain = new Socket(
                plane.plane().boundAddress().getAddress(),
                plane.plane().boundAddress().getPort());
        SSLSocket socket =
                (SSLSocket) certified.client(null).getSocketFactory().createSocket(plain, "a.example", 1, true);
        socket.startHandshake();
        try (plain) {
            byte[] broken = new byte[25];
            // Application data in 20 bytes.
            System.arraycopy(new byte[] {23, 3, 3, 0, 20}, 0, broken, 0, 5);
            plain.getOutputStream().write(broken);
            plain.getOutputStream().write(broken);
            plain.setSoTimeout(20_000);
            assertThat(plain.getInputStream().readAllBytes()).isNotEmpty();
        }
        RunningPlane.until("closed", () -> plane.plane().open() == 0);
    }

    @Test
    void aDrainEndsHandshakesThatHaveBegun() throws Exception {
        plane.start(Backend.echo());
        try (Wire silent = plane.connect()) {
            RunningPlane.until("let in", () -> plane.plane().open() == 1);
            plane.plane().drain();
            plane.plane().close();
            assertThatThrownBy(silent::read).isInstanceOf(IOException.class);
        }
    }

    @Test
    void startsWithoutItsCertificateNever() {
        plane.tls = spec(new CertificateSpec(certified.at("none.pem"), null, null));
        assertThatThrownBy(() -> plane.start(Backend.echo()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no file");
    }
}
