package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bodies that are sent from files of the cache's folder, while these are replaced, deleted and too many. Every byte is
/// looked at, and in the end no file is open.
class CacheFileTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int SIZE = 400_000;
    private static final int TARGETS = 12;

    @TempDir
    private Path folder;

    private final int web = Repository.freePort();
    private final AtomicInteger version = new AtomicInteger(1);
    private ScriptedBackend origin;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        origin = ScriptedBackend.answering(request -> {
            int now = version.get();
            String body = body(request.target(), now);
            return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length()
                    + "\r\nCache-Control: max-age=600\r\nX-Version: " + now + "\r\n\r\n" + body;
        });
        begin("20MiB");
    }

    private void begin(String size) throws IOException {
        fairlead = Fairlead.start("""
                loops: 2
                cache-store: {memory: 4MiB, disk: {folder: "%s", size: %s}}
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", cache: {}, upstream: app}
                upstreams:
                  app: {endpoints: ["%s"]}
                """.formatted(folder, size, web, origin.address()));
        await().atMost(SOON).until(() -> fairlead.log().contains("the cache's folder is read"));
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
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
        return text.toString();
    }

    private static void assertTrue(String target, Message answer, int from) {
        String all = body(target, Integer.parseInt(answer.first("X-Version").orElseThrow()));
        assertThat(answer.whole()).isTrue();
        assertThat(answer.text().equals(all.substring(from)))
                .as("%s: %s", target, answer.fields())
                .isTrue();
    }

    private void ask(String target) throws IOException {
        try (Wire wire = Wire.to(web)) {
            assertTrue(target, wire.get(target), 0);
        }
    }

    /// All that was kept is on the disk, and nothing of it in memory.
    private void begunAnew(String size) throws Exception {
        for (int i = 0; i < TARGETS; i++) {
            ask("/" + i);
        }
        await().atMost(SOON).until(() -> fairlead.metric("fairlead_cache_disk_files") == TARGETS);
        fairlead.close();
        begin(size);
        origin.forgetRequests();
    }

    /// As Linux sees it.
    private long openFiles() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + fairlead.pid() + "/fd"))) {
            return all.filter(each -> isOfFolder(each)).count();
        }
    }

    private boolean isOfFolder(Path descriptor) {
        try {
            String place = Files.readSymbolicLink(descriptor).toString();
            return place.startsWith(folder.toRealPath().toString()) && !place.endsWith("/lock");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private void assertAllClosed() throws Exception {
        fairlead.command(0, "cache", "purge", "--all");
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(fairlead.metric("fairlead_cache_disk_open_files")).isZero();
            assertThat(fairlead.metric("fairlead_cache_page_bytes")).isZero();
            assertThat(openFiles()).isZero();
        });
    }

    @Test
    void aHitOnTheDiskIsSentFromItsFile() throws Exception {
        begunAnew("20MiB");
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < TARGETS; i++) {
                ask("/" + i);
            }
        }
        assertThat(fairlead.metric("fairlead_cache_requests_total", "hit")).isEqualTo(2 * TARGETS);
        assertThat(fairlead.metric("fairlead_cache_page_bytes")).isZero();
        assertThat(fairlead.metric("fairlead_cache_disk_open_files")).isEqualTo(TARGETS);
        assertThat(openFiles()).isEqualTo(TARGETS);
        try (Wire wire = Wire.to(web)) {
            wire.send("GET /3 HTTP/1.1\r\nHost: a.test\r\nRange: bytes=300000-\r\n\r\n");
            assertTrue("/3", wire.response(), 300_000);
        }
        // To HTTP/2 there is no file to be sent: it reads what is mapped of it.
        String url = "http://a.test:" + web + "/5";
        Child.Result over2 = Curl.run(
                "--http2-prior-knowledge", "-H", "Host: a.test", "--resolve", "a.test:" + web + ":127.0.0.1", url);
        assertThat(new String(over2.output(), ISO_8859_1).equals(body("/5", 1))).isTrue();
        assertThat(origin.requests()).isEmpty();
        assertAllClosed();
    }

    @Test
    void whoeverIsSlowGetsTheFileThatHeBeganWith() throws Exception {
        begunAnew("20MiB");
        List<Wire> slow = new ArrayList<>();
        for (int i = 0; i < TARGETS; i++) {
            Wire wire = Wire.to(web, 16 << 10);
            slow.add(wire.send("GET /" + i + " HTTP/1.1\r\nHost: a.test\r\n\r\n"));
            assertThat(wire.in().markSupported()).isTrue();
            wire.in().mark(1);
            assertThat(wire.in().read()).isEqualTo('H');
            wire.in().reset();
        }
        assertThat(openFiles()).isEqualTo(TARGETS);
        version.set(2);
        fairlead.command(0, "cache", "purge", "--all");
        for (int i = 0; i < TARGETS; i++) {
            ask("/" + i);
        }
        await().atMost(SOON).until(() -> fairlead.metric("fairlead_cache_disk_files") == TARGETS);
        for (int i = 0; i < TARGETS; i++) {
            Message answer = slow.get(i).response();
            assertThat(answer.first("X-Version")).contains("1");
            assertTrue("/" + i, answer, 0);
            slow.get(i).close();
        }
        assertAllClosed();
    }

    /// The disk holds five of them: each that is asked for drives another out, and nothing that has gone stays on it.
    @Test
    void whatIsDrivenOutIsStillRightAndThenGone() throws Exception {
        begunAnew("2MiB");
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int client = 0; client < 6; client++) {
            Random random = new Random(client);
            clients.add(CompletableFuture.runAsync(() -> askMany(random), Thread::startVirtualThread));
        }
        for (CompletableFuture<Void> client : clients) {
            client.get(60, TimeUnit.SECONDS);
        }
        assertThat(fairlead.metric("fairlead_cache_requests_total", "hit")).isPositive();
        assertThat(fairlead.log()).doesNotContain("fails");
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(deleted()).as("deleted, and open").isZero());
        assertAllClosed();
    }

    private long deleted() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + fairlead.pid() + "/fd"))) {
            return all.filter(this::isOfFolder)
                    .filter(each -> !Files.exists(each))
                    .count();
        }
    }

    private void askMany(Random random) {
        for (int i = 0; i < 40; i++) {
            String target = "/" + random.nextInt(TARGETS);
            if (random.nextInt(20) == 0) {
                version.incrementAndGet();
            }
            try (Wire wire = Wire.to(web, 32 << 10).send("GET " + target + " HTTP/1.1\r\nHost: a.test\r\n\r\n")) {
                if (random.nextInt(8) == 0) {
                    assertThat(wire.in().read(new byte[1 + random.nextInt(5_000)]))
                            .isPositive();
                    continue;
                }
                if (random.nextInt(4) == 0) {
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(60));
                }
                assertTrue(target, wire.response(), 0);
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
