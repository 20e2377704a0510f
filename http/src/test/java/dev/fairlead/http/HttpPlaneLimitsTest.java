package dev.fairlead.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.HttpLimits;
import dev.fairlead.config.HttpTimeouts;
import dev.fairlead.config.MatchSpec;
import dev.fairlead.config.RouteSpec;
import dev.fairlead.http.Wire.Message;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.net.Loops;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Clients that send too much, too slowly, or take too little; and the end of a plane.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneLimitsTest {
    private static final int MIB = 1 << 20;
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final Duration SHORT = Duration.ofMillis(150);
    private static final Duration LONG = Duration.ofSeconds(10);

    @RegisterExtension
    private final RunningPlane plane = new RunningPlane();

    @Test
    void refusesWhatIsTooLarge() throws Exception {
        plane.limits = new HttpLimits(100, 1000, 5, 10);
        plane.start(Backend.of(OK));

        assertRefused(414, "GET /" + "x".repeat(100) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        assertRefused(431, "GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(1000) + "\r\n\r\n");
        assertRefused(431, "GET / HTTP/1.1\r\nHost: a\r\n" + "X: 1\r\n".repeat(5) + "\r\n");
        assertRefused(413, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n12345678901");
        assertRefused(
                413, "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n");
        assertThat(plane.ask("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n1234567890")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void refusesWhatIsMalformed() throws Exception {
        plane.start(Backend.of(OK));

        assertRefused(400, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n");
        assertRefused(400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n");
        assertRefused(501, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n");
        assertRefused(505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n");
        assertRefused(417, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: x\r\n\r\n");
    }

    /// The refusal is the last thing on the connection: what follows is not taken for a request.
    private void assertRefused(int status, String request) throws IOException {
        try (Wire client = plane.connect()) {
            client.send(request + GET);
            Message response = client.response();
            assertThat(response.status()).as(request).isEqualTo(status);
            assertThat(response.field("Connection")).isEqualTo("close");
            assertThat(response.field("Proxy-Status"))
                    .startsWith("fairlead; error=" + (status < 500 ? "http_request_error" : "proxy_internal_response"));
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void answersAHeadTooSlow() throws Exception {
        plane.timeouts = new HttpTimeouts(SHORT, LONG, LONG);
        plane.start(Backend.of(OK));
        try (Wire client = plane.connect()) {
            client.send("GET / HTT");
            assertThat(client.response().status()).isEqualTo(408);
            assertThat(client.rest()).isEmpty();
        }
        try (Wire client = plane.connect()) {
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void answersABodyTooSlow() throws Exception {
        plane.timeouts = new HttpTimeouts(LONG, SHORT, LONG);
        plane.start(new Backend((wire, _) -> wire.rest()));
        try (Wire client = plane.connect()) {
            client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
            assertThat(client.response().status()).isEqualTo(408);
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void closesAConnectionWithoutRequests() throws Exception {
        plane.timeouts = new HttpTimeouts(LONG, LONG, SHORT);
        plane.start(Backend.of(OK));
        try (Wire client = plane.connect()) {
            assertThat(client.send(GET).response().status()).isEqualTo(200);
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void anEmptyLineBehindABodyIsNoRequest() throws Exception {
        plane.timeouts = new HttpTimeouts(Duration.ofSeconds(1), LONG, Duration.ofSeconds(2));
        plane.start(Backend.of(OK));
        try (Wire client = plane.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx\r\n");
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(client.rest()).as("no 408").isEmpty();
        }
    }

    @Test
    void closesAClientThatDoesNotTakeItsResponse() throws Exception {
        plane.timeouts = new HttpTimeouts(LONG, SHORT, LONG);
        plane.start(endless());
        try (Wire client = plane.connect(16 << 10)) {
            client.send(GET);
            RunningPlane.until("given up", () -> plane.faults("DOWNSTREAM_STALLED") == 1);
            RunningPlane.until("closed", () -> plane.plane().open() == 0);
        }
    }

    /// Each response fits into the buffers: the client is not writable between two, not within one.
    @Test
    void closesAClientThatDoesNotTakeItsPipelinedResponses() throws Exception {
        plane.timeouts = new HttpTimeouts(LONG, Duration.ofMillis(300), Duration.ofMinutes(5));
        String body = "x".repeat(40 << 10);
        plane.start(Backend.of("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body));
        try (Wire client = plane.connect(16 << 10)) {
            client.send(GET.repeat(2000));
            RunningPlane.until("begun", () -> plane.exchanges() > 0);
            RunningPlane.until("closed", () -> plane.plane().open() == 0);
            assertThat(plane.exchanges()).isLessThan(2000);
        }
    }

    @Test
    void stalledVersion10ResponsesDoNotLookWhole() throws Exception {
        plane.timeouts = new HttpTimeouts(LONG, SHORT, LONG);
        plane.start(new Backend((wire, _) -> {
            wire.request();
            wire.send("HTTP/1.1 200 OK\r\n\r\n");
            wire.send(new byte[32 * MIB]);
        }));
        try (Wire client = plane.connect(16 << 10)) {
            client.send("GET / HTTP/1.0\r\n\r\n");
            RunningPlane.until("given up", () -> plane.faults("DOWNSTREAM_STALLED") == 1);
            assertThatThrownBy(client::rest).isInstanceOf(IOException.class);
        }
    }

    /// Each write buffer is taken long before the time-out, but all of them too slowly.
    @Test
    void aResponseThatIsTakenTooSlowlyIsGivenUp() throws Exception {
        plane.limits = new HttpLimits(8192, 32768, 128, 0, 1 << 30, HttpLimits.Underscores.DROP);
        plane.timeouts = new HttpTimeouts(LONG, Duration.ofSeconds(8), LONG);
        plane.start(endless());
        try (Wire client = plane.connect(16 << 10)) {
            client.send(GET);
            client.head();
            RunningPlane.until("given up", () -> {
                read(client, 128 << 10);
                return plane.faults("downstream_too_slow") == 1;
            });
        }
        assertThat(plane.faults("downstream_stalled")).isZero();
    }

    /// As slow as that, where less is asked: it goes on long after the time-out.
    @Test
    void aResponseThatIsTakenAtTheLeastRateGoesOn() throws Exception {
        plane.limits = new HttpLimits(8192, 32768, 128, 0, 1000, HttpLimits.Underscores.DROP);
        plane.timeouts = new HttpTimeouts(LONG, Duration.ofSeconds(8), LONG);
        plane.start(endless());
        try (Wire client = plane.connect(16 << 10)) {
            client.send(GET);
            client.head();
            long until = System.nanoTime() + Duration.ofSeconds(12).toNanos();
            while (System.nanoTime() < until) {
                read(client, 128 << 10);
            }
            assertThat(plane.faults("downstream_too_slow") + plane.faults("downstream_stalled"))
                    .isZero();
        }
    }

    /// Reads so many bytes, if there are, and pauses.
    private static void read(Wire client, int size) {
        try {
            count(client.input(), size);
        } catch (IOException _) {
            // Reset: it has been given up.
        }
        LockSupport.parkNanos(20_000_000);
    }

    @Test
    void stopsAnEndpointWhoseClientDoesNotRead() throws Exception {
        plane.start(endless());
        try (Wire client = plane.connect(16 << 10)) {
            client.send("GET /" + 100 * MIB + " HTTP/1.1\r\nHost: a\r\n\r\n");
            client.head();
            RunningPlane.until("stopped", HttpPlaneLimitsTest::isQuiet);
            assertThat(Loops.bufferBytes()).isLessThan(32L * MIB);
            assertThat(count(client.input(), 100L * MIB)).isEqualTo(100L * MIB);
        }
    }

    @Test
    void stopsAClientWhoseEndpointDoesNotRead() throws Exception {
        var mayRead = new CountDownLatch(1);
        plane.start(new Backend(
                (wire, _) -> {
                    wire.head();
                    mayRead.await();
                    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" + count(wire.input(), 100L * MIB));
                    wire.rest();
                },
                16 << 10));
        try (SocketChannel client = SocketChannel.open(plane.plane().boundAddress())) {
            client.write(ByteBuffer.wrap(
                    ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + 100 * MIB + "\r\n\r\n").getBytes(US_ASCII)));
            client.configureBlocking(false);
            long sent = writeUntilStopped(client, 100L * MIB);
            assertThat(sent).isLessThan(64L * MIB);
            assertThat(Loops.bufferBytes()).isLessThan(32L * MIB);
            mayRead.countDown();
            while (sent < 100L * MIB) {
                sent += writeUntilStopped(client, 100L * MIB - sent);
            }
            client.configureBlocking(true);
            try (Wire wire = new Wire(client.socket())) {
                assertThat(wire.response().body()).isEqualTo(Integer.toString(100 * MIB));
            }
        }
    }

    @Test
    void stopsAClientThatAsksAndDoesNotRead() throws Exception {
        plane.start(List.of(), List.of(new RouteSpec("r", new MatchSpec("b", null, null), "app")));
        try (SocketChannel client = SocketChannel.open(plane.plane().boundAddress())) {
            client.configureBlocking(false);
            assertThat(writeUntilStopped(client, GET, 64L * MIB)).isLessThan(32L * MIB);
            RunningPlane.until("stopped", this::answersNothing);
            // What the kernel's buffers hold of both directions, and little more.
            assertThat(plane.exchanges()).isLessThan(100_000);
        }
    }

    @Test
    void aClientThatSentMuchAndLeftIsNotHeld() throws Exception {
        plane.start(new Backend((wire, _) -> wire.rest(), 16 << 10));
        for (int i = 0; i < 5; i++) {
            try (Wire client = plane.connect()) {
                client.send(GET.repeat(50_000));
            }
        }
        RunningPlane.until("gone", () -> plane.plane().open() == 0);
    }

    @Test
    void finishesWhatIsUnderWayWhileItDrains() throws Exception {
        var goOn = new CountDownLatch(1);
        plane.start(new Backend((wire, _) -> {
            wire.request();
            goOn.await();
            wire.send(OK);
            wire.rest();
        }));
        try (Wire client = plane.connect()) {
            client.send(GET);
            RunningPlane.until("asked", () -> plane.endpoint().active() == 1);
            plane.plane().drain();
            RunningPlane.until("no longer accepting", () -> !canConnect());
            goOn.countDown();
            Message response = client.response();
            assertThat(response.body()).isEqualTo("ok");
            assertThat(response.field("Connection")).isEqualTo("close");
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void closesSoonAfterAResponseThatHadBegunBeforeTheDrain() throws Exception {
        plane.timeouts = new HttpTimeouts(LONG, LONG, Duration.ofMinutes(5));
        var goOn = new CountDownLatch(1);
        plane.start(new Backend((wire, _) -> {
            wire.request();
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
            goOn.await();
            wire.send("cd");
            wire.rest();
        }));
        try (Wire client = plane.connect()) {
            client.send(GET);
            client.head();
            plane.plane().drain();
            RunningPlane.until("no longer accepting", () -> !canConnect());
            goOn.countDown();
            assertThat(client.rest()).isEqualTo("abcd");
        }
        RunningPlane.until("empty", () -> plane.plane().open() == 0);
    }

    @Test
    void givesAnIdleClientAMomentToAskWhileItDrains() throws Exception {
        plane.start(Backend.of(OK));
        try (Wire client = plane.connect();
                Wire idle = plane.connect()) {
            assertThat(client.send(GET).response().field("Connection")).isNull();
            plane.plane().drain();
            assertThat(client.send(GET).response().field("Connection")).isEqualTo("close");
            RunningPlane.until("no longer accepting", () -> !canConnect());
            assertThat(client.rest()).isEmpty();
            assertThat(idle.rest()).isEmpty();
        }
        RunningPlane.until("empty", () -> plane.plane().open() == 0);
    }

    private boolean canConnect() {
        // While the last handshakes end, a new one is not even refused: it gets no answer.
        try (Socket socket = new Socket()) {
            socket.connect(plane.plane().boundAddress(), 100);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /// Sends zeros: as many as the target says, or without end.
    private static Backend endless() throws IOException {
        return new Backend((wire, _) -> {
            String target = wire.request().start().split(" ")[1].substring(1);
            long size = target.isEmpty() ? Long.MAX_VALUE >> 8 : Long.parseLong(target);
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
            byte[] piece = new byte[MIB];
            for (long left = size; left > 0; left -= piece.length) {
                wire.send(piece);
            }
            wire.rest();
        });
    }

    private boolean answersNothing() {
        long before = plane.exchanges();
        LockSupport.parkNanos(200_000_000);
        return plane.exchanges() == before;
    }

    private static boolean isQuiet() {
        long before = Loops.bufferBytes();
        LockSupport.parkNanos(200_000_000);
        return Loops.bufferBytes() == before;
    }

    private static long count(InputStream in, long max) throws IOException {
        long count = 0;
        byte[] buffer = new byte[64 << 10];
        while (count < max) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, max - count));
            if (read < 0) {
                return count;
            }
            count += read;
        }
        return count;
    }

    private static long writeUntilStopped(SocketChannel channel, long max) throws IOException {
        return writeUntilStopped(channel, "\0".repeat(64), max);
    }

    /// Writes the text again and again, until nothing more goes for half a second, or `max` bytes are written.
    private static long writeUntilStopped(SocketChannel channel, String text, long max) throws IOException {
        byte[] bytes = text.repeat((64 << 10) / text.length()).getBytes(US_ASCII);
        ByteBuffer piece = ByteBuffer.wrap(bytes);
        long sent = 0;
        try (Selector selector = Selector.open()) {
            channel.register(selector, SelectionKey.OP_WRITE);
            while (sent < max && selector.select(500) > 0) {
                selector.selectedKeys().clear();
                if (!piece.hasRemaining()) {
                    piece.clear();
                }
                piece.limit((int) Math.min(bytes.length, piece.position() + (max - sent)));
                sent += channel.write(piece);
                piece.limit(bytes.length);
            }
        }
        return sent;
    }

    /// One byte now and then keeps no connection: RFC 9110 §15.5.9.
    @Test
    void aBodyThatTricklesIsTimedOut() throws Exception {
        plane.limits = new HttpLimits(8192, 32768, 128, 0, 1000, HttpLimits.Underscores.DROP);
        plane.timeouts = new HttpTimeouts(LONG, Duration.ofSeconds(6), LONG);
        plane.start(Backend.of(OK));
        try (Wire client = plane.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
            int status = trickle(client);

            assertThat(status).isEqualTo(408);
        }
        assertThat(plane.faults("request_too_slow")).isEqualTo(1);
    }

    /// A byte every 20 ms, until there is an answer.
    private static int trickle(Wire client) throws IOException {
        client.socket().setSoTimeout(20);
        for (int sent = 0; sent < 1000; sent++) {
            try {
                client.send("x");
                if (client.input().read() == 'H') {
                    client.socket().setSoTimeout(20_000);
                    return Integer.parseInt(client.head().substring(8, 11));
                }
            } catch (java.net.SocketTimeoutException _) {
                // Nothing yet.
            }
        }
        return 0;
    }

    /// The same pace is good where the rate asked for is lower.
    @Test
    void aSlowBodyAboveTheLeastRateIsTaken() throws Exception {
        plane.limits = new HttpLimits(8192, 32768, 128, 0, 10, HttpLimits.Underscores.DROP);
        plane.timeouts = new HttpTimeouts(LONG, Duration.ofSeconds(8), LONG);
        plane.start(Backend.of(OK));
        try (Wire client = plane.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 600\r\n\r\n");
            assertThat(trickle(client)).isEqualTo(200);
        }
    }

    /// It is not the client that is slow when the endpoint does not take what it sends.
    @Test
    void aBodyThatWeDoNotReadIsNotTimedOut() throws Exception {
        var goOn = new CountDownLatch(1);
        plane.limits = new HttpLimits(8192, 32768, 128, 0, MIB, HttpLimits.Underscores.DROP);
        plane.timeouts = new HttpTimeouts(LONG, Duration.ofMillis(300), LONG);
        plane.start(new Backend(
                (wire, _) -> {
                    wire.head();
                    goOn.await();
                    wire.input().readNBytes(8 * MIB);
                    wire.send(OK);
                    wire.rest();
                },
                4096));
        try (Wire client = plane.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + 8 * MIB + "\r\n\r\n");
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    client.send(new byte[8 * MIB]);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            // Three times what it has.
            LockSupport.parkNanos(Duration.ofMillis(900).toNanos());
            goOn.countDown();

            assertThat(client.response().status()).isEqualTo(200);
            sender.join();
        }
    }

    /// A client that writes all of a body before it reads is told why it was refused all the same.
    @Test
    void aRefusalOutlivesTheBodyThatIsStillComing() throws Exception {
        plane.limits = new HttpLimits(8192, 32768, 128, 1000);
        plane.start(Backend.of(OK));
        try (Wire client = plane.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + 9 * MIB + "\r\n\r\n");
            for (int i = 0; i < 9; i++) {
                client.send(new byte[MIB]);
                // Longer than one pause may be, all in all.
                LockSupport.parkNanos(Duration.ofMillis(250).toNanos());
            }
            assertThat(client.response().status()).isEqualTo(413);
        }
    }

    /// But not for ever.
    @Test
    void aRefusedBodyWithoutEndIsCut() throws Exception {
        plane.limits = new HttpLimits(8192, 32768, 128, 1000);
        plane.start(Backend.of(OK));
        try (Wire client = plane.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n");
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 200; i++) {
                            client.send(new byte[MIB]);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
        RunningPlane.until("it is closed", () -> plane.plane().open() == 0);
    }

    @Test
    void underscoresAreDropped() throws Exception {
        String request = "GET / HTTP/1.1\r\nHost: a\r\nX_User: admin\r\nContent_Length: 5\r\n\r\n";
        var backend = new Backend((wire, _) -> {
            while (true) {
                String head = wire.head();
                boolean there = head.contains("X_User: admin") && head.contains("Content_Length");
                wire.send("HTTP/1.1 20" + (there ? 1 : 0) + " OK\r\nContent-Length: 0\r\n\r\n");
            }
        });
        plane.start(backend);
        assertThat(plane.ask(request).status()).isEqualTo(200);
    }
}
