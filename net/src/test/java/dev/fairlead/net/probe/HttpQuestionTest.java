package dev.fairlead.net.probe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.HttpProbeSpec;
import dev.fairlead.config.TlsTrust;
import dev.fairlead.leak.NoLeaks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpQuestionTest {
    private volatile String lastRequest = "";

    @Test
    void asksARealServerOverTls(@TempDir Path folder) throws Exception {
        Identity valid = Identity.valid(folder);
        TlsTrust trust = new TlsTrust("app.example", true, valid.certificate().toString());
        try (Nginx nginx = Nginx.https(folder, valid)) {
            assertThat(https(nginx, "GET", "/healthz", null, trust)).isEqualTo(ProbeResult.good("status 200"));
            assertThat(https(nginx, "HEAD", "/healthz", null, trust)).isEqualTo(ProbeResult.good("status 200"));
            assertThat(https(nginx, "GET", "/healthz", "is well", trust))
                    .isEqualTo(ProbeResult.good("status 200, with the text"));
            assertThat(https(nginx, "GET", "/healthz", "is ill", trust))
                    .isEqualTo(ProbeResult.bad("status 200, but the body does not have the text"));
            assertThat(https(nginx, "GET", "/same", null, trust)).isEqualTo(ProbeResult.good("status 304"));
            assertThat(https(nginx, "GET", "/moved", null, trust)).isEqualTo(ProbeResult.bad("status 302"));
            assertThat(https(nginx, "GET", "/nowhere", null, trust)).isEqualTo(ProbeResult.bad("status 404"));
            assertThat(https(nginx, "GET", "/healthz", null, new TlsTrust("app.example", true, null)))
                    .isEqualTo(ProbeResult.bad("the certificate is not trusted"));
        }
    }

    private static ProbeResult https(Nginx nginx, String method, String path, @Nullable String body, TlsTrust trust)
            throws Exception {
        return Probed.at(nginx.port(), Probed.http(method, path, body, true, trust, Probed.PACE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nall is well",
                "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\nall is well and there is more to come",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nall is\r\n5\r\n well\r\n0\r\n\r\n",
                "HTTP/1.0 200 OK\r\n\r\nso: all is well",
                "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nall is well",
            })
    void findsTheTextHoweverTheBodyIsFramed(String answer) throws Exception {
        assertThat(answerTo(Probed.http("GET", "/", "all is well"), answer))
                .isEqualTo(ProbeResult.good("status 200, with the text"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nall is wel",
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: all is well\r\n\r\n",
                "HTTP/1.1 200 all is well\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 103 all is well\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            })
    void looksForTheTextInTheBodyOnly(String answer) throws Exception {
        assertThat(answerTo(Probed.http("GET", "/", "all is well"), answer))
                .isEqualTo(ProbeResult.bad("status 200, but the body does not have the text"));
    }

    @Test
    void looksNoFurtherThan64KibOfTheBody() throws Exception {
        HttpProbeSpec spec = Probed.http("GET", "/", "well");
        String head = "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n";
        int last = HttpQuestion.BODY_BYTES_MAX - "well".length();

        assertThat(answerTo(spec, head + "x".repeat(last) + "well"))
                .isEqualTo(ProbeResult.good("status 200, with the text"));
        assertThat(answerTo(spec, head + "x".repeat(last + 1) + "well"))
                .isEqualTo(ProbeResult.bad("status 200, but the body does not have the text"));
    }

    @Test
    void doesNotWaitForABodyThatNobodyAskedAfter() throws Exception {
        assertThat(answerTo(Probed.http("GET", "/", null), "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nslow"))
                .isEqualTo(ProbeResult.good("status 200"));
        assertThat(answerTo(Probed.http("GET", "/", "text"), "HTTP/1.1 503 No\r\nContent-Length: 50\r\n\r\nslow"))
                .isEqualTo(ProbeResult.bad("status 503"));
    }

    @Test
    void isBadWhenTheBodyIsTooSlow() throws Exception {
        HttpProbeSpec spec = Probed.http("GET", "/", "text", false, TlsTrust.STRICT, Probed.HASTY);
        assertThat(answerTo(spec, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nslow"))
                .isEqualTo(ProbeResult.bad("no answer in 200 ms"));
    }

    @Test
    void isBadWhenTheBodyBreaksOff() throws Exception {
        try (ServerSocket server =
                serving("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nslow", Socket::shutdownOutput)) {
            assertThat(Probed.at(server.getLocalPort(), Probed.http("GET", "/", "text")))
                    .isEqualTo(ProbeResult.bad("status 200, but the answer broke off"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'HTTP/1.1 200 OK\r\n\r\n', 200",
        "'HTTP/1.0 204 No Content\r\nA: b\r\n\r\n', 204",
        "'HTTP/1.1 204 \r\n\r\n', 204",
        "'HTTP/1.1 304\r\n\r\n', 304",
        "'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', 200"
    })
    void tellsTheFinalStatus(String answer, int status) throws Exception {
        assertThat(answerTo(Probed.http("GET", "/", null), answer)).isEqualTo(ProbeResult.good("status " + status));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH_9.2\r\n\r\n",
                "HTTP/1.1 20x OK\r\n\r\n",
                "HTTP/1.1 2000 OK\r\n\r\n",
                "HTTP/1.1 099 OK\r\n\r\n",
                "HTTP/1.1 999 OK\r\n\r\n"
            })
    void refusesWhatIsNoHttp(String answer) throws Exception {
        ProbeResult result = answerTo(Probed.http("GET", "/", null), answer);
        assertThat(result.isGood()).isFalse();
        assertThat(result.reason()).startsWith("the answer is not HTTP/1");
    }

    @Test
    void refusesAnEndlessHead() throws Exception {
        String head = "HTTP/1.1 200 OK\r\nX: " + "x".repeat(HttpQuestion.HEAD_BYTES_MAX);
        assertThat(answerTo(Probed.http("GET", "/", null), head).isGood()).isFalse();
        String line = "HTTP/1.1 200 " + "x".repeat(HttpQuestion.LINE_BYTES_MAX);
        assertThat(answerTo(Probed.http("GET", "/", null), line).isGood()).isFalse();
    }

    @Test
    void asksByTheMethodThatIsWanted() throws Exception {
        answerTo(Probed.http("POST", "/check?a=b", null), "HTTP/1.1 200 OK\r\n\r\n");
        assertThat(lastRequest)
                .startsWith("POST /check?a=b HTTP/1.1\r\nHost: 127.0.0.1:")
                .contains("Content-Length: 0");
        answerTo(Probed.http("x-Check", "/", null), "HTTP/1.1 200 OK\r\n\r\n");
        assertThat(lastRequest).startsWith("x-Check / HTTP/1.1\r\n").doesNotContain("Content-Length");
    }

    /// What a probe finds when the server says this, and then nothing.
    private ProbeResult answerTo(HttpProbeSpec spec, String answer) throws Exception {
        boolean isEndedByClose = answer.startsWith("HTTP/1.0");
        try (ServerSocket server = serving(answer, isEndedByClose ? Socket::shutdownOutput : _ -> {})) {
            return Probed.at(server.getLocalPort(), spec);
        }
    }

    private interface End {
        void of(Socket socket) throws IOException;
    }

    private ServerSocket serving(String answer, End end) throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(() -> {
            try {
                while (true) {
                    Socket socket = server.accept();
                    Thread.startVirtualThread(() -> answer(socket, answer, end));
                }
            } catch (IOException closed) {
                // The test is over.
            }
        });
        return server;
    }

    private void answer(Socket socket, String answer, End end) {
        try (socket) {
            StringBuilder request = new StringBuilder();
            while (request.indexOf("\r\n\r\n") < 0) {
                int next = socket.getInputStream().read();
                if (next < 0) {
                    return;
                }
                request.append((char) next);
            }
            lastRequest = request.toString();
            // In pieces, so that nothing depends on how a body is cut.
            byte[] bytes = answer.getBytes(UTF_8);
            int half = bytes.length / 2;
            socket.getOutputStream().write(bytes, 0, half);
            socket.getOutputStream().write(bytes, half, bytes.length - half);
            end.of(socket);
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            // The probe has seen enough.
        }
    }
}
