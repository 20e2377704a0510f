package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What routes do beside forwarding, with curl before and servers behind.
class ActionsTest {
    private static final int PORT = Repository.freePort();
    private static final String URL = "http://127.0.0.1:" + PORT;
    private static ScriptedBackend backend;
    private static NginxBackend nginx;
    private static Fairlead fairlead;

    @TempDir
    private static Path directory;

    @BeforeAll
    static void start() throws IOException {
        backend = ScriptedBackend.answering(request -> ScriptedBackend.ok("hello"));
        nginx = NginxBackend.start("one");
        Path page = Files.writeString(directory.resolve("sorry.html"), "<p>sorry");
        fairlead = Fairlead.start("""
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%1$d"
                    limits: {body-bytes: 20B}
                    routes:
                      - {match: {path-prefix: /old}, redirect: {prefix: /nginx, status: 301}}
                      - {match: {path-prefix: /nginx}, upstream: nginx, rewrite: {prefix: /}}
                      - {match: {path: /text}, respond: {body: "all well", status: 203}}
                      - {match: {path: /file}, respond: {file: "%2$s"}}
                      - {match: {path: /none}, respond: {status: 204}}
                      - {match: {path-prefix: /small}, upstream: app, body-bytes: 5B}
                      - {match: {path-prefix: /large}, upstream: app, body-bytes: 1KiB}
                      - match: {path-prefix: /rules}
                        name: ruled
                        upstream: app
                        rewrite: {prefix: /inner, host: inner.test}
                        request-headers: {set: {X-Who: "{client} by {route} {request-id}"}, remove: [Cookie]}
                        response-headers: {set: {X-Host: "{host}"}, add: {X-Id: "{request-id}"}, remove: [Server]}
                      - {match: {path-prefix: /endpoint}, upstream: app, rewrite: {endpoint-host: true}}
                upstreams:
                  app: {endpoints: ["%3$s"]}
                  nginx: {endpoints: ["%4$s"]}
                """.formatted(PORT, page, backend.address(), nginx.address()));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            backend.close();
            nginx.close();
        }
    }

    @BeforeEach
    void forget() {
        backend.forgetRequests();
    }

    @Test
    void redirectsCurlToTheNewPlace() throws IOException, InterruptedException {
        Child.Result result = Curl.run("-L", "-w", " %{num_redirects} %{url_effective}", URL + "/old/name?a=b");

        assertThat(result.text()).isEqualTo("one 1 " + URL + "/nginx/name?a=b");
    }

    @Test
    void rewritesThePathForNginx() throws IOException, InterruptedException {
        assertThat(Curl.run(URL + "/nginx/name").text()).isEqualTo("one");
    }

    @Test
    void answersByItself() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            Message text = wire.get("/text");
            assertThat(text.status()).isEqualTo(203);
            assertThat(text.text()).isEqualTo("all well");
            assertThat(text.first("Content-Type")).contains("text/plain; charset=utf-8");

            Message head = wire.send("HEAD /text HTTP/1.1\r\nHost: a\r\n\r\n").responseToHead();
            assertThat(head.first("Content-Length")).contains("8");
            assertThat(wire.get("/none").status()).isEqualTo(204);

            Message file = wire.get("/file");
            assertThat(file.text()).isEqualTo("<p>sorry");
            assertThat(file.first("Content-Type")).contains("text/html; charset=utf-8");
            String etag = file.first("ETag").orElseThrow();
            Message same = wire.send("GET /file HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"x\", W/" + etag + "\r\n\r\n")
                    .response();
            assertThat(same.status()).isEqualTo(304);
            assertThat(same.first("ETag")).contains(etag);
            assertThat(wire.get("/text").status()).as("the connection goes on").isEqualTo(203);
        }
    }

    @Test
    void keepsTheConnectionOverAShortBodyThatNobodyReads() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            Message answer = wire.send("POST /text HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
                    .response();

            assertThat(answer.status()).isEqualTo(203);
            assertThat(wire.get("/text").status()).isEqualTo(203);
        }
    }

    private static int post(String path, int bytes, boolean chunked) throws IOException {
        String body = "x".repeat(bytes);
        String rest = chunked
                ? "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(bytes) + "\r\n" + body + "\r\n0\r\n\r\n"
                : "Content-Length: " + bytes + "\r\n\r\n" + body;
        try (Wire wire = Wire.to(PORT)) {
            return wire.send("POST " + path + " HTTP/1.1\r\nHost: a\r\n" + rest)
                    .response()
                    .status();
        }
    }

    @Test
    void boundsBodiesByRoute() throws IOException {
        for (boolean chunked : new boolean[] {false, true}) {
            assertThat(post("/small", 5, chunked)).isEqualTo(200);
            assertThat(post("/small", 6, chunked)).isEqualTo(413);
            assertThat(post("/large", 1000, chunked)).isEqualTo(200);
            assertThat(post("/endpoint", 21, chunked)).as("of the listener").isEqualTo(413);
        }
    }

    @Test
    void appliesRulesInBothDirections() throws IOException, InterruptedException {
        String answer = Curl.run("-i", "-H", "Cookie: c=1", "-H", "X-Who: me", URL + "/rules/x?y")
                .text();

        Message seen = backend.requests().getFirst();
        String id = seen.first("X-Request-Id").orElseThrow();
        assertThat(seen.target()).isEqualTo("/inner/x?y");
        assertThat(seen.all("Host")).containsExactly("inner.test");
        assertThat(seen.all("X-Who")).containsExactly("127.0.0.1 by ruled " + id);
        assertThat(seen.first("Cookie")).isEmpty();
        assertThat(seen.first("X-Forwarded-Host")).contains("127.0.0.1:" + PORT);
        assertThat(answer).contains("X-Host: 127.0.0.1:" + PORT + "\r\n").contains("X-Id: " + id + "\r\n");
    }

    @Test
    void namesTheEndpointAsHost() throws IOException, InterruptedException {
        Curl.run(URL + "/endpoint");

        assertThat(backend.requests().getFirst().all("Host")).containsExactly(backend.address());
    }
}
