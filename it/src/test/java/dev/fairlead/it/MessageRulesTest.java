package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a proxy adds to messages, takes from them, and keeps in order: RFC 9110 and 9112.
class MessageRulesTest {
    private static final int PORT = Repository.freePort();
    private static final int PASSING = Repository.freePort();
    private static final int REFUSING = Repository.freePort();
    private static final Map<String, String> ANSWERS = new ConcurrentHashMap<>();
    private static ScriptedBackend backend;
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException {
        backend = ScriptedBackend.answering(
                request -> ANSWERS.getOrDefault(request.target(), ScriptedBackend.ok("answer to " + request.target())));
        fairlead = Fairlead.start("""
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                  passing: {protocol: http, address: "127.0.0.1:%d", upstream: app, limits: {underscores: pass}}
                  refusing: {protocol: http, address: "127.0.0.1:%d", upstream: app, limits: {underscores: refuse}}
                upstreams:
                  app: {endpoints: ["%s"]}
                """.formatted(PORT, PASSING, REFUSING, backend.address()));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            backend.close();
        }
    }

    @BeforeEach
    void forget() {
        backend.forgetRequests();
        ANSWERS.clear();
    }

    private static Message exchange(String request) throws IOException {
        return exchange(PORT, request);
    }

    private static Message exchange(int port, String request) throws IOException {
        try (Wire wire = Wire.to(port)) {
            return wire.send(request).response();
        }
    }

    private static Message seen() {
        return backend.requests().getFirst();
    }

    @Test
    void tellsTheServerAboutTheClient() throws IOException {
        exchange("GET / HTTP/1.1\r\nHost: shop.test:81\r\n\r\n");

        assertThat(seen().all("Host")).containsExactly("shop.test:81");
        assertThat(seen().all("X-Forwarded-For")).containsExactly("127.0.0.1");
        assertThat(seen().all("X-Forwarded-Proto")).containsExactly("http");
        assertThat(seen().all("X-Forwarded-Host")).containsExactly("shop.test:81");
        assertThat(seen().first("Forwarded").orElseThrow())
                .contains("for=127.0.0.1")
                .contains("proto=http")
                .contains("host=\"shop.test:81\"");
    }

    @Test
    void namesItselfInBothDirections() throws IOException {
        Message answer = exchange("GET / HTTP/1.0\r\nHost: a\r\nVia: 1.1 before\r\n\r\n");

        // RFC 9110 §7.6.3: the version is that of the message received.
        assertThat(String.join(", ", seen().all("Via"))).startsWith("1.1 before, 1.0 ");
        assertThat(answer.first("Via").orElseThrow()).startsWith("1.1 ");
    }

    @Test
    void passesOnWhatAnEndToEndFieldSays() throws IOException {
        ANSWERS.put("/", "HTTP/1.1 200 Fine By Me\r\nContent-Length: 0\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n");
        Message answer = exchange("GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nX-A: 2\r\nCookie: c=3\r\n\r\n");

        assertThat(seen().all("X-A")).containsExactly("1", "2");
        assertThat(seen().all("Cookie")).containsExactly("c=3");
        assertThat(answer.all("Set-Cookie")).containsExactly("a=1", "b=2");
    }

    @Test
    void removesHopByHopFieldsOfARequest() throws IOException {
        exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Once\r\nX-Once: 1\r\nKeep-Alive: timeout=5\r\n"
                + "Proxy-Connection: keep-alive\r\nTE: trailers\r\nX-Stays: 1\r\n\r\n");

        assertThat(seen().first("X-Once")).isEmpty();
        assertThat(seen().first("Keep-Alive")).isEmpty();
        assertThat(seen().first("Proxy-Connection")).isEmpty();
        assertThat(seen().first("X-Stays")).contains("1");
    }

    @Test
    void removesHopByHopFieldsOfAResponse() throws IOException {
        ANSWERS.put(
                "/",
                "HTTP/1.1 200 OK\r\nConnection: X-Once\r\nX-Once: 1\r\nKeep-Alive: timeout=5\r\nX-Stays: 1\r\n"
                        + "Content-Length: 0\r\n\r\n");
        Message answer = exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        assertThat(answer.first("X-Once")).isEmpty();
        assertThat(answer.first("Keep-Alive")).isEmpty();
        assertThat(answer.first("X-Stays")).contains("1");
    }

    @Test
    void keepsItsOwnFieldsWhenAClientNamesThemInConnection() throws IOException {
        exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Forwarded-For, Via, Host\r\n\r\n");

        assertThat(seen().first("X-Forwarded-For")).isPresent();
        assertThat(seen().first("Via")).isPresent();
        assertThat(seen().first("Host")).contains("a");
    }

    @Test
    void passesTrailersOn() throws IOException {
        ANSWERS.put(
                "/",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                        + "5\r\nhello\r\n0\r\nX-Sum: back\r\n\r\n");
        Message answer = exchange("POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: forth\r\n\r\n");

        assertThat(seen().text()).isEqualTo("abc");
        assertThat(seen().trailer("X-Sum")).contains("forth");
        assertThat(answer.text()).isEqualTo("hello");
        assertThat(answer.trailer("X-Sum")).contains("back");
    }

    @Test
    void answersPipelinedRequestsInOrder() throws IOException {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            requests.append("POST /").append(i).append(" HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
        }
        List<String> answers = new ArrayList<>();
        try (Wire wire = Wire.to(PORT)) {
            wire.send(requests.toString());
            for (int i = 0; i < 50; i++) {
                answers.add(wire.response().text());
            }
        }

        assertThat(answers).hasSize(50);
        for (int i = 0; i < 50; i++) {
            assertThat(answers.get(i)).isEqualTo("answer to /" + i);
        }
    }

    @Test
    void endsPipeliningWhenTheClientSaysClose() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            wire.send("GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");

            assertThat(wire.response().text()).isEqualTo("answer to /1");
            assertThat(wire.isEnded()).isTrue();
        }
        assertThat(backend.requests()).extracting(Message::target).containsExactly("/1");
    }

    @Test
    void passesInformationalResponsesOn() throws IOException {
        ANSWERS.put(
                "/",
                "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        try (Wire wire = Wire.to(PORT)) {
            Message early = wire.get("/");
            Message last = wire.response();

            assertThat(early.status()).isEqualTo(103);
            assertThat(early.first("Link")).contains("</a.css>");
            assertThat(last.text()).isEqualTo("ok");
        }
    }

    @Test
    void sendsNoInformationalResponseToHttp10() throws IOException {
        ANSWERS.put("/", "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

        // RFC 9110 §15.2
        assertThat(exchange("GET / HTTP/1.0\r\nHost: a\r\n\r\n").status()).isEqualTo(200);
    }

    @Test
    void turnsChunksIntoACloseForHttp10() throws IOException {
        ANSWERS.put("/", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        Message answer = exchange("GET / HTTP/1.0\r\nHost: a\r\n\r\n");

        assertThat(answer.first("Transfer-Encoding")).isEmpty();
        assertThat(answer.text()).isEqualTo("hello");
    }

    @Test
    void passesAResponseThatEndsWithItsConnection() throws IOException, InterruptedException {
        try (ScriptedBackend closing = ScriptedBackend.playing(connection -> {
                    connection.request();
                    connection.send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
                });
                Fairlead other = Fairlead.start("""
                        listeners:
                          web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                        upstreams:
                          app: {endpoints: ["%s"]}
                        """.formatted(Repository.freePort(), closing.address()))) {
            int port = other.port("web");
            try (Wire wire = Wire.to(port)) {
                Message answer = wire.get("/");

                assertThat(answer.text()).isEqualTo("until the end");
                assertThat(answer.whole()).isTrue();
            }
            await().until(() -> closing.ended() == 1);
        }
    }

    private static final String UNDERSCORE_IN_A_FIELD =
            "GET / HTTP/1.1\r\nHost: a\r\nX_User: root\r\nX-User: guest\r\n\r\n";
    private static final String UNDERSCORE_IN_A_TRAILER =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nabc\r\n0\r\nX_Sum: 1\r\nX-Sum: 2\r\n\r\n";

    @Test
    void dropsUnderscoresUnlessToldOtherwise() throws IOException {
        assertThat(exchange(UNDERSCORE_IN_A_FIELD).status()).isEqualTo(200);
        assertThat(seen().all("X_User")).isEmpty();
        assertThat(seen().all("X-User")).containsExactly("guest");

        backend.forgetRequests();
        assertThat(exchange(UNDERSCORE_IN_A_TRAILER).status()).isEqualTo(200);
        assertThat(seen().trailer("X_Sum")).isEmpty();
        assertThat(seen().trailer("X-Sum")).contains("2");
    }

    @Test
    void passesUnderscoresOn() throws IOException {
        assertThat(exchange(PASSING, UNDERSCORE_IN_A_FIELD).status()).isEqualTo(200);
        assertThat(seen().all("X_User")).containsExactly("root");
        assertThat(seen().all("X-User")).containsExactly("guest");

        backend.forgetRequests();
        assertThat(exchange(PASSING, UNDERSCORE_IN_A_TRAILER).status()).isEqualTo(200);
        assertThat(seen().trailer("X_Sum")).contains("1");
    }

    @Test
    void refusesUnderscores() throws IOException {
        assertThat(exchange(REFUSING, UNDERSCORE_IN_A_FIELD).status()).isEqualTo(400);
        assertThat(backend.requests()).isEmpty();

        assertThat(exchange(REFUSING, UNDERSCORE_IN_A_TRAILER).status()).isEqualTo(400);
    }
}
