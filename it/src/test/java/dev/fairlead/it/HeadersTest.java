package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which fields are believed and added, with curl before and servers behind.
class HeadersTest {
    private static final int OPEN = Repository.freePort();
    private static final int BEHIND = Repository.freePort();
    private static final int CIRCLE = Repository.freePort();
    private static ScriptedBackend backend;
    private static Fairlead fairlead;

    @TempDir
    private static Path directory;

    @BeforeAll
    static void start() throws IOException {
        backend = ScriptedBackend.answering(request -> ScriptedBackend.ok("hello"));
        fairlead =
                Fairlead.start("""
                listeners:
                  open: {protocol: http, address: "127.0.0.1:%1$d", upstream: app, server-timing: true}
                  behind:
                    protocol: http
                    address: "127.0.0.1:%2$d"
                    trusted-proxies: [127.0.0.0/8, 10.0.0.0/8]
                    via: edge-1
                    traceparent: sampled
                    upstream: app
                  circle: {protocol: http, address: "127.0.0.1:%3$d", upstream: circle}
                upstreams:
                  app: {endpoints: ["%4$s"]}
                  circle: {endpoints: ["127.0.0.1:%3$d"]}
                access-log: {path: "%5$s"}
                """.formatted(OPEN, BEHIND, CIRCLE, backend.address(), directory.resolve("access.log")));
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
    }

    private static Message seen() {
        return backend.requests().getFirst();
    }

    private static String curl(int port, String... fields) throws IOException, InterruptedException {
        String[] arguments = new String[fields.length * 2 + 2];
        arguments[0] = "-i";
        arguments[1] = "http://127.0.0.1:" + port + "/";
        for (int i = 0; i < fields.length; i++) {
            arguments[2 * i + 2] = "-H";
            arguments[2 * i + 3] = fields[i];
        }
        return Curl.run(arguments).text();
    }

    @Test
    void makesAnIdForTheEndpointAndTheLog() throws IOException, InterruptedException {
        curl(OPEN, "X-Request-Id: forged", "X-Forwarded-For: 6.6.6.6");

        String id = seen().first("X-Request-Id").orElseThrow();
        assertThat(id).matches("[0-9a-f]{32}");
        assertThat(seen().all("X-Forwarded-For")).containsExactly("127.0.0.1");
        awaitLogged("\"client\":\"127.0.0.1\",\"requestId\":\"" + id + "\"");
    }

    @Test
    void believesATrustedProxy() throws IOException, InterruptedException {
        curl(
                BEHIND,
                "X-Request-Id: outer-1",
                "X-Forwarded-For: 6.6.6.6, 192.0.2.7, 10.1.2.3",
                "X-Forwarded-Proto: https",
                "X-Forwarded-Host: shop.test",
                "Forwarded: for=6.6.6.6");

        assertThat(seen().all("X-Request-Id")).containsExactly("outer-1");
        assertThat(seen().all("X-Forwarded-For")).containsExactly("6.6.6.6, 192.0.2.7, 10.1.2.3, 127.0.0.1");
        assertThat(seen().all("X-Forwarded-Proto")).containsExactly("https");
        assertThat(seen().all("X-Forwarded-Host")).containsExactly("shop.test");
        assertThat(seen().all("Forwarded")).containsExactly("for=192.0.2.7;host=shop.test;proto=https");
        awaitLogged("\"client\":\"192.0.2.7\",\"requestId\":\"outer-1\"");
    }

    private static void awaitLogged(String piece) {
        await().untilAsserted(() ->
                assertThat(Files.readString(directory.resolve("access.log"))).contains(piece));
    }

    @Test
    void namesItselfAsItIsToldTo() throws IOException, InterruptedException {
        String answer = curl(BEHIND, "Via: 1.1 outer");

        assertThat(String.join(", ", seen().all("Via"))).isEqualTo("1.1 outer, 1.1 edge-1");
        assertThat(answer).contains("Via: 1.1 edge-1\r\n");
    }

    @Test
    void makesATraceContext() throws IOException, InterruptedException {
        curl(BEHIND);
        curl(OPEN);

        assertThat(seen().first("traceparent").orElseThrow()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
        assertThat(backend.requests().get(1).first("traceparent")).isEmpty();
    }

    @Test
    void tellsHowLongItTook() throws IOException, InterruptedException {
        assertThat(curl(OPEN))
                .containsPattern("server-timing: fairlead;dur=[0-9]+[.][0-9], upstream;dur=[0-9]+[.][0-9]");
        assertThat(curl(BEHIND)).doesNotContain("server-timing");
    }

    @Test
    void endsACircle() throws IOException, InterruptedException {
        String answer = curl(CIRCLE);

        assertThat(answer).startsWith("HTTP/1.1 502 ").contains("fairlead; error=proxy_loop_detected");
        assertThat(fairlead.metric("fairlead_http_faults_total", "loop")).isPositive();
    }

    @Test
    void keepsWhatItAddsWhateverConnectionNames() throws IOException {
        try (Wire wire = Wire.to(OPEN)) {
            wire.send("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: b\r\nX-Own: 1\r\nConnection: X-Forwarded-For, "
                            + "X-Request-Id, Via, Forwarded, Authorization, Host, X-Own\r\n\r\n")
                    .response();
        }

        assertThat(seen().first("X-Forwarded-For")).contains("127.0.0.1");
        assertThat(seen().first("X-Request-Id")).isPresent();
        assertThat(seen().first("Via")).isPresent();
        assertThat(seen().first("Forwarded")).isPresent();
        assertThat(seen().first("Authorization")).contains("b");
        assertThat(seen().first("X-Own")).isEmpty();
    }

    @Test
    void refusesTrace() throws IOException {
        try (Wire wire = Wire.to(OPEN)) {
            Message answer = wire.send("TRACE / HTTP/1.1\r\nHost: a\r\nCookie: c=1\r\n\r\n")
                    .response();

            assertThat(answer.status()).isEqualTo(501);
            assertThat(answer.text()).doesNotContain("c=1");
        }
        assertThat(backend.requests()).isEmpty();
    }

    @Test
    void passesOptionsOfTheWholeServerOn() throws IOException {
        try (Wire wire = Wire.to(OPEN)) {
            wire.send("OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: 3\r\n\r\n")
                    .response();
            wire.send("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n").response();
            Message own = wire.send("OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n")
                    .response();

            assertThat(own.status()).isEqualTo(200);
            assertThat(own.first("Content-Length")).contains("0");
        }
        assertThat(backend.requests()).extracting(Message::target).containsExactly("*", "*");
        assertThat(seen().first("Max-Forwards")).contains("2");
    }
}
