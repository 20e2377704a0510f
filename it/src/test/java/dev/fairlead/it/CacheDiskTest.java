package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The folder that answers are kept in, through the real program, which is ended and killed.
class CacheDiskTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int TARGETS = 40;
    private static final int KILLS = 8;
    private static final int SIZE = 40_000;

    @TempDir
    private Path folder;

    private final int web = Repository.freePort();
    private final AtomicInteger asked = new AtomicInteger();
    private ScriptedBackend origin;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        origin = ScriptedBackend.answering(request -> {
            int version = asked.incrementAndGet();
            String body = body(request.target(), version);
            // Those under /short are written again and again.
            int age = request.target().startsWith("/short") ? 1 : 600;
            return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\nCache-Control: max-age=" + age
                    + "\r\nX-Version: " + version + "\r\nCache-Tag: tag"
                    + request.target().replace('/', '-')
                    + "\r\n\r\n" + body;
        });
        begin();
    }

    private void begin() throws IOException {
        fairlead = Fairlead.start("""
                loops: 2
                cache-store: {memory: 1MiB, disk: {folder: "%s", size: 8MiB}}
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", cache: {}, upstream: app}
                upstreams:
                  app: {endpoints: ["%s"]}
                """.formatted(folder, web, origin.address()));
        await().atMost(SOON).until(() -> fairlead.log().contains("the cache's folder is read"));
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        fairlead.close();
        origin.close();
    }

    private static String body(String target, int version) {
        String line = target + " " + version + "\n";
        return line.repeat(SIZE / line.length());
    }

    /// The version that the answer is of, whose every byte is looked at.
    private int ask(Wire wire, String target) throws IOException {
        Message answer = wire.get(target);
        int version = Integer.parseInt(answer.first("X-Version").orElseThrow());
        assertThat(answer.text().equals(body(target, version)))
                .as("%s, version %d", target, version)
                .isTrue();
        return version;
    }

    private int ask(String target) throws IOException {
        try (Wire wire = Wire.to(web)) {
            return ask(wire, target);
        }
    }

    /// Files come and go while they are counted.
    private static ConditionFactory settled() {
        return await().atMost(SOON).ignoreException(UncheckedIOException.class);
    }

    private void awaitWritten(int files) {
        settled().until(() -> fairlead.metric("fairlead_cache_disk_files") == files && files() == files);
    }

    private List<Path> written() {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(each -> each.getFileName().toString().length() == 32)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int files() {
        return written().size();
    }

    @Test
    void survivesARestartAndAFullMemory() throws Exception {
        for (int i = 0; i < TARGETS; i++) {
            ask("/" + i);
        }
        awaitWritten(TARGETS);
        // The memory holds some twenty of these.
        for (int i = 0; i < TARGETS; i++) {
            assertThat(ask("/" + i)).isEqualTo(i + 1);
        }
        fairlead.close();
        begin();
        for (int i = 0; i < TARGETS; i++) {
            assertThat(ask("/" + i)).isEqualTo(i + 1);
        }
        assertThat(asked).hasValue(TARGETS);
        assertThat(fairlead.metric("fairlead_cache_requests_total", "hit")).isEqualTo(TARGETS);
        assertThat(fairlead.command(0, "cache", "status")).contains("disk-files: " + TARGETS + "\n");
    }

    @Test
    void whatIsPurgedOrChangedDoesNotComeBack() throws Exception {
        for (int i = 0; i < TARGETS; i++) {
            ask("/" + i);
        }
        awaitWritten(TARGETS);
        assertThat(fairlead.command(0, "cache", "purge", "--tag", "tag-3")).contains("forgotten: 1");
        assertThat(fairlead.command(0, "cache", "purge", "http://a.test/5")).contains("forgotten: 1");
        assertThat(fairlead.command(0, "cache", "purge", "http://a.test/6", "--soft"))
                .contains("stale: 1");
        try (Wire wire = Wire.to(web)) {
            wire.send("DELETE /7 HTTP/1.1\r\nHost: a.test\r\n\r\n").response();
        }
        awaitWritten(TARGETS - 3);
        fairlead.close();
        begin();
        assertThat(ask("/4")).isEqualTo(5);
        for (int gone : new int[] {3, 5, 6, 7}) {
            assertThat(ask("/" + gone)).as("/" + gone).isGreaterThan(TARGETS);
        }
        assertThat(fairlead.command(0, "cache", "purge", "--all")).contains("forgotten: " + TARGETS);
        awaitWritten(0);
    }

    @Test
    void staysWithinItsSize() throws Exception {
        try (Wire wire = Wire.to(web)) {
            for (int i = 0; i < 400; i++) {
                ask(wire, "/" + i);
            }
        }
        settled().untilAsserted(() -> {
            assertThat(files() * (long) SIZE).isLessThan(8 << 20);
            assertThat(fairlead.metric("fairlead_cache_disk_bytes")).isBetween(4.0 * (1 << 20), 8.0 * (1 << 20));
        });
    }

    @Test
    void aFileThatIsNotWhatWasWrittenIsNotUsed() throws Exception {
        for (int i = 0; i < TARGETS; i++) {
            ask("/" + i);
        }
        awaitWritten(TARGETS);
        fairlead.close();
        Random random = new Random(7);
        for (Path file : written()) {
            byte[] bytes = Files.readAllBytes(file);
            bytes[random.nextInt(bytes.length)] ^= 0x10;
            Files.write(file, random.nextBoolean() ? bytes : java.util.Arrays.copyOf(bytes, bytes.length / 2));
        }
        begin();
        for (int i = 0; i < TARGETS; i++) {
            assertThat(ask("/" + i)).isGreaterThan(TARGETS);
        }
    }

    /// At any moment, under load: what is there afterwards is whole, and it is used.
    @Test
    void aKillLeavesNothingThatIsWrong() throws Exception {
        Random random = new Random(11);
        for (int kill = 0; kill < KILLS; kill++) {
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            for (int client = 0; client < 4; client++) {
                long seed = random.nextLong();
                clients.add(CompletableFuture.runAsync(
                        () -> askUntilItIsGone(new Random(seed)), Thread::startVirtualThread));
            }
            // Whatever it is doing then: that is the point.
            TimeUnit.MILLISECONDS.sleep(200 + random.nextInt(800));
            fairlead.kill();
            for (CompletableFuture<Void> client : clients) {
                client.get(60, TimeUnit.SECONDS);
            }
            begin();
            assertThat(fairlead.log()).doesNotContain("fails");
            try (Wire wire = Wire.to(web)) {
                int before = asked.get();
                for (int i = 0; i < TARGETS; i++) {
                    ask(wire, "/long/" + i);
                }
                if (kill > 0) {
                    assertThat(asked.get() - before).as("most were kept").isLessThan(TARGETS / 2);
                } else {
                    settled().until(() -> files() >= TARGETS);
                }
                for (int i = 0; i < TARGETS; i++) {
                    ask(wire, "/short/" + i);
                }
            }
        }
        // What was asked last is still being written: in a moment it has its name, and nothing of a kill is left
        // beside.
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(folder.resolve("begun")).isEmptyDirectory());
    }

    private void askUntilItIsGone(Random random) {
        while (true) {
            Message answer;
            String target = (random.nextBoolean() ? "/short/" : "/long/") + random.nextInt(TARGETS);
            try (Wire wire = Wire.to(web)) {
                answer = wire.get(target);
            } catch (IOException killed) {
                return;
            }
            if (!answer.whole()) {
                return;
            }
            int version = Integer.parseInt(answer.first("X-Version").orElseThrow());
            assertThat(answer.text().equals(body(target, version))).as(target).isTrue();
        }
    }
}
