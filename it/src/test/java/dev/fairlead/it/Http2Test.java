package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// HTTP/2 with clients that Fairlead's makers did not write: curl, nghttp2's and a browser.
@Timeout(180)
class Http2Test {
    private static final Path NGHTTP = Path.of("/usr/bin/nghttp");
    private static final Path H2LOAD = Path.of("/usr/bin/h2load");

    /// Loads itself a few times more, and writes down by which protocol.
    private static final String PAGE =
            "<html><body><script>(async()=>{for(let i=0;i<20;i++)await (await fetch('/asset?'+i)).text();"
                    + "const p=performance.getEntries().filter(e=>e.nextHopProtocol!==undefined).map(e=>e.nextHopProtocol);"
                    + "await fetch('/told?'+p.length+'-'+[...new Set(p)].join('-'))})()</script></body></html>";

    private static final Map<String, Integer> PORTS = new HashMap<>();

    @TempDir
    private static Path folder;

    private static NginxBackend nginx;
    private static Certificate certificate;
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        nginx = NginxBackend.start("http2");
        for (String listener : List.of("secure", "plain", "only1")) {
            PORTS.put(listener, Repository.freePort());
        }
        certificate = Certificate.of(folder, "one.example");
        fairlead = Fairlead.start("""
                listeners:
                  secure:
                    protocol: http
                    address: "127.0.0.1:%d"
                    upstream: app
                    tls:
                      host-agreement: nothing
                      certificates: [{certificate: %s, key: %s}]
                    routes:
                      - match: {path: /page}
                        respond: {status: 200, content-type: text/html, body: "%s"}
                      - {match: {path: /asset}, respond: {status: 200, body: asset}}
                      - {match: {path: /told}, respond: {status: 204}}
                  plain: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                  only1:
                    protocol: http
                    address: "127.0.0.1:%d"
                    upstream: app
                    http2: {enabled: false}
                    tls:
                      host-agreement: nothing
                      certificates: [{certificate: %2$s, key: %3$s}]
                upstreams:
                  app: {endpoints: ["127.0.0.1:%d"]}
                access-log: {path: stderr, format: combined}
                """.formatted(
                        PORTS.get("secure"),
                        certificate.file(),
                        certificate.key(),
                        PAGE,
                        PORTS.get("plain"),
                        PORTS.get("only1"),
                        nginx.port()));
    }

    @AfterAll
    static void stop() throws Exception {
        fairlead.close();
        nginx.close();
    }

    private static String url(String listener, String path) {
        String scheme = listener.equals("plain") ? "http" : "https";
        return scheme + "://127.0.0.1:" + PORTS.get(listener) + path;
    }

    /// Version and status that curl finds.
    private static String curl(String listener, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(
                List.of("-k", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", url(listener, "/name")));
        all.addAll(List.of(arguments));
        Child.Result result = Curl.run(all.toArray(String[]::new));
        assertThat(result.status()).as(result.errors()).isZero();
        return result.text();
    }

    @Test
    void isAgreedOnByAlpnWhereTheClientKnowsIt() throws Exception {
        assertThat(curl("secure")).isEqualTo("2 200");
        assertThat(curl("secure", "--http1.1")).isEqualTo("1.1 200");
        assertThat(curl("secure", "--no-alpn")).isEqualTo("1.1 200");
        assertThat(curl("only1", "--http2")).isEqualTo("1.1 200");
        assertThat(curl("secure", "--tls-max", "1.2")).isEqualTo("2 200");
    }

    @Test
    void isSpokenInTheClearToWhoKnowsItBefore() throws Exception {
        assertThat(curl("plain", "--http2-prior-knowledge")).isEqualTo("2 200");
        assertThat(curl("plain", "--http1.1")).isEqualTo("1.1 200");
        // h2c by Upgrade is no longer part of HTTP/2 (RFC 9113 §3.1): answered as if it had not been asked for.
        assertThat(curl("plain", "--http2")).isEqualTo("1.1 200");
    }

    @Test
    void carriesLargeBodiesBothWays() throws Exception {
        Path large = folder.resolve("large");
        try (OutputStream out = Files.newOutputStream(large)) {
            RandomContent.write(out, 20_000_000);
        }

        Child.Result up = Curl.run(
                "-k",
                "-T",
                large.toString(),
                "-w",
                "%{http_version} %{http_code} %{size_upload}",
                "-o",
                "/dev/null",
                url("secure", "/put/large"));

        assertThat(up.text()).matches("2 20[14] 20000000");
        Path back = folder.resolve("back");
        Child.Result down = Curl.run("-k", "-w", "%{http_version}", "-o", back.toString(), url("secure", "/put/large"));
        assertThat(down.text()).isEqualTo("2");
        assertThat(Files.mismatch(large, back)).isEqualTo(-1);
    }

    @Test
    void nghttpIsContent() throws Exception {
        assumeTrue(Files.isExecutable(NGHTTP), "SKIPPED: no " + NGHTTP + "; .ci/run installs it");
        Child.Result result = Child.run(folder, NGHTTP.toString(), "-nv", url("plain", "/name"));

        assertThat(result.status()).as(result.text() + result.errors()).isZero();
        assertThat(result.text()).contains(":status: 200").doesNotContain("error_code=PROTOCOL_ERROR");
    }

    @Test
    void h2loadLosesNothing() throws Exception {
        assumeTrue(Files.isExecutable(H2LOAD), "SKIPPED: no " + H2LOAD + "; .ci/run installs it");
        for (String listener : List.of("plain", "secure")) {
            Child.Result result = Child.run(folder, H2LOAD.toString(), "-n5000", "-c8", "-m50", url(listener, "/name"));

            assertThat(result.text()).as(result.errors()).contains("5000 succeeded, 0 failed, 0 errored, 0 timeout");
            assertThat(result.text()).contains("5000 2xx");
        }
    }

    @Test
    void aBrowserTellsThatItSpeaksIt() throws Exception {
        try (Chromium browser = Chromium.open(url("secure", "/page"))) {
            await().atMost(Duration.ofSeconds(60)).until(() -> fairlead.log().contains("/told?") || !browser.isAlive());

            // Nothing else: not `h2-http/1.1`.
            assertThat(fairlead.log()).containsPattern("\"GET /told\\?2[0-9]-h2 HTTP/2.0\" 204");
        }
    }
}
