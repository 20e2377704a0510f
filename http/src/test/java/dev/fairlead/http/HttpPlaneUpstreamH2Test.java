package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.QueueSpec;
import dev.fairlead.config.UpstreamHttp2Spec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.http.H2Wire.Stream;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// HTTP/2 towards endpoints that send frame for frame what the test says.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneUpstreamH2Test {
    private static final String GET = "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n";

    @RegisterExtension
    final RunningPlane plane = new RunningPlane();

    @BeforeEach
    void speakHttp2() {
        plane.upstreamHttp2 = UpstreamHttp2Spec.DEFAULT;
    }

    private interface Script {
        void serve(H2Wire wire, int number) throws Exception;
    }

    private static Backend endpoint(Script script, int... settings) throws IOException {
        return new Backend((wire, number) -> script.serve(new H2Wire(wire.socket()).accept(settings), number));
    }

    private static Backend echo() throws IOException {
        return endpoint((wire, _) -> wire.echo());
    }

    /// Answers the first request on every connection as the script does.
    private Wire.Message ask(Script script) throws IOException {
        plane.start(endpoint(script));
        return plane.get("/x");
    }

    // ---- many on one ----

    @Test
    void carriesTheExchangesOfManyClientsOnOneConnection() throws Exception {
        Backend backend = endpoint((wire, _) -> {
            for (int stream = 1; stream <= 9; stream += 2) {
                wire.request(stream);
            }
            for (int stream = 9; stream >= 1; stream -= 2) {
                wire.answer(stream, wire.stream(stream).heads.getFirst().path().toString());
            }
            wire.error();
        });
        plane.start(backend);

        List<Wire> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clients.add(plane.connect().send(GET.formatted(i)));
        }
        for (int i = 0; i < 5; i++) {
            assertThat(clients.get(i).response().body()).isEqualTo("/" + i);
            clients.get(i).close();
        }

        assertThat(backend.accepted()).isEqualTo(1);
    }

    @Test
    void asksTheNextOnTheConnectionThatIsThere() throws Exception {
        Backend backend = echo();
        plane.start(backend);

        for (int i = 0; i < 20; i++) {
            assertThat(plane.get("/" + i).body()).isEqualTo("/" + i);
        }

        assertThat(backend.accepted()).isEqualTo(1);
    }

    @Test
    void usesAConnectionOnceThatIsNotToBeKept() throws Exception {
        plane.pool = new PoolSpec(0, Duration.ofSeconds(2));
        Backend backend = echo();
        plane.start(backend);

        for (int i = 0; i < 2; i++) {
            assertThat(plane.get("/" + i).body()).isEqualTo("/" + i);
        }

        assertThat(backend.accepted()).isEqualTo(2);
    }

    @Test
    void opensAnotherConnectionWhenOneHasItsStreams() throws Exception {
        plane.upstreamHttp2 = new UpstreamHttp2Spec(2, 64 << 10, Duration.ZERO, Duration.ofSeconds(5));
        opensAnotherConnection(endpoint((wire, _) -> wire.error()));
    }

    @Test
    void opensAnotherConnectionWhenTheEndpointAllowsNoMoreStreams() throws Exception {
        opensAnotherConnection(endpoint((wire, _) -> wire.error(), 3, 2));
    }

    private void opensAnotherConnection(Backend backend) throws Exception {
        plane.start(backend);

        List<Wire> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(plane.connect().send(GET.formatted(i)));
            int asked = i + 1;
            RunningPlane.until("the endpoint is asked", () -> plane.endpoint().active() == asked);
            RunningPlane.until("connected", () -> backend.accepted() == (asked + 1) / 2);
        }
        for (Wire client : clients) {
            client.close();
        }
    }

    @Test
    void waitsForAStreamWhenNoMoreConnectionsMayBeOpened() throws Exception {
        plane.upstreamHttp2 = new UpstreamHttp2Spec(1, 64 << 10, Duration.ZERO, Duration.ofSeconds(5));
        plane.queue = new QueueSpec(10, Duration.ofSeconds(20));
        var go = new CountDownLatch(1);
        Backend backend = endpoint((wire, _) -> {
            wire.request(1);
            go.await();
            wire.answer(1, "one");
            wire.request(3);
            wire.answer(3, "two");
            wire.error();
        });
        plane.start(List.of(new EndpointSpec(backend.address(), 1, 1)), List.of());

        try (Wire first = plane.connect().send(GET.formatted(1));
                Wire second = plane.connect()) {
            RunningPlane.until("the first is asked", () -> plane.endpoint().active() == 1);
            second.send(GET.formatted(2));
            RunningPlane.until(
                    "the second waits", () -> plane.upstreams.get("app").queue().length() == 1);
            go.countDown();
            assertThat(first.response().body()).isEqualTo("one");
            assertThat(second.response().body()).isEqualTo("two");
        }

        assertThat(backend.accepted()).isEqualTo(1);
        backend.close();
    }

    @Test
    void wakesWhoWaitsWhenTheEndpointAllowsMoreStreams() throws Exception {
        wakesWhoWaits(
                (wire, asked, go) -> {
                    wire.request(1);
                    // Its settings are read when what came behind them is.
                    wire.frame(H2Wire.PING, 0, 0, new byte[8]);
                    wire.until(() -> wire.pingAcks > 0);
                    asked.countDown();
                    go.await();
                    wire.settings(H2Wire.MAX_CONCURRENT_STREAMS, 2);
                    wire.request(3);
                    wire.answer(3, "two");
                    wire.answer(1, "one");
                    wire.error();
                },
                200,
                H2Wire.MAX_CONCURRENT_STREAMS,
                1);
    }

    @Test
    void wakesWhoWaitsWhenAConnectionInDoubtGivesASign() throws Exception {
        plane.upstreamTimeouts =
                new UpstreamTimeouts(Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofSeconds(10));
        wakesWhoWaits(
                (wire, asked, go) -> {
                    wire.answersPings = false;
                    wire.request(1);
                    wire.until(() -> wire.pings > 0);
                    asked.countDown();
                    go.await();
                    wire.frame(H2Wire.PING, H2Wire.ACK, 0, new byte[8]);
                    wire.request(3);
                    wire.answer(3, "two");
                    wire.error();
                },
                504);
    }

    private interface Waited {
        void serve(H2Wire wire, CountDownLatch asked, CountDownLatch go) throws Exception;
    }

    /// The second waits for a place on the one connection that there may be; the script lets it have one.
    private void wakesWhoWaits(Waited script, int first, int... settings) throws Exception {
        plane.queue = new QueueSpec(10, Duration.ofSeconds(20));
        var asked = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        Backend backend = endpoint((wire, _) -> script.serve(wire, asked, go), settings);
        plane.start(List.of(new EndpointSpec(backend.address(), 1, 1)), List.of());

        try (Wire one = plane.connect().send(GET.formatted(1));
                Wire two = plane.connect()) {
            asked.await();
            if (first != 200) {
                assertThat(one.response().status()).isEqualTo(first);
            }
            two.send(GET.formatted(2));
            RunningPlane.until(
                    "the second waits", () -> plane.upstreams.get("app").queue().length() == 1);
            go.countDown();
            assertThat(two.response().body()).isEqualTo("two");
            assertThat(first == 200 ? one.response().status() : first).isEqualTo(first);
        }

        assertThat(backend.accepted()).isEqualTo(1);
        backend.close();
    }

    // ---- what is said ----

    @Test
    void saysWhatAnHttp1ClientSays() throws Exception {
        var asked = new AtomicReference<Stream>();
        plane.start(endpoint((wire, _) -> {
            asked.set(wire.request(1));
            wire.answer(1, "");
            wire.error();
        }));

        plane.ask("POST /p?q=1 HTTP/1.1\r\nHost: shop.example\r\nX-Own: Yes\r\nTE: trailers\r\nX-Gone: 1\r\n"
                + "Connection: keep-alive, TE, X-Gone\r\nKeep-Alive: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n");

        var head = asked.get().heads.getFirst();
        assertThat(head.method().toString()).isEqualTo("POST");
        assertThat(head.path().toString()).isEqualTo("/p?q=1");
        assertThat(head.authority().toString()).isEqualTo("shop.example");
        assertThat(head.scheme().toString()).isEqualTo("http");
        assertThat(head.get("x-own").toString()).isEqualTo("Yes");
        assertThat(head.get("te").toString()).isEqualTo("trailers");
        assertThat(head.names())
                .extracting(CharSequence::toString)
                .doesNotContain("host", "connection", "keep-alive", "transfer-encoding", "x-gone");
        assertThat(asked.get().text()).isEqualTo("abcde");
        assertThat(asked.get().trailers().get("x-sum").toString()).isEqualTo("5");
    }

    @Test
    void endsTheStreamOfARequestWithoutBodyInItsHead() throws Exception {
        var frames = new AtomicInteger(-1);
        Wire.Message answer = ask((wire, _) -> {
            frames.set(wire.request(1).dataFrames);
            wire.answer(1, "x");
            wire.error();
        });

        assertThat(answer.body()).isEqualTo("x");
        assertThat(frames).hasValue(0);
    }

    @Test
    void passesHintsBodyAndTrailersToAnHttp2Client() throws Exception {
        plane.start(endpoint((wire, _) -> {
            wire.request(1);
            wire.headers(1, false, ":status", "103", "link", "</a>");
            wire.headers(1, false, ":status", "200", "x-own", "1");
            wire.data(1, false, "ab").data(1, false, "c");
            wire.headers(1, true, "grpc-status", "0", "x-sum", "3");
            wire.error();
        }));

        try (H2Wire client = new H2Wire(plane.socket(0)).begin()) {
            Stream answer = client.get(1, "/x", "te", "trailers").answer(1);
            assertThat(answer.heads.getFirst().status().toString()).isEqualTo("103");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).isEqualTo("abc");
            assertThat(answer.trailers().get("grpc-status").toString()).isEqualTo("0");
            assertThat(answer.trailers().get("x-sum").toString()).isEqualTo("3");
        }
    }

    @Test
    void givesAnHttp1ClientTheBodyInChunks() throws Exception {
        Wire.Message answer = ask((wire, _) -> {
            wire.request(1);
            wire.headers(1, false, ":status", "200").data(1, false, "ab").data(1, true, "c");
            wire.error();
        });

        assertThat(answer.start()).isEqualTo("HTTP/1.1 200 OK");
        assertThat(answer.field("transfer-encoding")).isEqualTo("chunked");
        assertThat(answer.body()).isEqualTo("abc");
    }

    @Test
    void answersHeadAndNotModifiedWithoutBody() throws Exception {
        plane.start(endpoint((wire, _) -> {
            wire.request(1);
            wire.headers(1, true, ":status", "200", "content-length", "7");
            wire.request(3);
            wire.headers(3, true, ":status", "304", "content-length", "7");
            wire.error();
        }));

        try (Wire client = plane.connect()) {
            Wire.Message head =
                    client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n").responseToHead();
            assertThat(head.field("content-length")).isEqualTo("7");
            assertThat(client.send(GET.formatted("x")).response().status()).isEqualTo(304);
        }
    }

    // ---- tunnels ----

    private static final String UPGRADE =
            "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    /// Agrees to a tunnel on the first stream, sends everything back, and ends when its client does.
    private static Backend tunnels(AtomicReference<Stream> asked) throws IOException {
        return endpoint(
                (wire, _) -> {
                    Stream stream = wire.stream(1);
                    wire.until(() -> !stream.heads.isEmpty());
                    asked.set(stream);
                    wire.headers(1, false, ":status", "200", "sec-websocket-protocol", "chat");
                    wire.data(1, false, "hello ");
                    int sent = 0;
                    while (!stream.isOver() && !wire.isClosed) {
                        int before = sent;
                        wire.until(() -> stream.isOver() || stream.body.size() > before);
                        String more = stream.text().substring(sent);
                        sent += more.length();
                        wire.data(1, stream.isWhole, more);
                    }
                    wire.error();
                },
                H2Wire.ENABLE_CONNECT_PROTOCOL,
                1);
    }

    /// RFC 8441.
    @Test
    void makesAnUpgradeOfHttp1ATunnelOnAStream() throws Exception {
        var asked = new AtomicReference<Stream>();
        plane.start(tunnels(asked));

        try (Wire client = plane.connect().send(UPGRADE)) {
            assertThat(client.head())
                    .startsWith("HTTP/1.1 101 ")
                    .contains("Connection: Upgrade\r\nUpgrade: websocket\r\n")
                    .containsIgnoringCase("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
                    .containsIgnoringCase("sec-websocket-protocol: chat");
            client.send("one ");
            assertThat(new String(client.input().readNBytes(10), StandardCharsets.US_ASCII))
                    .isEqualTo("hello one ");
            assertThat(plane.plane().openTunnels()).isEqualTo(1);
            client.send("two").socket().shutdownOutput();
            assertThat(client.rest()).isEqualTo("two");
        }

        var head = asked.get().heads.getFirst();
        assertThat(head.method().toString()).isEqualTo("CONNECT");
        assertThat(head.get(":protocol").toString()).isEqualTo("websocket");
        assertThat(head.path().toString()).isEqualTo("/chat");
        assertThat(head.get("sec-websocket-version").toString()).isEqualTo("13");
        assertThat(head.get("sec-websocket-key")).isNull();
        assertThat(plane.logged(1).getFirst())
                .contains("\"status\":101", "\"tunnel\":\"closed\"", "\"requestBytes\":7", "\"responseBytes\":13");
        assertThat(plane.endpoint().active()).isZero();
    }

    @Test
    void joinsTheStreamsOfTwoConnections() throws Exception {
        plane.start(tunnels(new AtomicReference<>()));

        try (H2Wire client = new H2Wire(plane.socket(0)).begin()) {
            client.headers(
                    1,
                    false,
                    ":method",
                    "CONNECT",
                    ":protocol",
                    "websocket",
                    ":scheme",
                    "http",
                    ":authority",
                    "a",
                    ":path",
                    "/chat");
            client.data(1, false, "one ");
            client.until(() -> client.stream(1).text().equals("hello one "));
            client.reset(1, H2Wire.CANCEL);
            RunningPlane.until("the endpoint is let go", () -> plane.endpoint().active() == 0);
        }

        assertThat(plane.logged(1).getFirst()).contains("\"tunnel\":\"reset\"");
    }

    @Test
    void answersThatAnEndpointOffersNoTunnels() throws Exception {
        plane.breaker = RunningPlane.NO_FAULT_BORNE;
        plane.start(echo());

        assertThat(plane.ask(UPGRADE).status()).isEqualTo(501);
        assertThat(plane.get("/next").body()).isEqualTo("/next");
    }

    @Test
    void passesOnThatAnEndpointRefusesATunnel() throws Exception {
        plane.start(endpoint(
                (wire, _) -> {
                    wire.until(() -> !wire.stream(1).heads.isEmpty());
                    wire.headers(1, false, ":status", "403").data(1, true, "no");
                    wire.error();
                },
                H2Wire.ENABLE_CONNECT_PROTOCOL,
                1));

        assertThat(plane.ask(UPGRADE).body()).isEqualTo("no");
    }

    // ---- who waits for whom ----

    @Test
    void letsOneSlowReaderStallNoOther() throws Exception {
        int size = 16 << 20;
        var begun = new CountDownLatch(1);
        var others = new CountDownLatch(1);
        Backend backend = endpoint((wire, _) -> {
            wire.request(1);
            begun.countDown();
            wire.headers(1, false, ":status", "200", "content-length", "" + size);
            // As much as the stream's window lets out, then as it is opened.
            int left = size;
            int window = plane.upstreamHttp2.window();
            for (int stream = 3; stream < 43; stream += 2) {
                while (left > 0 && wire.opened(1) + window - (size - left) >= 16 << 10) {
                    wire.data(1, false, "x".repeat(16 << 10));
                    left -= 16 << 10;
                }
                wire.request(stream);
                wire.answer(stream, "y".repeat(16_000));
            }
            assertThat(left).as("what the slow one has not taken").isGreaterThan(4 << 20);
            others.await();
            while (left > 0) {
                int sent = size - left;
                wire.until(() -> wire.opened(1) + window - sent >= 16 << 10);
                wire.data(1, left == 16 << 10, "x".repeat(16 << 10));
                left -= 16 << 10;
            }
            wire.error();
        });
        plane.start(backend);

        try (Wire slow = new Wire(plane.socket(4096));
                Wire fast = plane.connect()) {
            slow.send(GET.formatted("slow"));
            begun.await();
            for (int i = 0; i < 20; i++) {
                assertThat(fast.send(GET.formatted(i)).response().body()).hasSize(16_000);
            }
            others.countDown();
            assertThat(slow.response().body()).hasSize(size);
        }

        assertThat(backend.accepted()).isEqualTo(1);
    }

    @Test
    void bringsNoMoreOfABodyThanTheEndpointTakes() throws Exception {
        int size = 8 << 20;
        var go = new CountDownLatch(1);
        var taken = new AtomicInteger();
        plane.start(endpoint((wire, _) -> {
            Stream request = wire.stream(1);
            wire.until(() -> request.body.size() >= 65_535);
            go.await();
            taken.set(request.body.size());
            while (request.body.size() < size) {
                int before = request.body.size();
                wire.window(0, 1 << 20).window(1, 1 << 20);
                wire.until(() -> request.body.size() >= Math.min(size, before + (1 << 20)));
            }
            wire.answer(1, "" + request.body.size());
            wire.error();
        }));

        try (Wire client = plane.connect()) {
            var sent = new AtomicInteger();
            Thread sending = Thread.ofVirtual().start(() -> {
                try {
                    client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n");
                    byte[] piece = new byte[16 << 10];
                    for (int i = 0; i < size; i += piece.length) {
                        client.send(piece);
                        sent.addAndGet(piece.length);
                    }
                } catch (IOException cut) {
                    sent.set(-1);
                }
            });
            // It stands still: the sockets' buffers are all that is ahead.
            int before = -1;
            while (sent.get() != before) {
                before = sent.get();
                sending.join(Duration.ofMillis(300));
            }
            assertThat(before).isBetween(1, size - 1);
            go.countDown();
            assertThat(client.response().body()).isEqualTo("" + size);
        }

        assertThat(taken).hasValue(65_535);
    }

    // ---- refusals and resets ----

    @Test
    void asksAgainWhatTheEndpointRefused() throws Exception {
        plane.start(endpoint((wire, _) -> {
            wire.request(1);
            wire.reset(1, H2Wire.REFUSED_STREAM);
            Stream again = wire.request(3);
            wire.answer(3, again.text());
            wire.error();
        }));

        assertThat(plane.ask("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
                        .body())
                .isEqualTo("body");
        assertThat(plane.logged(1).getFirst()).contains("\"attempts\":2", "\"retry\":\"connect\"");
    }

    @Test
    void givesUpWhenEveryAttemptIsRefused() throws Exception {
        Wire.Message answer = ask((wire, _) -> {
            for (int stream = 1; ; stream += 2) {
                wire.request(stream);
                wire.reset(stream, H2Wire.REFUSED_STREAM);
            }
        });

        assertThat(answer.status()).isEqualTo(502);
        RunningPlane.until("it is counted", () -> plane.faults("stream_refused") == 1);
    }

    @Test
    void asksOnAnotherConnectionWhatALeavingOneHasLeftOut() throws Exception {
        plane.breaker = RunningPlane.NO_FAULT_BORNE;
        var first = new CountDownLatch(1);
        Backend backend = endpoint((wire, number) -> {
            if (number == 1) {
                wire.request(1);
                first.countDown();
                wire.request(3);
                wire.goAway(1, H2Wire.NO_ERROR);
                wire.answer(1, "old");
                wire.error();
            } else {
                wire.echo();
            }
        });
        plane.start(backend);

        try (Wire old = plane.connect().send(GET.formatted("old"))) {
            first.await();
            Wire.Message post = plane.ask("POST /new HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
            assertThat(post.body()).isEqualTo("/new");
            assertThat(old.response().body()).isEqualTo("old");
        }

        assertThat(backend.accepted()).isEqualTo(2);
        assertThat(retries("idle")).isEqualTo(1);
        assertThat(counted(Metric.ENDPOINT_HTTP2_GOAWAYS)).isEqualTo(1);
        assertThat(counted(Metric.ENDPOINT_HTTP2_REFUSALS)).isEqualTo(1);
    }

    @Test
    void asksASafeRequestAgainWhoseConnectionWasDead() throws Exception {
        Backend backend = endpoint((wire, number) -> {
            wire.answer(1, wire.request(1).heads.getFirst().path().toString());
            if (number == 1) {
                wire.request(3);
                wire.close();
            } else {
                wire.error();
            }
        });
        plane.start(backend);

        assertThat(plane.get("/1").body()).isEqualTo("/1");
        assertThat(plane.get("/2").body()).isEqualTo("/2");
        assertThat(retries("idle")).isEqualTo(1);
    }

    @Test
    void blamesTheEndpointForEveryStreamThatItsEndCuts() throws Exception {
        Backend backend = endpoint((wire, number) -> {
            if (number > 1) {
                wire.echo();
                return;
            }
            wire.request(1);
            wire.answer(1, "old");
            for (int stream = 3; stream <= 7; stream += 2) {
                wire.request(stream);
            }
            // It was alive when they came.
            wire.frame(H2Wire.PING, 0, 0, new byte[8]);
            wire.until(() -> wire.pingAcks > 0);
            wire.close();
        });
        plane.start(backend);
        assertThat(plane.get("/old").body()).isEqualTo("old");

        List<Wire> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(plane.connect().send(GET.formatted(i)));
        }
        for (Wire client : clients) {
            client.response();
            client.close();
        }

        assertThat(retries("idle")).isZero();
        assertThat(retries("reset") + plane.faults("connection_terminated")).isGreaterThanOrEqualTo(3);
    }

    private long retries(String reason) {
        return plane.metrics.counter(Metric.UPSTREAM_RETRIES, "app", reason).value();
    }

    /// An endpoint's own guard would end the connection, and what others have asked on it.
    @Test
    void leavesAConnectionOnWhichMuchWasTakenBack() throws Exception {
        Backend backend = endpoint((wire, number) -> {
            if (number == 1) {
                wire.request(1);
                wire.answer(1, "old");
                wire.error();
            } else {
                wire.echo();
            }
        });
        plane.start(backend);

        try (H2Wire client = new H2Wire(plane.socket(0)).begin()) {
            assertThat(client.get(1, "/old").answer(1).text()).isEqualTo("old");
            int next = 3 + 2 * 100;
            for (int stream = 3; stream < next; stream += 2) {
                client.get(stream, "/x").reset(stream, H2Wire.CANCEL);
            }
            assertThat(client.get(next, "/next").answer(next).text()).isEqualTo("/next");
        }

        assertThat(backend.accepted()).isEqualTo(2);
        assertThat(counted(Metric.ENDPOINT_HTTP2_CANCELS)).isEqualTo(100);
    }

    private long counted(Metric metric) {
        return plane.metrics.counter(metric, "app", plane.endpoint().name()).value();
    }

    @Test
    void asksNothingTwiceThatMayHaveBegun() throws Exception {
        var asked = new AtomicInteger();
        plane.start(endpoint((wire, _) -> {
            for (int stream = 1; ; stream += 2) {
                wire.request(stream);
                asked.incrementAndGet();
                wire.reset(stream, H2Wire.CANCEL);
            }
        }));

        Wire.Message answer = plane.ask("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");

        assertThat(answer.status()).isEqualTo(502);
        assertThat(asked).hasValue(1);
    }

    @Test
    void neverLetsAnAnswerThatBreaksOffLookWhole() throws Exception {
        Wire.Message answer = ask((wire, _) -> {
            wire.request(1);
            wire.headers(1, false, ":status", "200").data(1, false, "part");
            wire.reset(1, H2Wire.CANCEL);
            wire.error();
        });

        assertThat(answer.isWhole()).isFalse();
        RunningPlane.until("it is counted", () -> plane.faults("response_incomplete") == 1);
    }

    @Test
    void takesARequestBackThatItsClientHasLeft() throws Exception {
        var reset = new AtomicInteger(-1);
        var over = new CountDownLatch(1);
        Backend backend = endpoint((wire, _) -> {
            wire.request(1);
            wire.headers(1, false, ":status", "200").data(1, false, "part");
            wire.until(() -> wire.stream(1).reset >= 0);
            reset.set(wire.stream(1).reset);
            over.countDown();
            wire.request(3);
            wire.answer(3, "next");
            wire.error();
        });
        plane.start(backend);

        try (Wire leaving = plane.connect().send(GET.formatted("x"))) {
            assertThat(leaving.head()).startsWith("HTTP/1.1 200");
        }
        over.await();

        assertThat(reset).hasValue(H2Wire.CANCEL);
        assertThat(plane.get("/next").body()).isEqualTo("next");
        assertThat(backend.accepted()).isEqualTo(1);
    }

    @Test
    void answersBeforeTheRequestIsWhole() throws Exception {
        var reset = new AtomicInteger(-1);
        var over = new CountDownLatch(1);
        plane.start(endpoint((wire, _) -> {
            wire.until(() -> !wire.stream(1).heads.isEmpty());
            wire.headers(1, false, ":status", "403").data(1, true, "no");
            wire.until(() -> wire.stream(1).isOver());
            reset.set(wire.stream(1).reset);
            over.countDown();
            wire.error();
        }));

        try (Wire client = plane.connect()) {
            client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nbegun");
            assertThat(client.response().body()).isEqualTo("no");
        }
        over.await();
        assertThat(reset.get()).isGreaterThanOrEqualTo(0);
    }

    // ---- what is malformed ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":status=20",
                ":status=2000",
                ":status=2x0",
                ":status=101",
                "x=1 :status=200",
                ":status=200 :status=200",
                ":status=200 :path=/",
                ":status=200 connection=close",
                ":status=200 transfer-encoding=chunked",
                ":status=200 upgrade=x",
                ":status=200 X-Upper=1",
                ":status=200 a:b=1",
                ":status=200 x=a\rb",
                ":status=200 x=a\nset-cookie:b",
                ":status=200 x=a\0b",
                ":status=200 content-length=1 content-length=2",
                ":status=200 content-length=-1",
                ":status=200 content-length=3",
                ":status=200 content-length=5",
                ":status=304 x=1",
            })
    void refusesAMalformedAnswer(String fields) throws Exception {
        var reset = new AtomicInteger(-1);
        var over = new CountDownLatch(1);
        String[] words = fields.isEmpty() ? new String[0] : fields.split("[ =]");
        plane.start(endpoint((wire, _) -> {
            wire.request(1);
            wire.headers(1, false, words).data(1, true, "body");
            wire.until(() -> wire.stream(1).reset >= 0);
            reset.set(wire.stream(1).reset);
            over.countDown();
            wire.error();
        }));

        Wire.Message answer = plane.get("/x");

        assertThat(answer.status() == 502 || !answer.isWhole() || answer.status() == 304)
                .isTrue();
        RunningPlane.until("it is counted", () -> plane.faults("response_malformed") == 1);
        over.await();
        assertThat(reset).hasValue(H2Wire.PROTOCOL_ERROR);
    }

    @Test
    void losesAConnectionWhoseEndpointDoesNotSpeakHttp2() throws Exception {
        plane.start(Backend.of("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));

        Wire.Message answer = plane.ask("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");

        assertThat(answer.status()).isEqualTo(502);
        RunningPlane.until("it is counted", () -> plane.faults("response_malformed") == 1);
    }

    // ---- signs of life ----

    @Test
    void endsAConnectionThatAnswersNoPing() throws Exception {
        plane.upstreamHttp2 = new UpstreamHttp2Spec(100, 64 << 10, Duration.ofMillis(50), Duration.ofMillis(200));
        var pings = new AtomicInteger();
        Backend backend = endpoint((wire, number) -> {
            wire.answersPings = number > 1;
            wire.request(1);
            if (number == 1) {
                wire.error();
                pings.set(wire.pings);
            } else {
                wire.answer(1, "alive");
                wire.error();
            }
        });
        plane.start(backend);

        assertThat(plane.get("/x").body()).isEqualTo("alive");
        RunningPlane.until("it was asked for a sign", () -> pings.get() == 1);
    }

    @Test
    void keepsASilentConnectionThatAnswersPings() throws Exception {
        plane.upstreamHttp2 = new UpstreamHttp2Spec(100, 64 << 10, Duration.ofMillis(50), Duration.ofSeconds(10));
        Wire.Message answer = ask((wire, _) -> {
            wire.request(1);
            wire.until(() -> wire.pings >= 3);
            wire.answer(1, "at last");
            wire.error();
        });

        assertThat(answer.body()).isEqualTo("at last");
    }

    @Test
    void asksNothingMoreOfAConnectionThatIsInDoubt() throws Exception {
        plane.upstreamTimeouts =
                new UpstreamTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(10));
        Backend backend = endpoint((wire, number) -> {
            wire.answersPings = false;
            if (number == 1) {
                wire.request(1);
                wire.error();
            } else {
                wire.echo();
            }
        });
        plane.start(backend);

        assertThat(plane.get("/1").status()).isEqualTo(504);
        assertThat(plane.get("/2").body()).isEqualTo("/2");
        assertThat(backend.accepted()).isEqualTo(2);
    }
}
