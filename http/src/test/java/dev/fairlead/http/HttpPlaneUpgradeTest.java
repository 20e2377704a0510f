package dev.fairlead.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.HttpTimeouts;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Connections that leave HTTP behind: RFC 9110 §7.8, RFC 6455 §4. The key and its proof are the RFC's own.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneUpgradeTest {
    private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    private static final String ASKS = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    private static final String HANDSHAKE = "GET /chat HTTP/1.1\r\nHost: a\r\n" + ASKS + KEY + "\r\n";
    private static final String PROOF = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
    private static final String AGREES =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + PROOF + "\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @RegisterExtension
    private final RunningPlane plane = new RunningPlane();

    /// Heads that the endpoint was sent.
    private final LinkedBlockingQueue<String> heads = new LinkedBlockingQueue<>();

    /// Agrees to every upgrade, and sends back what it gets; when that ends, says so and ends.
    private Backend echo() throws IOException {
        return new Backend((wire, _) -> {
            heads.add(wire.head());
            wire.send(AGREES);
            byte[] some = new byte[4096];
            for (int size = wire.input().read(some);
                    size >= 0;
                    size = wire.input().read(some)) {
                wire.send(Arrays.copyOf(some, size));
            }
            wire.send("bye");
        });
    }

    private Backend answering(String answer) throws IOException {
        return new Backend((wire, _) -> {
            while (true) {
                heads.add(wire.head());
                wire.send(answer);
            }
        });
    }

    private static String read(InputStream in, int size) throws IOException {
        return new String(in.readNBytes(size), ISO_8859_1);
    }

    private String forwarded() throws InterruptedException {
        return heads.poll(10, TimeUnit.SECONDS);
    }

    private long tunnels(String outcome) {
        return plane.metrics.counter(Metric.HTTP_TUNNELS, "web", outcome).value();
    }

    private void untilEnded(String outcome) {
        RunningPlane.until("a tunnel is " + outcome, () -> tunnels(outcome) == 1);
        RunningPlane.until("none is open", () -> plane.plane().openTunnels() == 0);
    }

    @Test
    void aHandshakeMakesATunnel() throws Exception {
        plane.start(echo());
        try (Wire client = plane.connect()) {
            String head = client.send(HANDSHAKE).head();

            assertThat(head).startsWith("HTTP/1.1 101 ").contains("Connection: Upgrade\r\nUpgrade: websocket\r\n");
            assertThat(head).contains(PROOF).doesNotContain("Content-Length");
            assertThat(forwarded()).contains(ASKS).contains(KEY).contains("via: 1.1 fairlead");
            assertThat(read(client.send("hello").input(), 5)).isEqualTo("hello");
            RunningPlane.until("it is open", () -> plane.plane().openTunnels() == 1);
            assertThat(plane.endpoint().active()).isEqualTo(1);
            assertThat(plane.endpoint().connections()).isEqualTo(1);

            // The end of one half is passed on, and the other goes on.
            client.socket().shutdownOutput();
            assertThat(client.rest()).isEqualTo("bye");
        }
        untilEnded("closed");
        RunningPlane.until("the endpoint is let go", () -> plane.endpoint().active() == 0);
        RunningPlane.until("it is logged", () -> !logged().isEmpty());
        assertThat(logged().getFirst())
                .contains("\"status\":101", "\"requestBytes\":5", "\"responseBytes\":8", "\"tunnel\":\"closed\"")
                .doesNotContain("fault");
        assertThat(plane.metrics.counter(Metric.HTTP_TUNNEL_BYTES, "web", "in").value())
                .isEqualTo(5);
        assertThat(plane.metrics.counter(Metric.HTTP_TUNNEL_BYTES, "web", "out").value())
                .isEqualTo(8);
        assertThat(plane.endpoint().bytes().in().value()).isEqualTo(5);
        assertThat(plane.endpoint().bytes().out().value()).isEqualTo(8);
    }

    private List<String> logged() {
        try {
            return plane.logged();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void bytesBehindTheHandshakeArePassedOnExactly() throws Exception {
        String early = "\u0081\u0085early\r\n\r\nGET / HTTP/1.1\r\n".repeat(500);
        plane.start(new Backend((wire, _) -> {
            wire.head();
            // What comes with the 101 is the tunnel's as well.
            wire.send(AGREES + "first");
            String got = read(wire.input(), early.length());
            wire.send(got.equals(early) ? "same" : "other");
            wire.socket().shutdownOutput();
        }));
        try (Wire client = plane.connect()) {
            client.send(HANDSHAKE + early).head();

            assertThat(client.rest()).isEqualTo("firstsame");
        }
    }

    @Test
    void aHandshakeArrivesByteByByte() throws Exception {
        plane.start(new Backend((wire, _) -> {
            wire.head();
            for (byte b : (AGREES + "x").getBytes(ISO_8859_1)) {
                wire.send(new byte[] {b});
            }
            wire.rest();
        }));
        try (Wire client = plane.connect()) {
            for (byte b : (HANDSHAKE + "y").getBytes(ISO_8859_1)) {
                client.send(new byte[] {b});
            }
            assertThat(client.head()).contains("101");
            assertThat(client.read()).isEqualTo('x');
        }
    }

    /// The request is answered as if it had asked for nothing.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" + KEY + "\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n" + ASKS + "\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n" + ASKS + KEY + KEY + "\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n" + ASKS + "Sec-WebSocket-Key: short\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\n" + ASKS + KEY + "\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n" + ASKS + KEY + "\r\nx",
                "GET / HTTP/1.0\r\nHost: a\r\n" + ASKS + KEY + "\r\n"
            })
    void whatIsNotAllowedIsNotPassedOn(String request) throws Exception {
        plane.start(answering(OK));

        assertThat(plane.ask(request).status()).isEqualTo(200);
        assertThat(forwarded()).doesNotContainIgnoringCase("upgrade:").doesNotContainIgnoringCase("connection:");
    }

    @Test
    void noneIsPassedOnWhereNoneIsAllowed() throws Exception {
        plane.upgrades = List.of();
        plane.start(answering(OK));

        assertThat(plane.ask(HANDSHAKE).status()).isEqualTo(200);
        assertThat(forwarded()).doesNotContainIgnoringCase("upgrade:");
    }

    @Test
    void otherProtocolsAreTunnelsToo() throws Exception {
        plane.upgrades = List.of("chat/2");
        plane.start(new Backend((wire, _) -> {
            heads.add(wire.head());
            wire.send("HTTP/1.1 101 \r\nconnection: upgrade\r\nupgrade: Chat/2\r\n\r\nwelcome");
            wire.rest();
        }));
        try (Wire client = plane.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nConnection: x, UPGRADE\r\nUpgrade: irc, CHAT/2\r\n\r\n");
            assertThat(client.head()).contains("Upgrade: chat/2\r\n");
            assertThat(read(client.input(), 7)).isEqualTo("welcome");
            assertThat(forwarded()).contains("Upgrade: chat/2\r\n").doesNotContain("irc");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 101 \r\nConnection: Upgrade\r\nUpgrade: h2c\r\n" + PROOF + "\r\n",
                "HTTP/1.1 101 \r\nConnection: Upgrade\r\nUpgrade: websocket, h2c\r\n" + PROOF + "\r\n",
                "HTTP/1.1 101 \r\nConnection: Upgrade\r\n" + PROOF + "\r\n",
                "HTTP/1.1 101 \r\nUpgrade: websocket\r\n" + PROOF + "\r\n",
                "HTTP/1.1 101 \r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
                "HTTP/1.1 101 \r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n"
            })
    void aSwitchToSomethingElseIsRefused(String answer) throws Exception {
        plane.attempts = 1;
        plane.start(answering(answer));

        assertThat(plane.ask(HANDSHAKE).status()).isEqualTo(502);
        RunningPlane.until("it is closed", () -> plane.endpoint().connections() == 0);
    }

    @Test
    void aSwitchThatNobodyAskedForIsRefused() throws Exception {
        plane.start(answering(AGREES));

        assertThat(plane.get("/").status()).isEqualTo(502);
    }

    /// Another answer is an answer, and HTTP goes on.
    @Test
    void aRefusedHandshakeLeavesTheConnectionWithHttp() throws Exception {
        plane.start(answering("HTTP/1.1 426 \r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nno"));
        try (Wire client = plane.connect()) {
            assertThat(client.send(HANDSHAKE).response().status()).isEqualTo(426);
            assertThat(client.send(HANDSHAKE).response().status()).isEqualTo(426);
        }
        assertThat(plane.endpoint().active()).isZero();
    }

    @Test
    void aSilentTunnelIsClosed() throws Exception {
        var second = Duration.ofSeconds(10);
        plane.timeouts = new HttpTimeouts(second, second, second, Duration.ofMillis(200));
        plane.start(echo());
        try (Wire client = plane.connect()) {
            client.send(HANDSHAKE).head();

            assertThat(client.rest()).isEmpty();
        }
        untilEnded("idle");
    }

    @Test
    void aClientThatResetsEndsIt() throws Exception {
        plane.start(echo());
        try (Wire client = plane.connect()) {
            client.send(HANDSHAKE + "x").head();
            client.read();
            client.reset();
        }
        untilEnded("reset");
    }

    @Test
    void anEndpointThatDiesResetsTheClient() throws Exception {
        plane.start(new Backend((wire, _) -> {
            wire.head();
            wire.send(AGREES);
            wire.read();
            wire.reset();
        }));
        try (Wire client = plane.connect()) {
            client.send(HANDSHAKE).head();
            client.send("x");

            org.assertj.core.api.Assertions.assertThatThrownBy(client::rest).isInstanceOf(SocketException.class);
        }
        untilEnded("reset");
    }

    @Test
    void aDrainLetsItGoOnAndTheEndOfTheDrainCutsIt() throws Exception {
        plane.start(echo());
        try (Wire client = plane.connect()) {
            client.send(HANDSHAKE).head();
            plane.plane().drain();
            assertThat(read(client.send("still").input(), 5)).isEqualTo("still");

            assertThat(plane.plane().close()).isEqualTo(1);
            org.assertj.core.api.Assertions.assertThatThrownBy(client::rest).isInstanceOf(SocketException.class);
        }
        untilEnded("drained");
    }

    @Test
    void manyTunnelsAtOnce() throws Exception {
        plane.start(echo());
        List<Wire> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            clients.add(plane.connect().send(HANDSHAKE));
        }
        for (Wire client : clients) {
            client.head();
        }
        RunningPlane.until("all are open", () -> plane.plane().openTunnels() == 50);
        for (Wire client : clients) {
            client.close();
        }
        RunningPlane.until("none is open", () -> plane.plane().openTunnels() == 0);
    }
}
