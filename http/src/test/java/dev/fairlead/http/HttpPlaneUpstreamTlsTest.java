package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.CertificateSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.TlsPolicy;
import dev.fairlead.config.UpstreamHttp2Spec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.config.UpstreamTlsSpec;
import dev.fairlead.http.Wire.Message;
import dev.fairlead.leak.NoLeaks;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// TLS towards endpoints of the JDK: what is believed, and what a client hears when it is not.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneUpstreamTlsTest {
    @TempDir
    static Path folder;

    private static Certified certified;
    private static CertificateSpec joe;

    @RegisterExtension
    private final RunningPlane plane = new RunningPlane();

    @BeforeAll
    static void certify() throws Exception {
        certified = new Certified(folder);
        certified.ec("app", "app.example");
        joe = certified.ec("joe", "joe.example");
    }

    /// The JDK's first handshake takes its time.
    @BeforeEach
    void waitForHandshakes() {
        connectWithin(Duration.ofSeconds(20));
    }

    private void connectWithin(Duration connect) {
        plane.upstreamTimeouts = new UpstreamTimeouts(connect, Duration.ofSeconds(20), Duration.ofSeconds(20));
    }

    private static UpstreamTlsSpec spec(String name, boolean verify, CertificateSpec own) {
        return new UpstreamTlsSpec(name, verify, verify ? certified.at("ca.pem") : null, own, TlsPolicy.INTERMEDIATE);
    }

    private static SSLServerSocket socket() throws Exception {
        return (SSLServerSocket)
                certified.client("app").getServerSocketFactory().createServerSocket();
    }

    /// Answers every request with the name that it was asked for by SNI, and who asked by its certificate.
    private static Backend backend(ServerSocket socket) throws IOException {
        return new Backend(
                (wire, _) -> {
                    while (true) {
                        wire.request();
                        var session = (ExtendedSSLSession) ((SSLSocket) wire.socket()).getSession();
                        String said = session.getRequestedServerNames().stream()
                                        .map(each -> ((SNIHostName) each).getAsciiName())
                                        .toList()
                                + peer(session);
                        wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + said.length() + "\r\n\r\n" + said);
                    }
                },
                socket);
    }

    private static String peer(ExtendedSSLSession session) {
        try {
            return " " + session.getPeerPrincipal().getName();
        } catch (IOException none) {
            return "";
        }
    }

    private void assertRefused(String error) throws IOException {
        Message answer = plane.get("/");
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.field("Proxy-Status")).contains("error=" + error);
    }

    @Test
    void believesWhoHasTheNameAndKeepsTheConnection() throws Exception {
        plane.upstreamTls = spec("app.example", true, null);
        Backend backend = backend(socket());
        plane.start(backend);

        assertThat(plane.get("/").body()).isEqualTo("[app.example]");
        assertThat(plane.get("/").body()).isEqualTo("[app.example]");

        assertThat(backend.accepted()).isEqualTo(1);
    }

    @Test
    void doesNotBelieveAnotherName() throws Exception {
        plane.upstreamTls = spec("other.example", true, null);
        plane.start(backend(socket()));

        assertRefused("tls_certificate_error");
        // Nor the address, which the certificate does not have.
        plane.upstreamTls = spec(null, true, null);
        plane.update(List.of(plane.endpoint().spec()));
        assertRefused("tls_certificate_error");
    }

    @Test
    void believesWhoHasTheNameThatItWasFoundBy() throws Exception {
        plane.upstreamTls = spec(null, true, null);
        Backend backend = backend(socket());
        plane.startNamed("app.example", backend);

        assertThat(plane.get("/").body()).isEqualTo("[app.example]");
        assertThat(plane.get("/").body()).isEqualTo("[app.example]");
        assertThat(backend.accepted()).isEqualTo(1);
        // What was opened before is no proof of the name that it has now.
        plane.putNamed("other.example", backend);
        assertRefused("tls_certificate_error");
    }

    @Test
    void doesNotBelieveAnotherNameThanThatItWasFoundBy() throws Exception {
        plane.upstreamTls = spec(null, true, null);
        plane.startNamed("other.example", backend(socket()));

        assertRefused("tls_certificate_error");
    }

    /// What the config says goes first.
    @Test
    void asksForTheNameOfTheConfigWhateverItWasFoundBy() throws Exception {
        plane.upstreamTls = spec("app.example", true, null);
        plane.startNamed("other.example", backend(socket()));

        assertThat(plane.get("/").body()).isEqualTo("[app.example]");
    }

    @Test
    void doesNotBelieveAnotherAuthority() throws Exception {
        certified.openssl("req -x509 -newkey rsa:2048 -nodes -keyout alien.key -subj /CN=alien -days 1 -out alien.pem");
        plane.upstreamTls =
                new UpstreamTlsSpec("app.example", true, certified.at("alien.pem"), null, TlsPolicy.INTERMEDIATE);
        plane.start(backend(socket()));

        assertRefused("tls_certificate_error");
    }

    /// What was opened before is no proof of what is asked for now.
    @Test
    void opensAnewWhenItIsToBelieveLess() throws Exception {
        plane.upstreamTls = spec("other.example", false, null);
        Backend backend = backend(socket());
        plane.start(backend);
        assertThat(plane.get("/").body()).isEqualTo("[other.example]");

        plane.upstreamTls = spec("other.example", true, null);
        plane.update(List.of(plane.endpoint().spec()));
        assertRefused("tls_certificate_error");

        plane.upstreamTls = spec("app.example", true, null);
        plane.update(List.of(plane.endpoint().spec()));
        assertThat(plane.get("/").body()).isEqualTo("[app.example]");
    }

    @Test
    void showsItsOwnCertificate() throws Exception {
        plane.upstreamTls = spec("app.example", true, joe);
        SSLServerSocket socket = socket();
        socket.setNeedClientAuth(true);
        plane.start(backend(socket));

        assertThat(plane.get("/").body()).isEqualTo("[app.example] O=Test,CN=joe");
    }

    @Test
    void tellsOfAnAlert() throws Exception {
        plane.upstreamTls = new UpstreamTlsSpec("app.example", true, certified.at("ca.pem"), null, TlsPolicy.MODERN);
        SSLServerSocket socket = socket();
        socket.setEnabledProtocols(new String[] {"TLSv1.2"});
        plane.start(backend(socket));

        assertRefused("tls_alert_received");
    }

    @Test
    void tellsOfAnEndpointThatSpeaksInTheClear() throws Exception {
        plane.upstreamTls = spec("app.example", true, null);
        plane.start(new Backend((wire, _) -> {
            wire.read();
            wire.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            wire.rest();
        }));

        assertRefused("tls_protocol_error");
    }

    @Test
    void givesUpOnAHandshakeThatTakesTooLong() throws Exception {
        plane.upstreamTls = spec("app.example", true, null);
        plane.attempts = 1;
        connectWithin(Duration.ofMillis(300));
        plane.start(new Backend((wire, _) -> wire.rest()));

        Message answer = plane.get("/");

        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.field("Proxy-Status")).contains("connection_timeout");
    }

    @Test
    void goesToAnotherEndpoint() throws Exception {
        plane.upstreamTls = spec("app.example", true, null);
        plane.start(new Backend((_, _) -> {}), backend(socket()));

        for (int i = 0; i < 4; i++) {
            assertThat(plane.get("/").status()).isEqualTo(200);
        }
    }

    @Test
    void endsABodyWithTheConnection() throws Exception {
        plane.upstreamTls = spec("app.example", true, null);
        plane.start(new Backend(
                (wire, _) -> {
                    wire.request();
                    wire.send("HTTP/1.1 200 OK\r\n\r\nall of it");
                },
                socket()));

        Message answer = plane.get("/");

        assertThat(answer.body()).isEqualTo("all of it");
        assertThat(answer.isWhole()).isTrue();
    }

    @Test
    void connectsToNobodyWithoutItsFiles() throws Exception {
        plane.upstreamTls = new UpstreamTlsSpec("app.example", true, "/none/ca.pem", null, TlsPolicy.INTERMEDIATE);
        Backend backend = Backend.echo();
        plane.start(List.of(new EndpointSpec(backend.address(), 1, 0)), List.of());
        try (backend) {
            assertRefused("proxy_configuration_error");
            assertThat(backend.accepted()).isZero();
        }
    }

    @Test
    void speaksHttp2ToNobodyWhoDoesNotChooseIt() throws Exception {
        plane.upstreamTls = spec("app.example", true, null);
        plane.upstreamHttp2 = UpstreamHttp2Spec.DEFAULT;
        plane.start(backend(socket()));

        assertRefused("tls_protocol_error");
    }
}
