package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.RetrySpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.http.Wire.Message;
import dev.fairlead.leak.NoLeaks;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Endpoints that fail, and what the client makes of it.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneFaultTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @RegisterExtension
    private final RunningPlane plane = new RunningPlane();

    @Test
    void saysThatNobodyAcceptsAConnection() throws Exception {
        plane.start(List.of(new EndpointSpec(Backend.dead(), 1, 0), new EndpointSpec(Backend.dead(), 1, 0)), List.of());

        Message response = plane.get("/");

        assertThat(response.status()).isEqualTo(502);
        assertThat(response.field("Proxy-Status")).startsWith("fairlead; error=connection_refused");
    }

    @Test
    void goesToTheNextEndpointWhenOneRefuses() throws Exception {
        Backend good = Backend.echo();
        plane.start(List.of(new EndpointSpec(Backend.dead(), 1, 0), new EndpointSpec(good.address(), 1, 0)), List.of());
        for (int i = 0; i < 4; i++) {
            Message response = plane.ask(
                    "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + "3\r\nabc\r\n0\r\n\r\n");
            assertThat(response.body()).isEqualTo("/x");
        }
        good.close();
    }

    @Test
    void goesToAnIdleConnectionOfTheNextEndpointWhenOneRefuses() throws Exception {
        Backend first = new Backend((wire, _) -> {
            wire.request();
            wire.send(OK);
        });
        Backend second = Backend.echo();
        plane.start(first, second);
        plane.get("/1");
        plane.get("/2");
        first.close();
        RunningPlane.until(
                "only the second is connected",
                () -> plane.endpoints().get(0).connections() == 0
                        && plane.endpoints().get(1).connections() == 1);

        assertThat(plane.ask("POST /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
                        .body())
                .isEqualTo("/3");
        assertThat(plane.get("/4").body()).isEqualTo("/4");

        assertThat(plane.endpoints().get(0).connectFailures()).isEqualTo(1);
        assertThat(second.accepted()).isEqualTo(1);
    }

    @Test
    void asksAgainWhenAPooledConnectionHadDied() throws Exception {
        Backend backend = diesOnTheSecondRequest();
        plane.start(backend);

        assertThat(plane.get("/").body()).isEqualTo("ok");
        assertThat(plane.get("/").body()).isEqualTo("ok");

        assertThat(backend.accepted()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PATCH", "BREW"})
    void asksNotAgainWhatMayNotBeAskedTwice(String method) throws Exception {
        Backend backend = diesOnTheSecondRequest();
        plane.start(backend);
        String request = method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";

        assertThat(plane.ask(request).body()).isEqualTo("ok");
        Message response = plane.ask(request);

        assertThat(response.status()).isEqualTo(502);
        assertThat(response.field("Proxy-Status")).startsWith("fairlead; error=connection_terminated");
        assertThat(backend.accepted()).isEqualTo(1);
    }

    @Test
    void asksNotAgainWhenTheBodyIsGone() throws Exception {
        plane.retry = new RetrySpec(List.of(), null, Duration.ZERO, Duration.ZERO, 20, 3, 0, 0);
        Backend backend = diesOnTheSecondRequest();
        plane.start(backend);
        String request = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx";

        assertThat(plane.ask(request).body()).isEqualTo("ok");
        assertThat(plane.ask(request).status()).isEqualTo(502);
    }

    @Test
    void asksNotAgainOnAFreshConnection() throws Exception {
        Backend backend = new Backend((wire, _) -> wire.request());
        plane.start(backend);

        assertThat(plane.get("/").status()).isEqualTo(502);
        assertThat(backend.accepted()).isEqualTo(1);
    }

    @Test
    void endsAnEndpointThatDoesNotAnswer() throws Exception {
        plane.upstreamTimeouts = timeouts(Duration.ofMillis(100), Duration.ofSeconds(10));
        plane.start(new Backend((wire, _) -> wire.rest()));

        Message response = plane.get("/");

        assertThat(response.status()).isEqualTo(504);
        assertThat(response.field("Proxy-Status")).startsWith("fairlead; error=http_response_timeout");
    }

    @Test
    void cutsAResponseThatDoesNotGoOn() throws Exception {
        plane.upstreamTimeouts = timeouts(Duration.ofSeconds(10), Duration.ofMillis(100));
        plane.start(new Backend((wire, _) -> {
            wire.request();
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf");
            wire.rest();
        }));

        Message response = plane.get("/");

        assertThat(response.isWhole()).isFalse();
        assertThat(response.body()).isEqualTo("half");
    }

    @Test
    void passesAnEarlyResponseOnThoughTheEndpointClosesOnTheUpload() throws Exception {
        plane.start(new Backend(
                (wire, _) -> {
                    wire.head();
                    wire.send("HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge");
                    // Closing with unread bytes resets the connection.
                },
                8 << 10));
        byte[] piece = new byte[64 << 10];
        for (int round = 0; round < 30; round++) {
            try (Wire client = plane.connect()) {
                client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
                var uploader = Thread.ofVirtual().start(() -> {
                    try {
                        for (int i = 0; i < 100; i++) {
                            client.send(piece);
                        }
                    } catch (IOException _) {
                        // It is enough.
                    }
                });
                Message response = client.response();
                assertThat(response.status()).as("round %d", round).isEqualTo(413);
                assertThat(response.body()).isEqualTo("large");
                client.close();
                uploader.join();
            }
        }
    }

    @Test
    void whatStandsBehindAResponseIsNobodysAnswer() throws Exception {
        var number = new AtomicInteger();
        plane.start(new Backend((wire, _) -> {
            wire.request();
            wire.send(answer(number.incrementAndGet()) + answer(999));
            wire.rest();
        }));
        for (int i = 1; i <= 20; i++) {
            assertThat(plane.get("/").body()).isEqualTo("answer " + i);
        }
    }

    @Test
    void whatComesUnaskedIsNobodysAnswer() throws Exception {
        var number = new AtomicInteger();
        plane.start(new Backend((wire, _) -> {
            wire.request();
            wire.send(answer(number.incrementAndGet()));
            wire.send(answer(999));
            wire.rest();
        }));
        for (int i = 1; i <= 20; i++) {
            assertThat(plane.get("/").body()).isEqualTo("answer " + i);
            RunningPlane.until(
                    "the endpoint is not trusted", () -> plane.endpoint().connections() == 0);
        }
    }

    /// The client's next request is there when the response ends, and what is too much may lie in the kernel still.
    @Test
    void whatStandsBehindAResponseIsNotTheAnswerToAPipelinedRequest() throws Exception {
        for (int size = 1500; size < 2600; size += 13) {
            int filler = size;
            Backend backend = new Backend((wire, number) -> {
                wire.request();
                String head = "HTTP/1.1 200 OK\r\nN: " + number + "\r\nContent-Length: ";
                String good = head + filler + "\r\n\r\n" + "x".repeat(filler);
                wire.send(good + "HTTP/1.1 200 OK\r\nN: 999\r\nContent-Length: 0\r\n\r\n");
                wire.rest();
            });
            poison(backend, 0);
        }
    }

    @Test
    void whatFillsTheReadBufferExactlyIsNotFollowedByPoison() throws Exception {
        Backend backend = new Backend((wire, number) -> {
            wire.request();
            String head = "HTTP/1.1 200 OK\r\nN: " + number + "\r\nContent-Length: ";
            int body = 2048 - head.length() - 8;
            wire.send(head + body + "\r\n\r\n" + "x".repeat(body)
                    + "HTTP/1.1 200 OK\r\nN: 999\r\nContent-Length: 0\r\n\r\n");
            wire.rest();
        });
        poison(backend, 20);
    }

    private void poison(Backend backend, int rounds) throws Exception {
        if (plane.plane() == null) {
            plane.start(backend);
        } else {
            plane.afterEach(null);
            plane.beforeEach(null);
            plane.start(backend);
        }
        for (int i = 0; i <= rounds; i++) {
            try (Wire client = plane.connect()) {
                client.send(GET.repeat(3));
                for (int k = 0; k < 3; k++) {
                    assertThat(client.response().field("N")).isNotEqualTo("999");
                }
            }
        }
    }

    @Test
    void whatIsWrongWithAResponseHasItsOwnName() throws Exception {
        plane.start(Backend.of("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"));
        assertThat(plane.get("/").field("Proxy-Status")).startsWith("fairlead; error=http_response_transfer_coding");

        plane.afterEach(null);
        plane.beforeEach(null);
        plane.start(Backend.of("HTTP/1.1 200 OK\r\nX: " + "x".repeat(1 << 20) + "\r\n\r\n"));
        assertThat(plane.get("/").field("Proxy-Status"))
                .startsWith("fairlead; error=http_response_header_section_size");
    }

    @Test
    void aMalformedResponseIsNotPassedOn() throws Exception {
        plane.start(Backend.of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));

        Message response = plane.get("/");

        assertThat(response.status()).isEqualTo(502);
        assertThat(response.field("Proxy-Status")).startsWith("fairlead; error=http_protocol_error");
    }

    @Test
    void anEndpointThatStallsAfterAnEarlyResponseBeganIsCut() throws Exception {
        plane.upstreamTimeouts = timeouts(Duration.ofSeconds(10), Duration.ofSeconds(3));
        var begun = new CountDownLatch(1);
        plane.start(new Backend(
                (wire, _) -> {
                    String head = wire.head();
                    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                    begun.await();
                    assertThat(head).contains("Content-Length: 4000000");
                    wire.input().readNBytes(4_000_000);
                    wire.rest();
                },
                8 << 10));
        try (Wire client = plane.connect()) {
            client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n");
            client.head();
            begun.countDown();
            client.send(new byte[4_000_000]);
            assertThat(client.input().readNBytes(4)).asString().isEqualTo("half");
            assertThat(client.read()).isEqualTo(-1);
        }
    }

    @Test
    void aClientThatLeavesEndsTheAttempt() throws Exception {
        var gone = new CountDownLatch(1);
        plane.start(new Backend((wire, _) -> {
            wire.request();
            wire.rest();
            gone.countDown();
        }));
        try (Wire client = plane.connect()) {
            client.send(GET);
            RunningPlane.until("asked", () -> plane.endpoint().active() == 1);
        }
        gone.await();
        RunningPlane.until("counted", () -> plane.faults("DOWNSTREAM_GONE") == 1);
    }

    @Test
    void everyPrefixOfARequestIsAnAbortedOne() throws Exception {
        plane.start(Backend.of(OK));
        String request =
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n";
        for (int end = 0; end < request.length(); end++) {
            for (boolean reset : new boolean[] {false, true}) {
                try (Wire client = plane.connect()) {
                    client.send(request.substring(0, end));
                    if (reset) {
                        client.reset();
                    }
                }
            }
        }
        RunningPlane.until("left", () -> plane.plane().open() == 0);
        RunningPlane.until("let go", () -> plane.endpoint().active() == 0);
        assertThat(plane.get("/").body()).isEqualTo("ok");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n",
                "HTTP/1.1 103 Hint\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            })
    void noPrefixOfAResponseLooksWhole(String response) throws Exception {
        var end = new AtomicInteger();
        plane.start(new Backend((wire, _) -> {
            wire.request();
            wire.send(response.substring(0, end.get() / 2));
            if (end.get() % 2 == 1) {
                wire.reset();
            }
        }));
        for (int i = 0; i < response.length() * 2; i++) {
            end.set(i);
            for (String version : List.of("1.0", "1.1")) {
                assertNotWhole(version, i / 2);
            }
        }
        assertThat(plane.endpoint().active()).isZero();
    }

    private void assertNotWhole(String version, int end) throws IOException {
        try (Wire client = plane.connect()) {
            client.send("GET / HTTP/" + version + "\r\nHost: a\r\n\r\n");
            Message got = client.response();
            while (got.status() < 200) {
                got = client.response();
            }
            boolean cut = got.status() == 200 && !got.isWhole();
            assertThat(cut || got.status() == 502)
                    .as("HTTP/%s, %d bytes: %s", version, end, got)
                    .isTrue();
        } catch (IOException _) {
            // Reset: that cannot be taken for the end.
        }
    }

    @Test
    void drainingResetsWhatWouldLookWhole() throws Exception {
        plane.start(new Backend((wire, _) -> {
            wire.request();
            wire.send("HTTP/1.1 200 OK\r\n\r\nabc");
            wire.rest();
        }));
        try (Wire client = plane.connect()) {
            client.send("GET / HTTP/1.0\r\n\r\n");
            client.head();
            assertThat(client.input().readNBytes(3)).asString().isEqualTo("abc");
            plane.plane().close();
            assertThatThrownBy(client::rest).isInstanceOf(IOException.class);
        }
    }

    private static Backend diesOnTheSecondRequest() throws IOException {
        return new Backend((wire, _) -> {
            wire.request();
            wire.send(OK);
            wire.request();
        });
    }

    private static String answer(int number) {
        String body = "answer " + number;
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static UpstreamTimeouts timeouts(Duration firstByte, Duration idle) {
        return new UpstreamTimeouts(Duration.ofSeconds(10), firstByte, idle);
    }
}
