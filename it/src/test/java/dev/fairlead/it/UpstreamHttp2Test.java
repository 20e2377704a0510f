package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// HTTP/2 to nghttpd, nghttp2's server, in the clear and by ALPN.
@Timeout(180)
class UpstreamHttp2Test {
    private static final byte[] LARGE = new byte[3 << 20];

    @TempDir
    private static Path folder;

    private static final int PLAIN = Repository.freePort();
    private static final int SECURE = Repository.freePort();
    private static final int FRONT = Repository.freePort();

    private static Child plain;
    private static Child secure;
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        new Random(7).nextBytes(LARGE);
        Path files = Files.createDirectories(folder.resolve("files"));
        Files.writeString(files.resolve("name"), "nghttpd");
        Files.write(files.resolve("large"), LARGE);
        Certificate certificate = Certificate.of(folder, "app.example");
        plain = nghttpd(files, "--no-tls", "--trailer", "x-sum: 7", "" + PLAIN);
        secure = nghttpd(
                files,
                "" + SECURE,
                certificate.key().toString(),
                certificate.file().toString());
        awaitListening(PLAIN);
        awaitListening(SECURE);
        fairlead = Fairlead.start("""
                loops: 1
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%1$d"
                    routes:
                      - {match: {path-prefix: /plain/}, upstream: plain, rewrite: {prefix: /}}
                      - {match: {path-prefix: /secure/}, upstream: secure, rewrite: {prefix: /}}
                upstreams:
                  plain: {endpoints: ["127.0.0.1:%2$d"], http2: {}}
                  secure:
                    endpoints: ["127.0.0.1:%3$d"]
                    http2: {}
                    tls: {server-name: app.example, ca: %4$s}
                """.formatted(FRONT, PLAIN, SECURE, certificate.file()));
    }

    private static Child nghttpd(Path files, String... more) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("/usr/sbin/nghttpd", "-a", "127.0.0.1", "-d", files.toString(), "-m", "100"));
        command.addAll(List.of(more));
        return Child.start(folder, command);
    }

    private static void awaitListening(int port) {
        Awaitility.await().ignoreExceptions().until(() -> {
            Wire.to(port).close();
            return true;
        });
    }

    @AfterAll
    static void stop() throws Exception {
        fairlead.close();
        plain.close();
        secure.close();
    }

    private static String url(String path) {
        return "http://127.0.0.1:" + FRONT + path;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain", "/secure"})
    void asksForWhatBothVersionsAskFor(String upstream) throws Exception {
        for (String version : List.of("--http1.1", "--http2-prior-knowledge")) {
            Awaitility.await()
                    .untilAsserted(() -> assertThat(Curl.run(version, "-f", url(upstream + "/name"))
                                    .text())
                            .isEqualTo("nghttpd"));
            Path got = folder.resolve("got");
            Child.Result result = Curl.run(version, "-f", "-o", got.toString(), url(upstream + "/large"));
            assertThat(result.status()).as(result.errors()).isZero();
            assertThat(got).hasBinaryContent(LARGE);
        }
    }

    @Test
    void passesTrailersOn() throws Exception {
        Child.Result result = Child.run(folder, "/usr/bin/nghttp", "-v", "-H", "te: trailers", url("/plain/name"));

        assertThat(result.text()).contains("x-sum: 7");
    }

    @Test
    void letsManyStreamsShareOneConnection() throws Exception {
        Child.Result result =
                Child.run(folder, "/usr/bin/h2load", "-n", "4000", "-c", "2", "-m", "40", url("/secure/name"));

        assertThat(result.text()).contains("4000 succeeded, 0 failed");
        assertThat(fairlead.metric("fairlead_endpoint_connections_open", "upstream=\"secure\""))
                .isLessThanOrEqualTo(1);
    }

    @Test
    void bringsBodiesUp() throws Exception {
        Path file = Files.write(folder.resolve("up"), LARGE);

        // It answers without reading to the end, which no client may mistake for a failure of the answer.
        Child.Result result = Curl.run(
                "--http2-prior-knowledge",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                "--data-binary",
                "@" + file,
                url("/plain/name"));

        assertThat(result.text()).isEqualTo("200");
    }

    @Test
    void refusesAnEndpointThatDoesNotChooseHttp2() throws Exception {
        int port = Repository.freePort();
        Certificate certificate = Certificate.of(folder, "old.example");
        try (Server _ = Server.nginx(
                "server { listen 127.0.0.1:%d ssl; ssl_certificate %s; ssl_certificate_key %s; }"
                        .formatted(port, certificate.file(), certificate.key()),
                port)) {
            int front = Repository.freePort();
            try (Fairlead other = Fairlead.start("""
                    listeners:
                      web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                    upstreams:
                      app: {endpoints: ["127.0.0.1:%d"], http2: {}, tls: {verify: false}}
                    """.formatted(front, port))) {
                Child.Result result = Curl.run("-i", "http://127.0.0.1:" + front + "/");
                assertThat(result.text()).contains("502", "tls_alert_received");
                assertThat(other.metric("fairlead_http_faults_total", "fault=\"tls_alert\""))
                        .isEqualTo(1);
            }
        }
    }
}
