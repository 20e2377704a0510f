package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// An endpoint that compresses whatever it is asked for, before clients that take no coding.
class DecompressionTest {
    private static final String PAGE = page();

    private static String page() {
        var text = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            text.append("<p>words of a page, ").append(i * 7919 % 4999).append(" of them</p>\n");
        }
        return text.toString();
    }

    private final int web = Repository.freePort();
    private ScriptedBackend origin;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        origin = ScriptedBackend.answering(request -> answer(request));
        begin(origin.address());
    }

    private void begin(String address) throws IOException {
        fairlead = Fairlead.start("""
                loops: 2
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%d"
                    compress: {decompress: true, decompress-max: 2MiB}
                    routes:
                      - {match: {path-prefix: /kept}, upstream: app, cache: {}}
                    upstream: app
                upstreams:
                  app: {endpoints: ["%s"]}
                """.formatted(web, address));
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        fairlead.close();
        origin.close();
    }

    private static String answer(Message request) {
        String target = request.target();
        String body = gzip(
                switch (target) {
                    case "/bomb" -> "0".repeat(5_000_000);
                    // Its first 64 KiB are none.
                    case "/late" -> random(300_000) + "0".repeat(20_000_000);
                    default -> PAGE;
                });
        if (target.equals("/broken")) {
            body = body.substring(0, body.length() / 2) + "no more of it";
        }
        boolean isHead = request.start().startsWith("HEAD ");
        return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nETag: \"1\"\r\n"
                + "Cache-Control: max-age=60\r\nContent-Length: " + body.length() + "\r\n\r\n" + (isHead ? "" : body);
    }

    private static String random(int size) {
        var text = new StringBuilder();
        var random = new java.util.Random(1);
        for (int i = 0; i < size; i++) {
            text.append((char) random.nextInt(256));
        }
        return text.toString();
    }

    private static String gzip(String text) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(ISO_8859_1));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toString(ISO_8859_1);
    }

    private Message ask(String method, String target, String fields) throws IOException {
        try (Wire wire = Wire.to(web).send(method + " " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n")) {
            return method.equals("HEAD") ? wire.responseToHead() : wire.response();
        }
    }

    @Test
    void aClientThatTakesNoCodingGetsNone() throws Exception {
        for (String takes : new String[] {"", "Accept-Encoding: gzip;q=0, identity\r\n", "Accept-Encoding:\r\n"}) {
            Message page = ask("GET", "/page", takes);
            assertThat(page.text().equals(PAGE)).as(takes).isTrue();
            assertThat(page.first("Content-Encoding")).isEmpty();
            assertThat(page.first("ETag")).contains("W/\"1\"");
            assertThat(page.first("Vary")).contains("Accept-Encoding");
            assertThat(page.whole()).isTrue();
        }
        Message head = ask("HEAD", "/page", "");
        assertThat(head.first("Content-Encoding")).isEmpty();
        assertThat(head.first("Content-Length")).isEmpty();
        assertThat(fairlead.metric("fairlead_decompression_responses_total", "gzip"))
                .isEqualTo(3);
    }

    @Test
    void aClientThatTakesItGetsItAsItCame() throws Exception {
        Message page = ask("GET", "/page", "Accept-Encoding: gzip\r\n");
        assertThat(page.first("Content-Encoding")).contains("gzip");
        assertThat(page.first("ETag")).contains("\"1\"");
        assertThat(page.first("Vary")).contains("Accept-Encoding");
        assertThat(page.text().equals(gzip(PAGE))).isTrue();
    }

    @Test
    void whatIsDecodedIsKeptSoAndGivenInParts() throws Exception {
        assertThat(ask("GET", "/kept", "").text().equals(PAGE)).isTrue();
        Message hit = ask("GET", "/kept", "");
        assertThat(hit.first("Cache-Status").orElseThrow()).contains("hit");
        assertThat(hit.text().equals(PAGE)).isTrue();
        Message part = ask("GET", "/kept", "Range: bytes=100000-100009\r\n");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.text()).isEqualTo(PAGE.substring(100_000, 100_010));
        Message coded = ask("GET", "/kept", "Accept-Encoding: gzip\r\n");
        assertThat(coded.first("Content-Encoding")).contains("gzip");
        assertThat(coded.text().equals(gzip(PAGE))).isTrue();
    }

    /// nginx has the file as gzip only, and sends that to whoever asks (`gzip_static always`).
    @Test
    void whatNginxHasCompressedOnlyIsReadByEverybody() throws Exception {
        fairlead.close();
        try (NginxBackend nginx = NginxBackend.start("packer")) {
            begin(nginx.address());
            Files.createDirectories(nginx.file("packed"));
            Files.writeString(nginx.file("packed/page.gz"), gzip(PAGE), ISO_8859_1);
            Files.writeString(nginx.file("packed/torn.gz"), gzip(PAGE).substring(0, 5_000), ISO_8859_1);
            String url = "http://127.0.0.1:" + web + "/packed/";
            Child.Result plain = Curl.run("-D", "-", url + "page");
            assertThat(plain.text()).endsWith("\r\n\r\n" + PAGE);
            assertThat(plain.text().substring(0, 1_000).toLowerCase(Locale.ROOT))
                    .contains("vary: accept-encoding")
                    .doesNotContain("content-encoding");
            assertThat(Curl.run("--http2-prior-knowledge", url + "page").text()).isEqualTo(PAGE);
            Child.Result coded = Curl.run("-D", "-", "-H", "Accept-Encoding: gzip", url + "page");
            assertThat(coded.text()).endsWith("\r\n\r\n" + gzip(PAGE)).contains("Content-Encoding: gzip");
            assertThat(Curl.run("--compressed", url + "page").text()).isEqualTo(PAGE);
            // To whoever takes no coding, what is torn looks so.
            assertThat(Curl.run("-f", url + "torn").status()).isNotZero();
        }
    }

    @Test
    void bombsAndWhatIsBrokenAreRefused() throws Exception {
        Message bomb = ask("GET", "/bomb", "");
        assertThat(bomb.status()).isEqualTo(502);
        assertThat(bomb.first("Proxy-Status").orElseThrow()).contains("http_response_body_size");
        // Too late for a 502, and never to be taken for the whole.
        Message late = ask("GET", "/late", "");
        assertThat(late.status()).isEqualTo(200);
        assertThat(late.whole()).isFalse();
        Message broken = ask("GET", "/broken", "");
        assertThat(broken.status() == 502 || !broken.whole()).isTrue();
        assertThreeFailed();
        // Whoever takes the coding is not asked to be protected.
        assertThat(ask("GET", "/bomb", "Accept-Encoding: gzip\r\n").status()).isEqualTo(200);
        assertThat(ask("GET", "/page", "").text().equals(PAGE)).isTrue();
    }

    private void assertThreeFailed() {
        assertThat(fairlead.metric("fairlead_decompression_failures_total")).isEqualTo(3);
        assertThat(fairlead.metric("fairlead_compression_memory_bytes")).isZero();
    }
}
