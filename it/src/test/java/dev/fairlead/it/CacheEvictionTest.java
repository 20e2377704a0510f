package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is kept leaves while it is being sent: the memory is far too small, an operator purges, and clients are slow,
/// or leave. Every byte is looked at, and in the end no memory is held.
class CacheEvictionTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int CLIENTS = 10;
    private static final int REQUESTS = 60;

    private final int web = Repository.freePort();
    private ScriptedBackend origin;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        origin = ScriptedBackend.answering(request -> {
            String body = body(request.target());
            return "HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: " + body.length() + "\r\n\r\n"
                    + body;
        });
        fairlead = Fairlead.start("""
                loops: 2
                cache-store: {memory: 1MiB}
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", cache: {object-max: 700KiB}, upstream: app}
                upstreams:
                  app: {endpoints: ["%s"]}
                """.formatted(web, origin.address()));
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        fairlead.close();
        origin.close();
    }

    /// Of 10 to 235 KB; each line says where it stands, and of what.
    private static String body(String target) {
        int size = 10_000 + 25_000 * (target.charAt(target.length() - 1) - '0');
        var text = new StringBuilder(size + 32);
        while (text.length() < size) {
            text.append(target).append(' ').append(text.length()).append('\n');
        }
        return text.toString();
    }

    @Test
    void whatIsSentIsNotWhatTookItsPlace() throws Exception {
        List<CompletableFuture<Integer>> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            Random random = new Random(client);
            clients.add(CompletableFuture.supplyAsync(() -> askMany(random), Thread::startVirtualThread));
        }
        for (int i = 0; i < 4; i++) {
            fairlead.command(0, "cache", "purge", "--all");
            fairlead.command(0, "cache", "purge", "--prefix", "/3");
        }
        int whole = 0;
        for (CompletableFuture<Integer> client : clients) {
            whole += client.get(60, TimeUnit.SECONDS);
        }
        assertThat(whole).isGreaterThan(CLIENTS * REQUESTS / 2);
        // More than there is room for, and nobody purges any more.
        try (Wire wire = Wire.to(web)) {
            for (int i = 0; i < 10; i++) {
                assertThat(wire.get("/" + i).whole()).isTrue();
            }
        }
        assertThat(fairlead.metric("fairlead_cache_requests_total", "hit")).isPositive();
        await().atMost(SOON).until(() -> fairlead.metric("fairlead_cache_evictions_total", "web", "route=") > 0);
        // The last purge may have come behind the last client.
        try (Wire wire = Wire.to(web)) {
            assertThat(wire.get("/9").whole()).isTrue();
        }
        assertThat(fairlead.metric("fairlead_cache_page_bytes")).isPositive();
        fairlead.command(0, "cache", "purge", "--all");
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(fairlead.metric("fairlead_cache_page_bytes")).isZero());
    }

    private int askMany(Random random) {
        int whole = 0;
        for (int i = 0; i < REQUESTS; i++) {
            String target = "/" + random.nextInt(10);
            boolean isPart = random.nextInt(4) == 0;
            String range = isPart ? "Range: bytes=5000-\r\n" : "";
            try (Wire wire =
                    Wire.to(web, 32 << 10).send("GET " + target + " HTTP/1.1\r\nHost: a\r\n" + range + "\r\n")) {
                if (random.nextInt(6) == 0) {
                    wire.in().readNBytes(random.nextInt(5_000));
                    continue;
                }
                pause(wire.in(), random);
                Message answer = wire.response();
                String all = body(target);
                assertThat(answer.whole()).isTrue();
                // The origin knows no ranges: a part is from what is kept.
                assertThat(answer.status()).isIn(200, isPart ? 206 : 200);
                assertThat(answer.text().equals(answer.status() == 206 ? all.substring(5000) : all))
                        .as(target)
                        .isTrue();
                whole++;
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return whole;
    }

    /// A slow client, some of the time: what it does not take yet waits in Fairlead.
    private static void pause(InputStream in, Random random) throws InterruptedException, IOException {
        if (random.nextInt(3) == 0) {
            in.available();
            TimeUnit.MILLISECONDS.sleep(random.nextInt(80));
        }
    }

    @Test
    void aClientThatTakesNothingIsSentNoMoreThanItAskedForFirst() throws Exception {
        try (Wire warm = Wire.to(web)) {
            assertThat(warm.get("/9").whole()).isTrue();
        }
        try (Wire greedy = Wire.to(web, 32 << 10)) {
            // All at once, and nothing is read meanwhile.
            greedy.send("GET /9 HTTP/1.1\r\nHost: a\r\n\r\n".repeat(100));
            await().atMost(SOON).until(() -> fairlead.metric("fairlead_cache_requests_total", "hit") >= 1);
            TimeUnit.MILLISECONDS.sleep(300);
            assertThat(fairlead.metric("fairlead_cache_requests_total", "hit")).isLessThan(50);
            for (int i = 0; i < 100; i++) {
                assertThat(greedy.response().text().equals(body("/9"))).isTrue();
            }
        }
    }
}
