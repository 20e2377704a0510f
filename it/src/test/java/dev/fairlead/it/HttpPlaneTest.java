package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Layer 7 in front of real nginx: what a server says reaches the client as it was said.
class HttpPlaneTest {
    private static final int PORT = Repository.freePort();
    private static final String URL = "http://127.0.0.1:" + PORT;
    private static final byte[] CONTENT = new byte[300_000];
    private static NginxBackend one;
    private static NginxBackend two;
    private static Fairlead fairlead;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws IOException {
        new Random(7).nextBytes(CONTENT);
        one = NginxBackend.start("one");
        two = NginxBackend.start("two");
        for (NginxBackend each : List.of(one, two)) {
            Files.write(each.file("content"), CONTENT);
        }
        fairlead = Fairlead.start("""
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%d"
                    upstream: app
                    routes:
                      - {name: second, match: {host: two.test}, upstream: second}
                      - {name: wild, match: {host: "*.two.test", path-prefix: /name}, upstream: second}
                upstreams:
                  app: {endpoints: ["%s"]}
                  second: {endpoints: ["%s"]}
                """.formatted(PORT, one.address(), two.address()));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            one.close();
            two.close();
        }
    }

    @Test
    void passesStatusFieldsAndBody() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            Message answer = wire.get("/content");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.first("X-Backend")).contains("one");
            assertThat(answer.first("ETag")).isPresent();
            assertThat(answer.body()).isEqualTo(CONTENT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/broken 500", "/missing 404", "/moved 302"})
    void passesStatusesOfTheServer(String given) throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            Message answer = wire.get(given.split(" ")[0]);

            assertThat(answer.status()).isEqualTo(Integer.parseInt(given.split(" ")[1]));
            assertThat(answer.first("Proxy-Status")).as("not a fault of ours").isEmpty();
        }
    }

    @Test
    void keepsConnectionsOnBothSides() throws IOException {
        Set<String> upstream = new HashSet<>();
        try (Wire wire = Wire.to(PORT)) {
            for (int i = 0; i < 20; i++) {
                upstream.add(wire.get("/name").first("X-Connection").orElseThrow());
            }
        }

        assertThat(upstream).as("connections that nginx saw").hasSize(1);
    }

    @Test
    void takesTheConnectionOfAnotherClientFromThePool() throws IOException {
        Set<String> upstream = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            try (Wire wire = Wire.to(PORT)) {
                upstream.add(wire.get("/name").first("X-Connection").orElseThrow());
            }
        }

        assertThat(upstream).as("at most one for each loop").hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void answersHeadWithoutABody() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            Message head =
                    wire.send("HEAD /content HTTP/1.1\r\nHost: a\r\n\r\n").responseToHead();

            assertThat(head.status()).isEqualTo(200);
            assertThat(head.first("Content-Length")).contains("300000");
            assertThat(wire.get("/name").text()).as("the connection goes on").isEqualTo("one");
        }
    }

    @Test
    void answersNoContentWithoutABody() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            Message answer = wire.get("/nothing");

            assertThat(answer.status()).isEqualTo(204);
            assertThat(answer.first("Content-Length")).isEmpty();
            assertThat(answer.first("Transfer-Encoding")).isEmpty();
            assertThat(wire.get("/name").text()).isEqualTo("one");
        }
    }

    @Test
    void answersNotModifiedWithoutABody() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            String etag = wire.get("/content").first("ETag").orElseThrow();
            Message answer = wire.send("GET /content HTTP/1.1\r\nHost: a\r\nIf-None-Match: " + etag + "\r\n\r\n")
                    .response();

            assertThat(answer.status()).isEqualTo(304);
            assertThat(answer.first("ETag")).contains(etag);
            assertThat(wire.get("/name").text()).isEqualTo("one");
        }
    }

    @Test
    void routesOnHostAndPath() throws IOException {
        List<String> answers = new ArrayList<>();
        try (Wire wire = Wire.to(PORT)) {
            for (String host : List.of("a.test", "two.test", "TWO.test:80", "x.two.test", "x.y.two.test")) {
                answers.add(wire.send("GET /name HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                        .response()
                        .text());
            }
            answers.add(wire.send("GET /names HTTP/1.1\r\nHost: x.two.test\r\n\r\n")
                    .response()
                    .first("X-Backend")
                    .orElseThrow());
        }

        assertThat(answers).containsExactly("one", "two", "two", "two", "two", "one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http1.0", "--http1.1"})
    void servesCurl(String version) throws IOException, InterruptedException {
        Child.Result result = Curl.run(version, URL + "/content");

        assertThat(result.status()).as(result.errors()).isZero();
        assertThat(result.output()).isEqualTo(CONTENT);
    }

    @Test
    void closesAnHttp10ConnectionThatDoesNotAskForMore() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            Message answer = wire.send("GET /name HTTP/1.0\r\nHost: a\r\n\r\n").response();

            assertThat(answer.text()).isEqualTo("one");
            assertThat(wire.isEnded()).isTrue();
        }
    }

    @Test
    void takesAnUploadOfCurl() throws IOException, InterruptedException {
        Child.Result result = Curl.run("-o", "-", "-w", "%{http_code}", "-T", upload().toString(), URL + "/put/length");

        assertThat(result.text()).as(result.errors()).isEqualTo("201");
        assertThat(one.file("put/length")).hasBinaryContent(CONTENT);
    }

    @Test
    void takesAnUploadAfterSayingContinue() throws IOException, InterruptedException {
        Child.Result result = Curl.run(
                "-v",
                "-H",
                "Expect: 100-continue",
                "--expect100-timeout",
                "20",
                "--max-time",
                "10",
                "-T",
                upload().toString(),
                URL + "/put/expect");

        assertThat(result.status()).as(result.errors()).isZero();
        assertThat(result.errors()).contains("HTTP/1.1 100 Continue").contains("HTTP/1.1 201 Created");
        assertThat(one.file("put/expect")).hasBinaryContent(CONTENT);
    }

    @Test
    void takesAChunkedUpload() throws IOException, InterruptedException {
        Child.Result result = Curl.run(
                "-w",
                "%{http_code}",
                "-H",
                "Transfer-Encoding: chunked",
                "-H",
                "Expect:",
                "-T",
                upload().toString(),
                URL + "/put/chunked");

        assertThat(result.text()).as(result.errors()).isEqualTo("201");
        assertThat(one.file("put/chunked")).hasBinaryContent(CONTENT);
    }

    @Test
    void servesRangesAndConditions() throws IOException, InterruptedException {
        Child.Result result = Curl.run("-r", "100-199", URL + "/content");

        assertThat(result.text()).isEqualTo(new String(CONTENT, 100, 100, ISO_8859_1));
    }

    private Path upload() throws IOException {
        return Files.write(directory.resolve("upload"), CONTENT);
    }
}
