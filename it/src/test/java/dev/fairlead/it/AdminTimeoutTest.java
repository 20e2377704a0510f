package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Clients of the admin API who take their time. That something ends is seen by waiting for it, longer than it may
/// take.
class AdminTimeoutTest {
    private static final int WAIT_MILLIS = 60_000;

    /// Their metrics are more than the buffers of a connection hold.
    private static final int ENDPOINTS = 4_000;

    private final int adminPort = Repository.freePort();
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        String endpoints = IntStream.range(0, ENDPOINTS)
                .mapToObj(i -> "\"10.1.%d.%d:80\"".formatted(i / 250, i % 250))
                .collect(Collectors.joining(", "));
        fairlead = Fairlead.start("""
                listeners:
                  raw: {protocol: tcp, address: "127.0.0.1:%d", upstream: many}
                upstreams:
                  many: {endpoints: [%s]}
                admin: {address: "127.0.0.1:%d", request-timeout: 1s, response-timeout: 8s}
                """.formatted(Repository.freePort(), endpoints, adminPort), "-Xmx256m");
    }

    @AfterEach
    void stop() throws Exception {
        fairlead.close();
    }

    private Socket ask(String text) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), adminPort), WAIT_MILLIS);
        socket.setSoTimeout(WAIT_MILLIS);
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /// What comes until the other side closes.
    private static String rest(Socket socket) throws IOException {
        var all = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(all);
        } catch (SocketTimeoutException open) {
            throw new AssertionError("it was not closed", open);
        } catch (IOException reset) {
            // That is an end too.
        }
        return all.toString(StandardCharsets.US_ASCII);
    }

    /// Who asks for the number may be cut too, when the machine is busy.
    private void awaitCut(int count) {
        await().atMost(Duration.ofMillis(WAIT_MILLIS))
                .ignoreExceptions()
                .untilAsserted(() ->
                        assertThat(fairlead.metric("fairlead_admin_cut_total")).isGreaterThanOrEqualTo(count));
    }

    @Test
    void whoDoesNotReadTheMetricsIsCut() throws Exception {
        try (Socket stalled = ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
                Socket other = ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
            assertThat(stalled.getInputStream().read()).isEqualTo('H');

            awaitCut(2);

            assertThat(rest(stalled)).startsWith("TTP/1.1 200").doesNotEndWith("\r\n0\r\n\r\n");
            assertThat(rest(other)).doesNotEndWith("\r\n0\r\n\r\n");
            assertThat(fairlead.log()).contains("an admin request was not sent, or its answer not taken, in time");
        }
    }

    @Test
    void whoDoesNotSendTheHeadIsCut() throws Exception {
        try (Socket half = ask("GET /healthz HTTP/1.1\r\nHo");
                Socket nothing = ask("")) {
            assertThat(rest(half)).isEmpty();
            assertThat(rest(nothing)).isEmpty();
        }
    }

    @Test
    void whoDoesNotSendTheFormIsCut() throws Exception {
        try (Socket half = ask("POST /explain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nurl=")) {
            assertThat(rest(half)).isEmpty();
            awaitCut(1);
            assertThat(fairlead.log()).doesNotContain("admin request failed");
        }
    }
}
