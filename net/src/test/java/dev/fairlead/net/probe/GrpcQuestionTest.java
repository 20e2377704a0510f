package dev.fairlead.net.probe;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.TlsTrust;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.net.probe.GrpcHealthServer.Answer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(NoLeaks.class)
@Timeout(60)
final class GrpcQuestionTest {
    private static final String GRPC = "application/grpc";

    @Test
    void asksAfterTheServiceInItsOwnWords() throws Exception {
        try (GrpcHealthServer server = GrpcHealthServer.plain()) {
            assertThat(Probed.at(server.port(), Probed.grpc("shop", null))).isEqualTo(ProbeResult.good("SERVING"));

            assertThat(server.lastMessage).isEqualTo("0000000006" + "0a0473686f70");
            assertThat(server.lastHead.method()).hasToString("POST");
            assertThat(server.lastHead.path()).hasToString("/grpc.health.v1.Health/Check");
            assertThat(server.lastHead.scheme()).hasToString("http");
            assertThat(server.lastHead.authority()).hasToString("127.0.0.1:" + server.port());
            assertThat(server.lastHead.get("content-type")).hasToString(GRPC);
            assertThat(server.lastHead.get("te")).hasToString("trailers");
            assertThat(server.lastHead.get("grpc-timeout")).hasToString("20000m");
        }
    }

    @Test
    void asksAfterTheWholeServerWhereNoServiceIsNamed() throws Exception {
        try (GrpcHealthServer server = GrpcHealthServer.plain()) {
            assertThat(Probed.at(server.port(), Probed.grpc(null, null))).isEqualTo(ProbeResult.good("SERVING"));
            assertThat(server.lastMessage).isEqualTo("0000000000");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "application/grpc+proto, 00000000020801, 0, good, SERVING",
        "application/grpc, 00000000020802, 0, bad, NOT_SERVING",
        "application/grpc, 00000000020803, 0, bad, SERVICE_UNKNOWN",
        "application/grpc, 0000000000, 0, bad, UNKNOWN",
        "application/grpc, 00000000020809, 0, bad, health status 9",
        // SERVING counts for nothing when the call then fails, or never says that it went well.
        "application/grpc, 00000000020801, 14, bad, grpc-status 14",
        "application/grpc, 00000000020801, , bad, grpc-status missing",
        "application/grpc, , 5, bad, the service is not known there (grpc-status 5)",
        "application/grpc, , 12, bad, there is no health service (grpc-status 12)",
        "application/grpc, , 0, bad, the answer is no health status",
        "application/grpc, 000000000208, 0, bad, the answer is no health status",
        "application/grpc, 0100000002 0801, 0, bad, the answer is no health status",
        "text/html, 00000000020801, 0, bad, the answer is not gRPC",
        ", , , bad, 'the call was reset, HTTP/2 error 7'"
    })
    void judgesTheAnswer(String type, String message, String grpcStatus, String verdict, String reason)
            throws Exception {
        try (GrpcHealthServer server = GrpcHealthServer.plain()) {
            server.answer = new Answer(type, message == null ? null : message.replace(" ", ""), grpcStatus);
            assertThat(Probed.at(server.port(), Probed.grpc(null, null)))
                    .isEqualTo(new ProbeResult(verdict.equals("good"), reason));
        }
    }

    @Test
    void isBadWhenTheStatusIsNot200() throws Exception {
        try (GrpcHealthServer server = GrpcHealthServer.plain()) {
            server.status = "503";
            assertThat(Probed.at(server.port(), Probed.grpc(null, null))).isEqualTo(ProbeResult.bad("status 503"));
        }
    }

    @Test
    void readsNoMoreThanAHealthStatusCanBe() throws Exception {
        try (GrpcHealthServer server = GrpcHealthServer.plain()) {
            server.answer = new Answer(GRPC, "00".repeat(GrpcQuestion.MESSAGE_BYTES_MAX + 2), "0");
            assertThat(Probed.at(server.port(), Probed.grpc(null, null)))
                    .isEqualTo(ProbeResult.bad("the answer is no health status"));
        }
    }

    @Test
    void asksOverTls(@TempDir Path folder) throws Exception {
        Identity valid = Identity.valid(folder);
        TlsTrust trust = new TlsTrust("app.example", true, valid.certificate().toString());
        try (GrpcHealthServer server = GrpcHealthServer.tls(valid, "h2")) {
            assertThat(Probed.at(server.port(), Probed.grpc(null, trust))).isEqualTo(ProbeResult.good("SERVING"));
            assertThat(server.lastHead.scheme()).hasToString("https");
            TlsTrust other = new TlsTrust("other.example", true, trust.ca());
            assertThat(Probed.at(server.port(), Probed.grpc(null, other)).isGood())
                    .isFalse();
        }
        try (GrpcHealthServer server = GrpcHealthServer.tls(valid, "http/1.1")) {
            assertThat(Probed.at(server.port(), Probed.grpc(null, trust)))
                    .isEqualTo(ProbeResult.bad("the server does not speak HTTP/2 over TLS"));
        }
    }

    @Test
    void isBadWhenTheServerSpeaksHttp1() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.startVirtualThread(() -> {
                while (!server.isClosed()) {
                    try (Socket socket = server.accept()) {
                        socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
                        socket.getInputStream().readAllBytes();
                    } catch (Exception e) {
                        // The probe has seen it.
                    }
                }
            });
            assertThat(Probed.at(server.getLocalPort(), Probed.grpc(null, null)))
                    .isEqualTo(ProbeResult.bad("the answer is not HTTP/2"));
        }
    }
}
