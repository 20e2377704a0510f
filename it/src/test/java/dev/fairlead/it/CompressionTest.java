package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is compressed, and what is not, through the real program: from nginx to curl, and from an endpoint that says
/// what a test wants.
class CompressionTest {
    private static final String TEXT = "{\"item\": \"what stands here is said again and again\"},\n".repeat(2000);
    private static final String TAKES = "Accept-Encoding: gzip\r\n";

    private final int web = Repository.freePort();
    private final AtomicInteger kept = new AtomicInteger();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private NginxBackend nginx;
    private ScriptedBackend origin;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        nginx = NginxBackend.start("one");
        Files.writeString(nginx.file("large.txt"), TEXT);
        Files.writeString(nginx.file("small.txt"), "small");
        origin = ScriptedBackend.playing(connection -> {
            for (var request = connection.request(); request.isPresent(); request = connection.request()) {
                answer(connection, request.get());
            }
        });
        fairlead = Fairlead.start("""
                loops: 2
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%d"
                    compress: {}
                    routes:
                      - {match: {path-prefix: /files}, upstream: nginx, rewrite: {prefix: /}}
                      - {match: {path-prefix: /kept}, upstream: app, cache: {}}
                      - {match: {path-prefix: /kept/files}, upstream: nginx, rewrite: {prefix: /}, cache: {heuristic-max: 0s, default-ttl: 0s}}
                      - {match: {path: /events}, upstream: app, compress: {size-min: 0B}}
                      - {match: {path-prefix: /plain}, upstream: app, compress: {enabled: false}}
                    upstream: app
                upstreams:
                  app: {endpoints: ["%s"]}
                  nginx: {endpoints: ["%s"]}
                """.formatted(web, origin.address(), nginx.address()));
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        goOn.countDown();
        fairlead.close();
        origin.close();
        nginx.close();
    }

    private void answer(ScriptedBackend.Connection connection, Message request)
            throws IOException, InterruptedException {
        String fields = switch (request.target()) {
            case "/no-transform" -> "Cache-Control: public, no-transform\r\n";
            case "/coded" -> "Content-Encoding: br\r\n";
            case "/digests" ->
                "Content-Digest: sha-256=:AA==:\r\nRepr-Digest: sha-256=:AA==:\r\nDigest: a=b\r\nContent-MD5: x\r\n"
                        + "Accept-Ranges: bytes\r\nETag: \"v1\"\r\n";
            case "/kept" -> {
                kept.incrementAndGet();
                yield "Cache-Control: max-age=60\r\nETag: \"v1\"\r\nAccept-Ranges: bytes\r\n";
            }
            case "/varies" -> "Vary: Origin\r\n";
            case "/tagged" -> "ETag: W/\"v1\"\r\nVary: accept-ENCODING\r\n";
            case "/match" -> "X-Match: " + request.first("If-Match").orElse("") + "\r\n";
            default -> "";
        };
        switch (request.target()) {
            case "/events" -> {
                connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 26\r\n\r\n"
                        + "data: first\n\n");
                goOn.await();
                connection.send("data: later\n\n");
            }
            case "/grpc" ->
                connection.send("HTTP/1.1 200 OK\r\nContent-Type: application/grpc+proto\r\nContent-Length: "
                        + TEXT.length() + "\r\n\r\n" + TEXT);
            case "/chunks" ->
                connection.send(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
                                + "Trailer: X-Sum\r\n\r\n5\r\nfirst\r\n6\r\n later\r\n0\r\nX-Sum: 11\r\nRepr-Digest: sha-256=:AA==:\r\n\r\n");
            case "/cut" -> {
                connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 99999\r\n\r\n"
                        + "x".repeat(9999));
                connection.socket().close();
            }
            default -> {
                String body = request.start().startsWith("HEAD") ? "" : TEXT;
                connection.send("HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: "
                        + TEXT.length() + "\r\n" + fields + "\r\n" + body);
            }
        }
    }

    /// Each coding is asked for and made once; who takes none gets the bytes as they are, and parts of these.
    @Test
    void whatIsKeptIsCompressedOnce() throws Exception {
        for (int round = 0; round < 3; round++) {
            assertCompressed(ask("/kept", TAKES));
            assertCompressed(ask("/kept", "Accept-Encoding: deflate;q=0.7, GZIP;q=0.8\r\n"));
            assertPlain(ask("/kept", ""));
            assertPlain(ask("/kept", "Accept-Encoding: deflate\r\n"));
            assertThat(ask("/kept", "Accept-Encoding: gzip, deflate, br, zstd\r\n")
                            .first("Content-Encoding"))
                    .hasValue("zstd");
        }
        assertThat(kept).hasValue(3);
        assertThat(fairlead.metric("fairlead_compression_responses_total", "gzip"))
                .isEqualTo(1);
        assertThat(fairlead.metric("fairlead_compression_responses_total", "zstd"))
                .isEqualTo(1);
        assertThat(fairlead.metric("fairlead_cache_requests_total", "hit")).isEqualTo(12);
        Message hit = ask("/kept", TAKES);
        assertThat(hit.first("ETag")).hasValue("W/\"v1\"");
        assertThat(hit.first("Content-Length")).hasValue(Integer.toString(hit.body().length));
        assertThat(unzipped(hit.body())).isEqualTo(TEXT);
        Message part = ask("/kept", TAKES + "Range: bytes=1-4\r\nIf-Range: \"v1\"\r\n");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.text()).isEqualTo(TEXT.substring(1, 5));
        assertThat(ask("/kept", TAKES + "If-None-Match: W/\"v1\"\r\n").status()).isEqualTo(304);
        assertThat(kept).hasValue(3);
    }

    /// nginx's files say nothing of how long: each time it is asked whether they are still the same.
    @Test
    void whatIsKeptCompressedIsAskedForAgainByItsTag() throws Exception {
        for (int round = 0; round < 3; round++) {
            Message answer = ask("/kept/files/large.txt", TAKES);
            assertThat(unzipped(answer.body())).isEqualTo(TEXT);
            assertThat(answer.first("ETag").orElse("")).startsWith("W/");
            assertThat(answer.first("Accept-Ranges")).isEmpty();
        }
        assertThat(fairlead.metric("fairlead_compression_responses_total", "gzip"))
                .isEqualTo(1);
        assertThat(fairlead.metric("fairlead_cache_requests_total", "revalidated"))
                .isEqualTo(2);
        Files.writeString(nginx.file("large.txt"), TEXT + "changed");
        assertThat(unzipped(ask("/kept/files/large.txt", TAKES).body())).isEqualTo(TEXT + "changed");
    }

    private Message ask(String target, String fields) throws IOException {
        try (Wire wire = Wire.to(web)) {
            return wire.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n")
                    .response();
        }
    }

    private static String unzipped(byte[] body) throws IOException {
        try (var in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            return new String(in.readAllBytes(), ISO_8859_1);
        }
    }

    private static void assertCompressed(Message answer) throws IOException {
        assertThat(answer.first("Content-Encoding")).hasValue("gzip");
        assertThat(answer.first("Accept-Ranges")).isEmpty();
        assertThat(String.join(",", answer.all("Vary"))).containsIgnoringCase("accept-encoding");
        assertThat(answer.body().length).isLessThan(TEXT.length() / 10);
        assertThat(unzipped(answer.body())).isEqualTo(TEXT);
    }

    private static void assertPlain(Message answer) {
        assertThat(answer.first("Content-Encoding")).isEmpty();
        assertThat(answer.first("Content-Length")).hasValue(Integer.toString(TEXT.length()));
        assertThat(answer.text()).isEqualTo(TEXT);
    }

    @Test
    void curlGetsFromNginxWhatItAskedFor() throws Exception {
        String url = "http://127.0.0.1:" + web + "/files/large.txt";
        Child.Result whole = Curl.run("-H", "Accept-Encoding: gzip", "--compressed", "-w", "%{size_download}", url);
        assertThat(whole.status()).as(whole.errors()).isZero();
        assertThat(whole.text()).startsWith(TEXT);
        int size = Integer.parseInt(whole.text().substring(TEXT.length()));
        assertThat(size).isLessThan(TEXT.length() / 10);
        assertThat(Curl.run(url).text()).isEqualTo(TEXT);
        // Debian's curl has all three.
        assertThat(Curl.run("--compressed", url).text()).isEqualTo(TEXT);
        assertThat(Curl.run("-H", "Accept-Encoding: br", "--compressed", url).text())
                .isEqualTo(TEXT);
        assertThat(fairlead.metric("fairlead_compression_responses_total", "zstd"))
                .isEqualTo(1);
        assertThat(fairlead.metric("fairlead_compression_responses_total", "br"))
                .isEqualTo(1);
        assertThat(Curl.run("--compressed", "http://127.0.0.1:" + web + "/files/small.txt")
                        .text())
                .isEqualTo("small");
        assertThat(fairlead.metric("fairlead_compression_responses_total", "gzip"))
                .isEqualTo(1);
        assertThat(fairlead.metric("fairlead_compression_in_bytes_total", "gzip"))
                .isEqualTo(TEXT.length());
        assertThat(fairlead.metric("fairlead_compression_out_bytes_total", "gzip"))
                .isEqualTo(size);
        assertThat(fairlead.metric("fairlead_compression_memory_bytes"))
                .as("nothing is compressed now")
                .isZero();
    }

    @Test
    void whatTheClientDoesNotTakeGoesAsItIs() throws Exception {
        assertCompressed(ask("/", TAKES));
        assertCompressed(ask("/", "Accept-Encoding: compress;q=1, gzip;q=0.1\r\n"));
        for (String accepts :
                new String[] {"", "Accept-Encoding: compress\r\n", "Accept-Encoding: gzip;q=0, identity\r\n"}) {
            Message plain = ask("/", accepts);
            assertPlain(plain);
            assertThat(plain.first("Vary")).as("another may get another").hasValue("Accept-Encoding");
        }
        try (Wire wire = Wire.to(web)) {
            assertPlain(
                    wire.send("GET / HTTP/1.0\r\nHost: a\r\n" + TAKES + "\r\n").response());
        }
        assertPlain(ask("/plain", TAKES));
        assertThat(ask("/plain", TAKES).first("Vary")).isEmpty();
    }

    @Test
    void whatMustNotBeChangedIsNot() throws Exception {
        assertPlain(ask("/no-transform", TAKES));
        assertPlain(ask("/", TAKES + "Cache-Control: max-age=0, no-transform\r\n"));
        Message coded = ask("/coded", TAKES);
        assertThat(coded.all("Content-Encoding")).containsExactly("br");
        assertThat(coded.text()).isEqualTo(TEXT);
        Message grpc = ask("/grpc", TAKES);
        assertPlain(grpc);
        assertThat(grpc.first("Vary")).isEmpty();
    }

    @Test
    void fieldsFollowTheBody() throws Exception {
        Message answer = ask("/digests", TAKES);
        assertCompressed(answer);
        assertThat(answer.first("ETag")).hasValue("W/\"v1\"");
        for (String gone : new String[] {"Content-Digest", "Repr-Digest", "Digest", "Content-MD5", "Accept-Ranges"}) {
            assertThat(answer.first(gone)).as(gone).isEmpty();
        }
        Message plain = ask("/digests", "");
        assertThat(plain.first("ETag")).hasValue("\"v1\"");
        assertThat(plain.first("Repr-Digest")).isPresent();
        assertThat(ask("/varies", TAKES).all("Vary")).containsExactly("Origin", "Accept-Encoding");
        Message tagged = ask("/tagged", TAKES);
        assertThat(tagged.all("ETag")).containsExactly("W/\"v1\"");
        assertThat(tagged.all("Vary")).hasSize(1);
        try (Wire wire = Wire.to(web)) {
            Message head = wire.send("HEAD /digests HTTP/1.1\r\nHost: a\r\n" + TAKES + "\r\n")
                    .responseToHead();
            assertThat(head.first("Content-Encoding")).hasValue("gzip");
            assertThat(head.first("ETag")).hasValue("W/\"v1\"");
            assertThat(head.first("Content-Length")).isEmpty();
            assertThat(wire.get("/plain").text()).as("the connection goes on").isEqualTo(TEXT);
        }
    }

    @Test
    void conditionsAndRangesMeanWhatTheClientSaw() throws Exception {
        Message first = ask("/files/large.txt", TAKES);
        assertCompressed(first);
        String tag = first.first("ETag").orElseThrow();
        assertThat(tag).startsWith("W/\"");
        Message same = ask("/files/large.txt", TAKES + "If-None-Match: " + tag + "\r\n");
        assertThat(same.status()).isEqualTo(304);
        assertThat(same.first("ETag")).hasValue(tag);
        assertThat(same.first("Vary")).hasValue("Accept-Encoding");
        assertThat(ask("/files/large.txt", TAKES + "If-Match: " + tag + "\r\n").status())
                .as("nginx compares it strongly")
                .isEqualTo(200);
        assertThat(ask("/files/large.txt", TAKES + "If-Match: W/\"other\"\r\n").status())
                .isEqualTo(412);
        assertThat(ask("/match", "If-Match: W/\"a\", \"W/\", W/\"b,W/\"\r\n").first("X-Match"))
                .hasValue("\"a\", \"W/\", \"b,W/\"");
        Message part = ask("/files/large.txt", TAKES + "Range: bytes=1-4\r\n");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.text()).isEqualTo(TEXT.substring(1, 5));
        assertThat(part.first("Content-Encoding")).isEmpty();
        assertCompressed(ask("/files/large.txt", TAKES + "Range: bytes=1-4\r\nIf-Range: " + tag + "\r\n"));
        assertThat(ask("/files/nothing", TAKES).status()).isEqualTo(204);
    }

    @Test
    void eachEventIsThereWhenItIsSent() throws Exception {
        try (Wire wire = Wire.to(web).send("GET /events HTTP/1.1\r\nHost: a\r\n" + TAKES + "\r\n")) {
            InputStream in = wire.in();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            assertThat(head).containsIgnoringCase("content-encoding: gzip");
            var events = new GZIPInputStream(new Chunks(in));
            assertThat(new String(events.readNBytes(13), ISO_8859_1)).isEqualTo("data: first\n\n");
            goOn.countDown();
            assertThat(new String(events.readAllBytes(), ISO_8859_1)).isEqualTo("data: later\n\n");
        }
    }

    @Test
    void trailersComeBehind() throws Exception {
        try (Wire wire = Wire.to(web).send("GET /chunks HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n" + TAKES + "\r\n")) {
            Message answer = wire.response();
            assertThat(unzipped(answer.body())).isEqualTo("first later");
            assertThat(answer.trailer("X-Sum")).hasValue("11");
            assertThat(answer.trailer("Repr-Digest")).as("of other bytes").isEmpty();
        }
    }

    @Test
    void whatIsCutDoesNotLookWhole() throws Exception {
        Message answer = ask("/cut", TAKES);
        assertThat(answer.first("Content-Encoding")).hasValue("gzip");
        assertThat(answer.whole()).isFalse();
    }

    /// The data of chunks, as they come.
    private static final class Chunks extends InputStream {
        private final InputStream in;
        private int left;
        private boolean isOver;

        Chunks(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        /// Never more than is there: whoever reads must not wait for bytes that he does not need.
        @Override
        public int read(byte[] into, int from, int size) throws IOException {
            if (left == 0 && !isOver) {
                StringBuilder line = new StringBuilder();
                for (int c = in.read(); c != '\n' || line.isEmpty(); c = in.read()) {
                    if (c != '\r' && c != '\n') {
                        line.append((char) c);
                    }
                }
                left = Integer.parseInt(line.toString(), 16);
                isOver = left == 0;
            }
            if (isOver) {
                return -1;
            }
            int got = in.read(into, from, Math.min(left, size));
            left -= got;
            return got;
        }

        @Override
        public int available() {
            return isOver ? 0 : 1;
        }
    }
}
