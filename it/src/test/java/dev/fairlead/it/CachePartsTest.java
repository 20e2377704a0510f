package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Parts of bodies that are kept, served from, put together and completed, with an endpoint whose bodies change, break
/// off, and have tags that do not tell. Every byte is looked at.
class CachePartsTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");
    private static final int SIZE = 50_000;
    private static final int CLIENTS = 8;
    private static final int REQUESTS = 150;

    private final int web = Repository.freePort();
    private final AtomicInteger version = new AtomicInteger(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    /// Of the next answers so many break off.
    private final AtomicInteger breaks = new AtomicInteger();

    private ScriptedBackend origin;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        origin = ScriptedBackend.playing(connection -> {
            for (Optional<Message> request = connection.request();
                    request.isPresent();
                    request = connection.request()) {
                answer(connection, request.get());
            }
        });
        begin(origin.address());
    }

    private void begin(String address) throws IOException {
        fairlead = Fairlead.start("""
                loops: 2
                cache-store: {memory: 4MiB}
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%d"
                    cache: {object-max: 100KiB}
                    routes:
                      - {match: {path-prefix: /page}, upstream: app, compress: {types: text/plain}}
                    upstream: app
                upstreams:
                  app: {endpoints: ["%s"], attempts: 1}
                """.formatted(web, address));
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        goOn.countDown();
        fairlead.close();
        origin.close();
    }

    private static String body(String target, int version) {
        var text = new StringBuilder(SIZE + 32);
        while (text.length() < SIZE) {
            text.append(target)
                    .append(' ')
                    .append(version)
                    .append(' ')
                    .append(text.length())
                    .append('\n');
        }
        return text.substring(0, target.startsWith("/long") ? SIZE : SIZE - 1);
    }

    private void answer(ScriptedBackend.Connection connection, Message request)
            throws IOException, InterruptedException {
        String target = request.target();
        int now = version.get();
        String body = body(target, now);
        String tag = (target.startsWith("/weak") ? "W/" : "") + '"' + now + '"';
        String fields =
                "ETag: " + tag + "\r\nCache-Control: " + (target.startsWith("/stale") ? "max-age=0" : "max-age=600")
                        + "\r\nContent-Type: text/plain\r\nX-Version: " + now + "\r\n";
        Matcher range = RANGE.matcher(request.first("Range").orElse(""));
        boolean isSame = request.first("If-Range").map(tag::equals).orElse(true);
        if (request.first("If-None-Match").filter(tag::equals).isPresent()) {
            connection.send("HTTP/1.1 304 Not Modified\r\n" + fields + "\r\n");
            return;
        }
        if (request.first("Range").isPresent() && !range.matches()) {
            connection.send("HTTP/1.1 206 Partial Content\r\n" + fields
                    + "Content-Type: multipart/byteranges; boundary=x\r\nContent-Length: 5\r\n\r\n--x--");
            return;
        }
        String status = "200 OK";
        if (range.matches() && isSame) {
            int from = Integer.parseInt(range.group(1));
            int to = Math.min(body.length(), Integer.parseInt(range.group(2)) + 1);
            String size = target.startsWith("/unknown") ? "*" : "" + body.length();
            fields += "Content-Range: bytes " + from + "-" + (to - 1) + "/" + size + "\r\n";
            body = body.substring(from, to);
            status = "206 Partial Content";
        }
        connection.send("HTTP/1.1 " + status + "\r\n" + fields + "Content-Length: " + body.length() + "\r\n\r\n");
        if (breaks.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            connection.send(body.substring(0, body.length() / 2));
            // What has been sent is to arrive before the end does.
            connection.socket().close();
            return;
        }
        if (target.startsWith("/held")) {
            connection.send(body.substring(0, 10));
            goOn.await();
            body = body.substring(10);
        }
        connection.send(body);
    }

    private Message ask(String target, String fields) throws IOException {
        try (Wire wire = Wire.to(web)) {
            return wire.send("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + web + "\r\n" + fields + "\r\n")
                    .response();
        }
    }

    private Message part(String target, int from, int to) throws IOException {
        return ask(target, "Range: bytes=" + from + "-" + (to - 1) + "\r\n");
    }

    /// What its head says that it is, it is.
    private static void assertTrue(String target, Message answer) {
        String all = body(target, Integer.parseInt(answer.first("X-Version").orElseThrow()));
        Matcher range = Pattern.compile("bytes (\\d+)-(\\d+)/" + all.length())
                .matcher(answer.first("Content-Range").orElse(""));
        if (answer.status() == 206) {
            assertThat(range.matches()).as("%s", answer.fields()).isTrue();
            all = all.substring(Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)) + 1);
        }
        assertThat(answer.whole()).isTrue();
        assertThat(answer.text().equals(all))
                .as("%s: %s", target, answer.fields())
                .isTrue();
    }

    private void assertPart(String target, int from, int to, String told) throws IOException {
        Message answer = part(target, from, to);
        assertThat(answer.status()).isEqualTo(206);
        assertThat(answer.first("Content-Range").orElseThrow()).startsWith("bytes " + from + "-" + (to - 1) + "/");
        assertThat(answer.first("Cache-Status").orElseThrow()).contains(told);
        assertTrue(target, answer);
    }

    private void assertWhole(String target, String told) throws IOException {
        Message answer = ask(target, "");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.first("Content-Range")).isEmpty();
        assertThat(answer.first("Content-Length")).contains("" + body(target, 1).length());
        assertThat(answer.first("Cache-Status").orElseThrow()).contains(told);
        assertTrue(target, answer);
    }

    private Message lastAsked() {
        return origin.requests().getLast();
    }

    @Test
    void partsAreKeptServedFromAndPutTogether() throws Exception {
        assertPart("/long", 20_000, 30_000, "fwd=miss; fwd-status=206; stored");
        assertPart("/long", 22_000, 23_000, "hit");
        assertPart("/long", 29_000, 31_000, "fwd=partial; fwd-status=206; stored");
        assertPart("/long", 25_000, 30_999, "hit");
        assertPart("/long", 100, 200, "fwd=partial");
        assertPart("/long", 100, 101, "hit");
        assertThat(origin.requests()).hasSize(3);
        assertThat(fairlead.metric("fairlead_cache_requests_total", "hit")).isEqualTo(3);
        assertThat(fairlead.metric("fairlead_cache_requests_total", "miss")).isEqualTo(3);
        assertThat(ask("/long", "Range: bytes=60000-\r\n").status()).isEqualTo(416);
        assertThat(ask("/long", "If-None-Match: \"1\"\r\n").status()).isEqualTo(304);
        assertThat(ask("/long", "Range: bytes=-5\r\nCache-Control: only-if-cached\r\n")
                        .status())
                .isEqualTo(504);
        assertThat(origin.requests()).hasSize(3);
        assertThat(fairlead.command(0, "explain", "http://127.0.0.1:" + web + "/long"))
                .contains("11100 of 50000 bytes are kept, fresh for", "the rest is asked for");
        // Their last gap is filled by a part: then it is all there.
        assertPart("/long", 0, 20_000, "stored");
        assertPart("/long", 31_000, SIZE, "stored");
        assertWhole("/long", "hit");
    }

    @Test
    void theRestIsAskedForWhereAllIsWanted() throws Exception {
        assertPart("/long", 0, 10_000, "stored");
        assertPart("/long", 40_000, 45_000, "stored");
        assertWhole("/long", "fwd=partial; fwd-status=206; stored");
        assertThat(lastAsked().first("Range")).contains("bytes=10000-49999");
        assertThat(lastAsked().first("If-Range")).contains("\"1\"");
        assertWhole("/long", "hit");
        assertPart("/long", 5, 49_000, "hit");
        assertThat(origin.requests()).hasSize(3);
        assertPart("/stale", 0, 10_000, "stored");
        assertPart("/stale", 0, 10_000, "fwd=partial");
        assertWhole("/stale", "fwd=partial; fwd-status=206");
        assertWhole("/stale", "fwd=stale; fwd-status=304");
        assertThat(lastAsked().first("If-None-Match")).contains("\"1\"");
    }

    @Test
    void aBodyThatBrokeOffIsCompleted() throws Exception {
        breaks.set(1);
        Message broken = ask("/long", "");
        assertThat(broken.whole()).isFalse();
        assertPart("/long", 0, 1000, "hit");
        breaks.set(1);
        assertThat(ask("/long", "").whole()).isFalse();
        assertThat(lastAsked().first("Range").orElseThrow()).endsWith("-49999");
        assertWhole("/long", "fwd=partial; fwd-status=206; stored");
        assertWhole("/long", "hit");
        assertThat(origin.requests()).hasSize(3);
        // So is a part.
        breaks.set(1);
        assertThat(part("/other", 0, 20_000).whole()).isFalse();
        assertPart("/other", 0, 1_000, "hit");
    }

    @Test
    void nothingIsMixedWhenTheBodyChanges() throws Exception {
        assertPart("/long", 0, 10_000, "stored");
        version.set(2);
        assertPart("/long", 10_000, 20_000, "stored");
        Message old = part("/long", 0, 10_000);
        assertThat(old.first("Cache-Status").orElseThrow()).contains("fwd=partial");
        assertThat(old.first("X-Version")).contains("2");
        version.set(3);
        assertWhole("/long", "fwd=partial; fwd-status=200; stored");
        assertWhole("/long", "hit");
        assertThat(ask("/long", "").first("X-Version")).contains("3");
    }

    @Test
    void whatCannotBeToldApartIsNotKept() throws Exception {
        for (String target : new String[] {"/weak", "/unknown"}) {
            for (int i = 0; i < 2; i++) {
                Message answer = part(target, 0, 100);
                assertThat(answer.first("Cache-Status")).contains("fairlead; fwd=miss; fwd-status=206");
                assertThat(answer.text()).isEqualTo(body(target, 1).substring(0, 100));
            }
        }
        for (int i = 0; i < 2; i++) {
            Message several = ask("/long", "Range: bytes=0-1,5-6\r\n");
            assertThat(several.first("Cache-Status")).contains("fairlead; fwd=miss; fwd-status=206");
            assertThat(several.text()).isEqualTo("--x--");
        }
        breaks.set(1);
        assertThat(ask("/weak", "").whole()).isFalse();
        assertWhole("/weak", "fwd=uri-miss");
        // What is compressed for others has other bytes.
        assertThat(part("/page", 0, 100).first("Cache-Status")).contains("fairlead; fwd=miss; fwd-status=206");
        assertThat(fairlead.admin("/cache")).contains("\"responses\" : 1");
    }

    @Test
    void whatIsForgottenMeanwhileIsNotKept() throws Exception {
        try (Wire wire =
                Wire.to(web).send("GET /held HTTP/1.1\r\nHost: 127.0.0.1:" + web + "\r\nRange: bytes=0-99\r\n\r\n")) {
            await().atMost(SOON).until(() -> origin.requests().size() == 1);
            await().atMost(SOON).until(() -> fairlead.metric("fairlead_cache_requests_total", "miss") == 1);
            fairlead.command(0, "cache", "purge", "--all");
            goOn.countDown();
            assertTrue("/held", wire.response());
        }
        assertPart("/held", 0, 50, "fwd=miss");
        assertPart("/held", 0, 50, "hit");
        assertThat(fairlead.command(0, "cache", "purge", "/held")).contains("forgotten: 1");
        assertPart("/held", 0, 50, "fwd=miss");
    }

    @Test
    void everyByteIsThatOfTheBodyItsHeadNames() throws Exception {
        List<CompletableFuture<Integer>> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            Random random = new Random(client);
            clients.add(CompletableFuture.supplyAsync(() -> askMany(random), Thread::startVirtualThread));
        }
        int whole = 0;
        for (CompletableFuture<Integer> client : clients) {
            whole += client.get(60, TimeUnit.SECONDS);
        }
        assertThat(whole).isGreaterThan(CLIENTS * REQUESTS / 2);
        assertThat(fairlead.metric("fairlead_cache_requests_total", "hit")).isPositive();
        assertThat(origin.requests())
                .as("completed")
                .anyMatch(request -> request.first("If-Range").isPresent());
        fairlead.command(0, "cache", "purge", "--all");
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(fairlead.metric("fairlead_cache_page_bytes")).isZero());
    }

    /// How many answers were whole.
    private int askMany(Random random) {
        int whole = 0;
        for (int i = 0; i < REQUESTS; i++) {
            String target = (random.nextBoolean() ? "/long/" : "/stale/") + random.nextInt(3);
            if (random.nextInt(20) == 0) {
                version.incrementAndGet();
            }
            if (random.nextInt(10) == 0) {
                breaks.incrementAndGet();
            }
            int from = random.nextInt(SIZE - 1);
            int to = from + 1 + random.nextInt(Math.min(20_000, SIZE - 1 - from));
            String range = random.nextInt(6) == 0 ? "" : "Range: bytes=" + from + "-" + (to - 1) + "\r\n";
            Optional<Message> answer;
            try (Wire wire = Wire.to(web).send("GET " + target + " HTTP/1.1\r\nHost: a\r\n" + range + "\r\n")) {
                if (random.nextInt(10) == 0) {
                    // Leaves, with or without having read anything.
                    assertThat(wire.in().read(new byte[random.nextInt(5_000)])).isNotNegative();
                    continue;
                }
                answer = wire.responseIfAny();
            } catch (IOException e) {
                throw new AssertionError("only what the endpoint breaks off ends so, and then in order", e);
            }
            if (answer.isPresent() && answer.get().whole() && answer.get().status() < 300) {
                assertTrue(target, answer.get());
                whole++;
            }
        }
        return whole;
    }

    @Test
    void filesOfNginxAreCompletedAndFoundToHaveChanged() throws Exception {
        fairlead.close();
        try (NginxBackend nginx = NginxBackend.start("one")) {
            begin(nginx.address());
            Path file = nginx.file("film");
            write(file, "one", Duration.ofDays(30));
            String url = "http://127.0.0.1:" + web + "/film";
            String first = Files.readString(file, ISO_8859_1);
            assertThat(curl(url, "-r", "1000-20999")).isEqualTo(first.substring(1000, 21_000));
            assertThat(curl(url, "-r", "2000-2999")).isEqualTo(first.substring(2000, 3000));
            assertThat(fairlead.metric("fairlead_cache_requests_total", "hit")).isEqualTo(1);
            assertThat(curl(url).equals(first)).isTrue();
            assertThat(curl(url).equals(first)).isTrue();
            assertThat(fairlead.metric("fairlead_cache_requests_total", "hit")).isEqualTo(2);
            assertThat(curl(url, "-D", "-", "-o", "/dev/null", "-r", "-5")).contains("HTTP/1.1 206", "fairlead; hit");
            fairlead.command(0, "cache", "purge", "--all");
            assertThat(curl(url, "-r", "30000-30999")).isEqualTo(first.substring(30_000, 31_000));
            write(file, "two", Duration.ofDays(20));
            String second = Files.readString(file, ISO_8859_1);
            assertThat(curl(url, "-D", "-", "-o", "/dev/null")).contains("HTTP/1.1 200", "fwd=partial; fwd-status=200");
            assertThat(curl(url).equals(second)).isTrue();
        }
    }

    private static void write(Path file, String name, Duration age) throws IOException {
        Files.writeString(file, body("/long " + name, 1).substring(0, SIZE - 1), ISO_8859_1);
        // Fresh for a tenth of its age, since it says nothing else.
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    }

    private static String curl(String url, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(options));
        command.add(url);
        return Curl.run(command.toArray(String[]::new)).text();
    }
}
