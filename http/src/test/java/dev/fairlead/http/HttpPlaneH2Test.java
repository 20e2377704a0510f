package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Http2Spec;
import dev.fairlead.config.HttpTimeouts;
import dev.fairlead.leak.NoLeaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/// HTTP/2 with a client that sends frame for frame what the test says, to endpoints that speak HTTP/1.1.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneH2Test {
    @RegisterExtension
    final RunningPlane plane = new RunningPlane();

    private H2Wire connect(int... settings) throws IOException {
        return new H2Wire(plane.socket(0)).begin(settings);
    }

    // ---- exchanges ----

    @Test
    void answersManyStreamsOfOneConnection() throws Exception {
        plane.start(Backend.echo());

        try (H2Wire client = connect()) {
            for (int stream = 1; stream < 40; stream += 2) {
                client.get(stream, "/" + stream);
            }
            for (int stream = 1; stream < 40; stream += 2) {
                H2Wire.Stream answer = client.answer(stream);
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.text()).isEqualTo("/" + stream);
                assertThat(answer.field("via")).isEqualTo("1.1 fairlead");
            }
        }

        assertThat(plane.logged(20)).allMatch(line -> line.contains("\"version\":\"HTTP/2.0\""));
    }

    @Test
    void answersTheNextRequestAfterTheLast() throws Exception {
        plane.start(Backend.echo());

        try (H2Wire client = connect()) {
            for (int stream = 1; stream < 20; stream += 2) {
                assertThat(client.get(stream, "/x").answer(stream).text()).isEqualTo("/x");
            }
        }
    }

    @Test
    void speaksHttp1OnTheSameListener() throws Exception {
        plane.start(Backend.echo());

        assertThat(plane.get("/one").body()).isEqualTo("/one");
        // The preface is one only at the beginning.
        try (Wire wire = plane.connect()) {
            assertThat(wire.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
                            .response()
                            .status())
                    .isEqualTo(200);
            assertThat(wire.send(H2Wire.PREFACE).response().status()).isEqualTo(505);
        }
    }

    @Test
    void knowsAPrefaceThatComesInPieces() throws Exception {
        plane.start(Backend.echo());

        try (H2Wire client = new H2Wire(plane.socket(0))) {
            for (byte b : H2Wire.PREFACE) {
                client.send(new byte[] {b});
            }
            client.settings().get(1, "/pieces");
            assertThat(client.answer(1).text()).isEqualTo("/pieces");
        }
    }

    @Test
    void passesOnWhatTheRequestSays() throws Exception {
        var asked = new AtomicReference<Wire.Message>();
        plane.start(new Backend((wire, _) -> {
            asked.set(wire.request());
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Odd: Yes\r\n\r\n");
        }));

        try (H2Wire client = connect()) {
            client.get(1, "/p?q=1", "cookie", "a=1", "x-own", "1", "cookie", "b=2", "te", "trailers");
            assertThat(client.answer(1).field("x-odd")).isEqualTo("Yes");
        }

        Wire.Message request = asked.get();
        assertThat(request.start()).isEqualTo("GET /p?q=1 HTTP/1.1");
        assertThat(request.field("host")).isEqualTo("a");
        assertThat(request.field("cookie")).isEqualTo("a=1; b=2");
        assertThat(request.field("x-own")).isEqualTo("1");
        assertThat(request.field("te")).isEqualTo("trailers");
        assertThat(request.field("via")).isEqualTo("2.0 fairlead");
    }

    @Test
    void passesOnBodyAndTrailersBothWays() throws Exception {
        var asked = new AtomicReference<Wire.Message>();
        plane.start(new Backend((wire, _) -> {
            asked.set(wire.request());
            wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n");
        }));

        H2Wire.Stream answer;
        try (H2Wire client = connect()) {
            client.request(1, false, "POST", "/up", "te", "trailers")
                    .data(1, false, "one")
                    .data(1, false, "two")
                    .headers(1, true, "x-up", "yes");
            answer = client.answer(1);
        }

        assertThat(asked.get().body()).isEqualTo("onetwo");
        assertThat(asked.get().trailers()).containsExactly("x-up: yes");
        assertThat(answer.text()).isEqualTo("abc");
        assertThat(answer.trailers().get("x-sum")).hasToString("6");
    }

    @Test
    void passesOnInformationalHeads() throws Exception {
        plane.start(Backend.of(
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));

        try (H2Wire client = connect()) {
            H2Wire.Stream answer = client.get(1, "/").answer(1);

            assertThat(answer.heads.getFirst().status()).hasToString("103");
            assertThat(answer.heads.getFirst().get("link")).hasToString("</a>");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).isEqualTo("ok");
        }
    }

    @Test
    void endsWithItsHeadWhatHasNoBody() throws Exception {
        plane.start(new Backend((wire, _) -> {
            while (true) {
                String start = wire.request().start();
                wire.send(
                        start.startsWith("HEAD")
                                ? "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"
                                : "HTTP/1.1 204 No Content\r\n\r\n");
            }
        }));

        try (H2Wire client = connect()) {
            H2Wire.Stream head = client.request(1, true, "HEAD", "/").answer(1);
            assertThat(head.field("content-length")).isEqualTo("7");
            assertThat(head.dataFrames).isZero();
            H2Wire.Stream none = client.get(3, "/").answer(3);
            assertThat(none.status()).isEqualTo(204);
            assertThat(none.dataFrames).isZero();
        }
    }

    @Test
    void answersItselfWhatItDoesNotForward() throws Exception {
        plane.start(java.util.List.of(), java.util.List.of());

        try (H2Wire client = connect()) {
            H2Wire.Stream answer = client.get(1, "/").answer(1);

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.field("proxy-status")).contains("destination_unavailable");
            assertThat(client.request(3, true, "TRACE", "/").answer(3).status()).isEqualTo(501);
            assertThat(client.headers(5, false, ":method", "CONNECT", ":authority", "a:1")
                            .answer(5)
                            .status())
                    .isEqualTo(501);
        }
    }

    @Test
    void answersBeforeTheRequestIsWholeAndTakesNoMoreOfIt() throws Exception {
        plane.limits = new dev.fairlead.config.HttpLimits(8 << 10, 32 << 10, 128, 1000);
        plane.start(Backend.echo());

        try (H2Wire client = connect()) {
            client.request(1, false, "POST", "/").data(1, false, "x".repeat(2000));
            H2Wire.Stream answer = client.answer(1);
            assertThat(answer.status()).isEqualTo(413);
            client.until(() -> answer.reset >= 0);
            assertThat(answer.reset).isEqualTo(H2Wire.NO_ERROR);
            // The connection goes on.
            assertThat(client.get(3, "/on").answer(3).text()).isEqualTo("/on");
            // Nor does it take offence at what was on its way.
            for (int i = 0; i < 1000; i++) {
                client.data(1, false, "x");
            }
            assertThat(client.get(5, "/on").answer(5).text()).isEqualTo("/on");
            assertThat(answer.reset).isEqualTo(H2Wire.NO_ERROR);
        }
    }

    // ---- flow control ----

    @Test
    void sendsNoMoreThanTheWindowAndStallsNobodyElse() throws Exception {
        byte[] large = new byte[300_000];
        plane.start(new Backend((wire, _) -> {
            while (true) {
                boolean isLarge = wire.request().start().contains("large");
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + (isLarge ? large.length : 2) + "\r\n\r\n");
                wire.send(isLarge ? large : new byte[] {'o', 'k'});
            }
        }));

        try (H2Wire client = connect(4, 10_000)) {
            client.window(0, 1 << 20).get(1, "/large");
            client.until(() -> client.stream(1).body.size() == 10_000);
            for (int stream = 3; stream < 21; stream += 2) {
                assertThat(client.get(stream, "/small").answer(stream).text()).isEqualTo("ok");
            }
            assertThat(client.stream(1).body.size()).isEqualTo(10_000);
            client.window(1, 1 << 20);
            assertThat(client.answer(1).body.size()).isEqualTo(large.length);
        }
    }

    @Test
    void readsNoMoreOfABodyThanItsEndpointTakes() throws Exception {
        var go = new CountDownLatch(1);
        plane.start(new Backend(
                (wire, _) -> {
                    while (true) {
                        if (wire.head().contains("/slow")) {
                            go.await();
                            wire.input().skipNBytes(2_000_000);
                        }
                        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    }
                },
                64 << 10));

        try (H2Wire client = connect()) {
            // Then our SETTINGS, and with them the window, have been agreed on.
            client.get(5, "/fast").answer(5);
            client.request(7, false, "POST", "/slow", "content-length", "2000000");
            int sent = 0;
            // Our socket would block if the plane read on: it must say no by the window alone.
            var window = new int[] {128 << 10};
            String piece = "x".repeat(10_000);
            while (window[0] - sent >= piece.length()) {
                client.data(7, false, piece);
                sent += piece.length();
            }
            assertThat(client.get(9, "/fast").answer(9).text()).isEqualTo("ok");
            go.countDown();
            while (sent < 2_000_000) {
                int at = sent;
                client.until(() -> window[0] + client.opened(7) - at >= piece.length());
                client.data(7, sent + piece.length() >= 2_000_000, piece);
                sent += piece.length();
            }
            assertThat(client.answer(7).text())
                    .as("reset %s, given up %s, %s", client.stream(7).reset, client.goAwayCode, plane.logged())
                    .isEqualTo("ok");
        }
    }

    // ---- cancellation ----

    @Test
    void letsGoOfTheEndpointWhenTheClientTakesTheRequestBack() throws Exception {
        var asked = new CountDownLatch(1);
        var left = new CountDownLatch(1);
        plane.start(new Backend((wire, _) -> {
            wire.request();
            asked.countDown();
            if (wire.read() < 0) {
                left.countDown();
            }
        }));

        try (H2Wire client = connect()) {
            client.get(1, "/");
            asked.await();
            client.reset(1, H2Wire.CANCEL);
            left.await();
            assertThat(plane.logged(1).getFirst()).contains("downstream_gone");
            RunningPlane.until("it is let go", () -> plane.endpoint().active() == 0);
        }
    }

    @Test
    void letsGoOfTheEndpointsWhenTheConnectionEnds() throws Exception {
        var asked = new CountDownLatch(3);
        plane.start(new Backend((wire, _) -> {
            wire.request();
            asked.countDown();
            wire.read();
        }));

        try (H2Wire client = connect()) {
            client.get(1, "/").get(3, "/").request(5, true, "POST", "/");
            asked.await();
        }

        assertThat(plane.logged(3)).allMatch(line -> line.contains("downstream_gone"));
    }

    @Test
    void resetsTheStreamOfAnAnswerThatBreaksOff() throws Exception {
        plane.start(new Backend((wire, _) -> {
            wire.request();
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        }));

        try (H2Wire client = connect()) {
            H2Wire.Stream answer = client.get(1, "/").answer(1);
            assertThat(answer.isWhole).isFalse();
            assertThat(answer.reset).isEqualTo(2);
            assertThat(answer.text()).isEqualTo("half");
        }
    }

    // ---- whose turn it is ----

    /// Two answers of which more is there than the connection's window lets out. How many bytes of the first came in
    /// the next KiB, and how many of the second.
    private List<Integer> nextBytes(String first, String second) throws Exception {
        return nextBytes(first, second, null, null);
    }

    /// `before`, `after`: what PRIORITY_UPDATE frames say of the second, before it is asked for and after.
    private List<Integer> nextBytes(String first, String second, String before, String after) throws Exception {
        plane.start(Backend.of("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + "x".repeat(200_000)));
        int all = 65_535;
        int more = 1 << 10;
        // SETTINGS_INITIAL_WINDOW_SIZE
        try (H2Wire client = connect(4, 1 << 20)) {
            H2Wire.Stream one = client.get(1, "/1", "priority", first).stream(1);
            client.until(() -> one.body.size() == all);
            if (before != null) {
                reprioritize(client, 3, before);
            }
            H2Wire.Stream two = client.get(3, "/2", "priority", second).stream(3);
            client.until(() -> !two.heads.isEmpty());
            if (after != null) {
                reprioritize(client, 3, after);
            }
            client.window(0, more);
            client.until(() -> one.body.size() + two.body.size() == all + more);
            return List.of(one.body.size() - all, two.body.size());
        }
    }

    @Test
    void sendsTheMoreUrgentFirst() throws Exception {
        assertThat(nextBytes("u=5, i", "u=2, i")).containsExactly(0, 1 << 10);
    }

    /// PRIORITY_UPDATE: RFC 9218 §7.1.
    private static void reprioritize(H2Wire client, int stream, String priority) throws IOException {
        byte[] value = priority.getBytes(StandardCharsets.US_ASCII);
        client.frame(
                16,
                0,
                0,
                ByteBuffer.allocate(4 + value.length).putInt(stream).put(value).array());
    }

    @Test
    void followsWhatAClientComesToNeedMore() throws Exception {
        assertThat(nextBytes("u=3, i", "u=6, i", null, "u=1, i")).containsExactly(0, 1 << 10);
    }

    @Test
    void followsWhatAClientHasSaidBeforehand() throws Exception {
        assertThat(nextBytes("u=3, i", "u=6, i", "u=1, i", null)).containsExactly(0, 1 << 10);
    }

    @Test
    void sendsTheLessUrgentLast() throws Exception {
        assertThat(nextBytes("u=2, i", "u=5, i")).containsExactly(1 << 10, 0);
    }

    // ---- tunnels ----

    private static H2Wire tunnel(H2Wire client, int stream, String protocol, String... more) throws IOException {
        List<String> fields = new ArrayList<>(List.of(":method", "CONNECT", ":protocol", protocol, ":scheme", "http"));
        fields.addAll(List.of(":authority", "a", ":path", "/chat", "sec-websocket-version", "13"));
        fields.addAll(List.of(more));
        return client.headers(stream, false, fields.toArray(String[]::new));
    }

    @Test
    void joinsAStreamWithAWebSocketOfHttp1() throws Exception {
        plane.start(Backend.webSocket());

        try (H2Wire client = connect()) {
            // What is sent before the answer is there waits for it.
            tunnel(client, 1, "websocket").data(1, false, "one ");
            client.until(() -> client.stream(1).text().equals("hello one "));
            assertThat(client.stream(1).status()).isEqualTo(200);
            assertThat(client.stream(1).field("x-start")).isEqualTo("GET /chat HTTP/1.1");
            assertThat(client.stream(1).field("sec-websocket-accept")).isNull();
            assertThat(client.get(3, "/other").answer(3).isOver()).isTrue();
            client.data(1, true, "two");
            assertThat(client.answer(1).text()).isEqualTo("hello one two");
        }

        assertThat(plane.logged(2)).anyMatch(line -> line.contains("\"tunnel\":\"closed\""));
    }

    @Test
    void holdsBackInATunnelWhatTheOtherSideDoesNotTake() throws Exception {
        plane.start(Backend.webSocket());

        try (H2Wire client = connect(4, 1000)) {
            client.window(0, 1 << 24).get(7, "/").answer(7);
            tunnel(client, 9, "websocket");
            String piece = "x".repeat(10_000);
            int[] sent = {0};
            for (int i = 0; i < 100; i++) {
                client.until(() -> (128 << 10) + client.opened(9) - sent[0] >= piece.length());
                client.data(9, i == 99, piece).window(9, 10_100);
                sent[0] += piece.length();
            }
            assertThat(client.answer(9).body.size()).isEqualTo(1_000_006);
        }
    }

    @Test
    void resetsAStreamWhoseTunnelBreaks() throws Exception {
        plane.start(Backend.webSocket());

        try (H2Wire client = connect()) {
            tunnel(client, 1, "websocket").data(1, false, "one ");
            client.until(() -> client.stream(1).text().equals("hello one "));
            client.reset(1, H2Wire.CANCEL);
            RunningPlane.until("the endpoint is let go", () -> plane.endpoint().active() == 0);
            assertThat(plane.logged(1).getFirst()).contains("\"tunnel\":\"reset\"");
        }
    }

    @Test
    void saysThatATunnelWasDrained() throws Exception {
        plane.start(Backend.webSocket());

        try (H2Wire client = connect()) {
            tunnel(client, 1, "websocket").data(1, false, "one ");
            client.until(() -> client.stream(1).text().equals("hello one "));
            plane.plane().close();
            client.error();
        }

        assertThat(plane.logged(1).getFirst()).contains("\"tunnel\":\"drained\"");
    }

    @Test
    void refusesTunnelsOfProtocolsThatAreNotOffered() throws Exception {
        plane.start(Backend.of("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"));

        try (H2Wire client = connect()) {
            assertThat(tunnel(client, 1, "connect-udp").answer(1).status()).isEqualTo(501);
            // And an endpoint may say no.
            assertThat(tunnel(client, 3, "websocket").answer(3).text()).isEqualTo("no");
        }
    }

    // ---- signs of life ----

    @Test
    void takesBackWhatAClientAskedThatAnswersNoPing() throws Exception {
        plane.http2 = new Http2Spec(true, 100, 128 << 10, Duration.ofMillis(50), Duration.ofMillis(200));
        var gone = new CountDownLatch(1);
        plane.start(new Backend((wire, _) -> {
            wire.request();
            wire.read();
            gone.countDown();
        }));

        try (H2Wire client = connect()) {
            client.answersPings = false;
            client.get(1, "/");
            client.error();
            assertThat(client.pings).isEqualTo(1);
        }
        gone.await();

        assertThat(plane.logged(1).getFirst()).contains("downstream_gone");
    }

    @Test
    void waitsForAClientThatAnswersPings() throws Exception {
        plane.http2 = new Http2Spec(true, 100, 128 << 10, Duration.ofMillis(50), Duration.ofSeconds(20));
        var go = new CountDownLatch(1);
        plane.start(new Backend((wire, _) -> {
            wire.request();
            go.await();
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }));

        try (H2Wire client = connect()) {
            client.get(1, "/");
            client.until(() -> client.pings == 3);
            go.countDown();
            assertThat(client.answer(1).text()).isEqualTo("ok");
        }
    }

    // ---- closing ----

    @Test
    void saysGoAwayTwiceWhenItDrains() throws Exception {
        var go = new CountDownLatch(1);
        plane.start(new Backend((wire, _) -> {
            wire.request();
            go.await();
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }));

        try (H2Wire client = connect()) {
            client.get(1, "/");
            RunningPlane.until("it is under way", () -> plane.endpoint().active() == 1);
            plane.plane().drain();
            client.until(() -> client.goAways.size() == 1);
            // What crosses the first one is answered.
            client.get(3, "/");
            client.until(() -> client.goAways.size() == 2);
            go.countDown();
            assertThat(client.answer(1).text()).isEqualTo("ok");
            assertThat(client.answer(3).text()).isEqualTo("ok");
            assertThat(client.error()).isEqualTo(H2Wire.NO_ERROR);
            assertThat(client.goAways).containsExactly(Integer.MAX_VALUE, 3);
        }
    }

    @Test
    void closesWhatAsksNothing() throws Exception {
        plane.timeouts = new HttpTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofMillis(300));
        plane.start(Backend.echo());

        try (H2Wire client = connect()) {
            assertThat(client.error()).isEqualTo(H2Wire.NO_ERROR);
        }
        try (H2Wire client = connect()) {
            client.get(1, "/").answer(1);
            assertThat(client.error()).isEqualTo(H2Wire.NO_ERROR);
        }
    }

    @Test
    void givesUpOnABodyThatDoesNotCome() throws Exception {
        plane.timeouts = new HttpTimeouts(Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofSeconds(5));
        plane.start(Backend.echo());

        try (H2Wire client = connect()) {
            assertThat(client.request(1, false, "POST", "/").answer(1).status()).isEqualTo(408);
        }
    }

    @Test
    void givesUpOnAClientThatDoesNotTakeItsAnswer() throws Exception {
        plane.timeouts = new HttpTimeouts(Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofSeconds(5));
        plane.start(Backend.of("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + "x".repeat(200_000)));

        try (H2Wire client = connect(4, 1000)) {
            H2Wire.Stream answer = client.get(1, "/").answer(1);
            assertThat(answer.reset).isEqualTo(H2Wire.CANCEL);
            assertThat(plane.logged(1).getFirst()).contains("downstream_stalled");
        }
    }
}
