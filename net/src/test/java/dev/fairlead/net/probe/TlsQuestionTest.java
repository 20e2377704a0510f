package dev.fairlead.net.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.ProbePace;
import dev.fairlead.config.TlsProbeSpec;
import dev.fairlead.config.TlsTrust;
import dev.fairlead.leak.NoLeaks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
@Timeout(60)
final class TlsQuestionTest {
    @TempDir
    static Path folder;

    private static Identity valid;
    private static Identity expired;

    private volatile List<SNIServerName> names = List.of();

    @BeforeAll
    static void make() throws Exception {
        valid = Identity.valid(folder);
        expired = Identity.expired(folder);
    }

    @Test
    void isGoodWhenTheHandshakeCompletes() throws Exception {
        try (ServerSocket server = tls(valid)) {
            assertThat(probe(server, new TlsTrust("app.example", true, ca(valid))))
                    .isEqualTo(ProbeResult.good("handshake completed"));
            assertThat(names).hasToString("[type=host_name (0), value=app.example]");
        }
    }

    @Test
    void asksForTheAddressWithoutSniWhereNoNameIsGiven() throws Exception {
        try (ServerSocket server = tls(valid)) {
            assertThat(probe(server, new TlsTrust(null, true, ca(valid))))
                    .isEqualTo(ProbeResult.good("handshake completed"));
            assertThat(names).isEmpty();
        }
    }

    @Test
    void isBadWhenTheCertificateIsForAnotherName() throws Exception {
        try (ServerSocket server = tls(valid)) {
            ProbeResult result = probe(server, new TlsTrust("other.example", true, ca(valid)));
            assertThat(result.isGood()).isFalse();
            assertThat(result.reason())
                    .startsWith("the certificate is refused: ")
                    .contains("other.example");
        }
    }

    @Test
    void isBadWhenTheCertificateIsNotOfATrustedAuthority() throws Exception {
        try (ServerSocket server = tls(valid)) {
            assertThat(probe(server, new TlsTrust("app.example", true, null)))
                    .isEqualTo(ProbeResult.bad("the certificate is not trusted"));
            assertThat(probe(server, new TlsTrust("app.example", true, ca(expired))))
                    .isEqualTo(ProbeResult.bad("the certificate is not trusted"));
        }
    }

    @Test
    void isBadWhenTheCertificateHasExpired() throws Exception {
        try (ServerSocket server = tls(expired)) {
            assertThat(probe(server, new TlsTrust("app.example", true, ca(expired))))
                    .isEqualTo(ProbeResult.bad("the certificate has expired"));
        }
    }

    @Test
    void takesAnyCertificateWhenToldNotToVerify() throws Exception {
        try (ServerSocket server = tls(expired)) {
            assertThat(probe(server, new TlsTrust("other.example", false, null)))
                    .isEqualTo(ProbeResult.good("handshake completed"));
        }
    }

    @Test
    void isBadWhenTheServerStallsInTheHandshake() throws Exception {
        try (ServerSocket server = plain("")) {
            assertThat(probe(server, TlsTrust.STRICT, Probed.HASTY)).isEqualTo(ProbeResult.bad("no answer in 200 ms"));
        }
    }

    @Test
    void isBadWhenTheServerSpeaksNoTls() throws Exception {
        try (ServerSocket server = plain("220 mail.example ESMTP ready, and waiting for you\r\n")) {
            assertThat(probe(server, TlsTrust.STRICT)).isEqualTo(ProbeResult.bad("the answer is not TLS"));
        }
    }

    @Test
    void isBadWhenTheServerClosesInTheHandshake() throws Exception {
        try (ServerSocket server = serve(Socket::close)) {
            ProbeResult result = probe(server, TlsTrust.STRICT);
            assertThat(result.isGood()).isFalse();
        }
    }

    @Test
    void refusesAFileWithoutCertificates() throws Exception {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        Path key = valid.key();
        for (Path file : List.of(empty, key, folder.resolve("none.pem"))) {
            TlsProbeSpec spec = new TlsProbeSpec(new TlsTrust(null, true, file.toString()), 0, Probed.PACE);
            assertThatThrownBy(() -> Question.of(spec)).isInstanceOf(IOException.class);
        }
    }

    private static String ca(Identity identity) {
        return identity.certificate().toString();
    }

    private static ProbeResult probe(ServerSocket server, TlsTrust trust) throws Exception {
        return probe(server, trust, Probed.PACE);
    }

    private static ProbeResult probe(ServerSocket server, TlsTrust trust, ProbePace pace) throws Exception {
        return Probed.at(server.getLocalPort(), new TlsProbeSpec(trust, 0, pace));
    }

    private interface Service {
        void serve(Socket socket) throws IOException;
    }

    private ServerSocket tls(Identity identity) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(identity.keys().getKeyManagers(), null, null);
        return serve(
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
                socket -> {
                    SSLSocket tls = (SSLSocket) socket;
                    tls.startHandshake();
                    names = ((ExtendedSSLSession) tls.getSession()).getRequestedServerNames();
                    tls.getInputStream().readAllBytes();
                });
    }

    /// Says a text without TLS, then waits for the end.
    private static ServerSocket plain(String text) throws IOException {
        return serve(socket -> {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
        });
    }

    private static ServerSocket serve(Service service) throws IOException {
        return serve(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), service);
    }

    private static ServerSocket serve(ServerSocket server, Service service) {
        Thread.startVirtualThread(() -> {
            for (Socket socket = accepted(server); socket != null; socket = accepted(server)) {
                Socket next = socket;
                Thread.startVirtualThread(() -> {
                    try (next) {
                        service.serve(next);
                    } catch (IOException _) {
                        // The probe sees it.
                    }
                });
            }
        });
        return server;
    }

    private static @Nullable Socket accepted(ServerSocket server) {
        try {
            return server.accept();
        } catch (IOException closed) {
            return null;
        }
    }
}
