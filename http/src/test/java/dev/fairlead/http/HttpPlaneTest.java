package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.MatchSpec;
import dev.fairlead.config.RouteSpec;
import dev.fairlead.http.Wire.Message;
import dev.fairlead.leak.NoLeaks;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What passes between a client and an endpoint, word for word.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneTest {
    @RegisterExtension
    private final RunningPlane plane = new RunningPlane();

    private final BlockingQueue<Message> seen = new LinkedBlockingQueue<>();

    @Test
    void tellsTheEndpointWhoAsks() throws Exception {
        plane.start(recording("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));

        plane.ask("GET /x?y=z HTTP/1.1\r\nHost: a:8\r\nX-Forwarded-For: 9.9.9.9\r\nForwarded: for=9.9.9.9\r\n"
                + "Via: 1.0 before\r\nConnection: Drop\r\nDrop: 1\r\nKeep-Alive: 5\r\nX-Mine: 1\r\n\r\n");

        Message request = seen.take();
        assertThat(request.start()).isEqualTo("GET /x?y=z HTTP/1.1");
        assertThat(request.fields().getLast()).matches("x-request-id: [0-9a-f]{32}");
        assertThat(request.fields())
                .startsWith(
                        "Host: a:8",
                        "Via: 1.0 before",
                        "X-Mine: 1",
                        "x-forwarded-for: 127.0.0.1",
                        "x-forwarded-proto: http",
                        "x-forwarded-host: a:8",
                        "forwarded: for=127.0.0.1;host=\"a:8\";proto=http",
                        "via: 1.1 fairlead")
                .hasSize(9);
    }

    @Test
    void passesTheResponseOn() throws Exception {
        plane.start(
                Backend.of(
                        "HTTP/1.1 299 Odd\r\nDate: now\r\nX: 1\r\nConnection: A\r\nA: 1\r\nX: 2\r\nContent-Length: 2\r\n\r\nok"));

        Message response = plane.get("/");

        assertThat(response.start()).isEqualTo("HTTP/1.1 299 Odd");
        assertThat(response.fields())
                .containsExactly("Date: now", "X: 1", "X: 2", "Content-Length: 2", "Via: 1.1 fairlead");
        assertThat(response.body()).isEqualTo("ok");
        RunningPlane.until("counted", () -> plane.exchanges() == 1);
    }

    @Test
    void answersPipelinedRequestsInOrder() throws Exception {
        plane.start(Backend.echo(), Backend.echo());
        var requests = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: a\r\n\r\n");
        }
        try (Wire client = plane.connect()) {
            client.send(requests.toString());
            for (int i = 0; i < 500; i++) {
                assertThat(client.response().body()).isEqualTo("/" + i);
            }
        }
    }

    @Test
    void passes100ContinueOn() throws Exception {
        plane.start(new Backend((wire, _) -> {
            wire.head();
            wire.send("HTTP/1.1 100 Continue\r\n\r\n");
            wire.input().readNBytes(5);
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            wire.read();
        }));
        try (Wire client = plane.connect()) {
            client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            assertThat(client.response().start()).isEqualTo("HTTP/1.1 100 Continue");
            assertThat(client.send("hello").response().status()).isEqualTo(200);
        }
    }

    @Test
    void answersWithoutABodyWhenTheEndpointDoesNotWantIt() throws Exception {
        plane.start(new Backend((wire, _) -> {
            wire.head();
            wire.send("HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno");
            wire.read();
        }));
        try (Wire client = plane.connect()) {
            client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            Message response = client.response();
            assertThat(response.status()).isEqualTo(401);
            assertThat(response.field("Connection")).isEqualTo("close");
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void passesEarlyHintsOnButNotToVersion10() throws Exception {
        plane.start(Backend.of(
                "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"));
        try (Wire client = plane.connect()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            Message hints = client.response();
            assertThat(hints.start()).isEqualTo("HTTP/1.1 103 Early Hints");
            assertThat(hints.fields()).containsExactly("Link: x");
            assertThat(client.response().status()).isEqualTo(200);
        }
        assertThat(plane.ask("GET / HTTP/1.0\r\n\r\n").status()).isEqualTo(200);
    }

    @Test
    void endsAnEndpointThatSendsHintsForever() throws Exception {
        plane.start(new Backend((wire, _) -> {
            wire.request();
            while (true) {
                wire.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".repeat(10));
            }
        }));
        try (Wire client = plane.connect()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            int hints = 0;
            Message response = client.response();
            while (response.status() == 103 && hints++ < 10_000) {
                response = client.response();
            }
            assertThat(response.status()).isEqualTo(502);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "HEAD, HTTP/1.1 200 OK|Content-Length: 7||",
        "HEAD, HTTP/1.1 200 OK|Transfer-Encoding: chunked||",
        "GET, HTTP/1.1 204 No Content||",
        "GET, HTTP/1.1 204 No Content|Content-Length: 0||",
        "GET, HTTP/1.1 304 Not Modified|Content-Length: 7||",
        "POST, HTTP/1.1 304 Not Modified|Transfer-Encoding: chunked||",
    })
    void knowsResponsesWithoutABody(String method, String response) throws Exception {
        Backend backend = Backend.of(response.replace("|", "\r\n"));
        plane.start(backend);
        try (Wire client = plane.connect()) {
            for (int i = 0; i < 3; i++) {
                client.send(method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
                assertThat(client.responseToHead().start()).isEqualTo(response.substring(0, response.indexOf('|')));
            }
        }
        assertThat(backend.accepted()).isEqualTo(1);
    }

    @Test
    void passesChunksAndTrailersBothWays() throws Exception {
        plane.start(
                recording(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n3;x\r\nabc\r\n1\r\nd\r\n0\r\nT: 1\r\n\r\n"));
        try (Wire client = plane.connect()) {
            for (int i = 0; i < 2; i++) {
                client.send("POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "2\r\nhe\r\n3\r\nllo\r\n0\r\nSum: 5\r\n\r\n");
                Message response = client.response();
                assertThat(response.body()).isEqualTo("abcd");
                assertThat(response.trailers()).containsExactly("T: 1");
                Message request = seen.take();
                assertThat(request.body()).isEqualTo("hello");
                assertThat(request.trailers()).containsExactly("Sum: 5");
                assertThat(request.field("TE")).isEqualTo("trailers");
            }
        }
        assertThat(plane.endpoint().bytes().in().value()).isEqualTo(10);
        assertThat(plane.endpoint().bytes().out().value()).isEqualTo(8);
    }

    @Test
    void makesChunksOfAResponseThatEndsWithItsConnection() throws Exception {
        plane.start(new Backend((wire, _) -> {
            wire.request();
            wire.send("HTTP/1.0 200 OK\r\n\r\n").send("abc").send("def");
        }));
        try (Wire client = plane.connect()) {
            for (int i = 0; i < 2; i++) {
                Message response =
                        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").response();
                assertThat(response.field("Transfer-Encoding")).isEqualTo("chunked");
                assertThat(response.body()).isEqualTo("abcdef");
                assertThat(response.isWhole()).isTrue();
            }
        }
    }

    @Test
    void endsAResponseOfUnknownLengthToVersion10WithTheConnection() throws Exception {
        plane.start(Backend.of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n"));

        Message response = plane.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

        assertThat(response.field("Transfer-Encoding")).isNull();
        assertThat(response.field("Connection")).isEqualTo("close");
        assertThat(response.body()).isEqualTo("abc");
        assertThat(response.isWhole()).isTrue();
    }

    @Test
    void keepsAVersion10ConnectionThatAsksForIt() throws Exception {
        plane.start(Backend.echo());
        try (Wire client = plane.connect()) {
            for (int i = 0; i < 3; i++) {
                Message response = client.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                        .response();
                assertThat(response.field("Connection")).isEqualTo("keep-alive");
                assertThat(response.body()).isEqualTo("/x");
            }
            client.send("GET /x HTTP/1.0\r\n\r\n");
            assertThat(client.response().field("Connection")).isEqualTo("close");
            assertThat(client.rest()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "HTTP/1.1 200 OK\r\n\r\nabc"
            })
    void aResetWithinABodyIsNoEndToVersion10(String part) throws Exception {
        var passed = new CompletableFuture<Void>();
        plane.start(new Backend((wire, _) -> {
            wire.request();
            wire.send(part);
            passed.get();
            wire.reset();
        }));
        try (Wire client = plane.connect()) {
            client.send("GET / HTTP/1.0\r\n\r\n");
            client.head();
            assertThat(client.input().readNBytes(3)).asString().isEqualTo("abc");
            passed.complete(null);
            assertThatThrownBy(client::rest).isInstanceOf(IOException.class);
        }
        RunningPlane.until("fault", () -> plane.faults("RESPONSE_INCOMPLETE") == 1);
    }

    @Test
    void findsTheRoute() throws Exception {
        Backend backend = Backend.echo();
        plane.start(
                List.of(new EndpointSpec(backend.address(), 1, 0)),
                List.of(new RouteSpec("r", new MatchSpec("a", null, "/api"), "app")));

        assertThat(plane.get("/api/x").body()).isEqualTo("/api/x");
        Message missed = plane.get("/apis");
        assertThat(missed.status()).isEqualTo(404);
        assertThat(missed.field("Proxy-Status")).startsWith("fairlead; error=destination_not_found");
        backend.close();
    }

    private Backend recording(String response) throws IOException {
        return new Backend((wire, _) -> {
            while (true) {
                seen.add(wire.request());
                wire.send(response);
            }
        });
    }
}
