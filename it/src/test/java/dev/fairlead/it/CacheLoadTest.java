package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Many clients on a few keys, an endpoint that fails, and clients that leave. Every byte of every answer is looked at.
class CacheLoadTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int CLIENTS = 12;
    private static final int REQUESTS = 150;

    private final int web = Repository.freePort();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger together = new AtomicInteger();
    private final AtomicInteger mostTogether = new AtomicInteger();
    private final AtomicInteger cuts = new AtomicInteger();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private volatile boolean isFailing;
    private ScriptedBackend origin;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        origin = ScriptedBackend.playing(connection -> {
            Random random = new Random(connection.socket().getPort());
            for (var request = connection.request(); request.isPresent(); request = connection.request()) {
                int now = together.incrementAndGet();
                mostTogether.accumulateAndGet(now, Math::max);
                try {
                    answer(connection, request.get(), asked.incrementAndGet(), random);
                } finally {
                    together.decrementAndGet();
                }
            }
        });
        fairlead = Fairlead.start("""
                loops: 2
                cache-store: {memory: 2MiB}
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", cache: {object-max: 100KiB}, upstream: app}
                upstreams:
                  app: {endpoints: ["%s"], attempts: 1}
                """.formatted(web, origin.address()));
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        goOn.countDown();
        fairlead.close();
        origin.close();
    }

    private void answer(ScriptedBackend.Connection connection, Message request, int version, Random random)
            throws IOException, InterruptedException {
        String target = request.target();
        if (target.startsWith("/held")) {
            if (version == 1) {
                goOn.await();
            } else {
                // As slow endpoints are: who comes at the same time is there together.
                TimeUnit.MILLISECONDS.sleep(20);
            }
            String rule = target.endsWith("private") ? "private" : "no-store";
            String status = target.endsWith("private") ? "200 OK" : "500 Oh";
            connection.send("HTTP/1.1 " + status + "\r\nContent-Length: 2\r\nCache-Control: " + rule + "\r\n\r\nno");
            return;
        }
        if (isFailing) {
            connection.send("HTTP/1.1 503 Oh\r\nContent-Length: 0\r\n\r\n");
            return;
        }
        String kind = request.first("X-Kind").orElse("-");
        String body = body(target, kind, version);
        String head = "HTTP/1.1 200 OK\r\nVary: X-Kind\r\nX-Version: " + version + "\r\nETag: \"" + version + "\"\r\n"
                + rule(target) + "\r\n";
        if (target.startsWith("/chunked")) {
            connection.send(head + "Transfer-Encoding: chunked\r\n\r\n");
            int half = body.length() / 2;
            connection.send(chunk(body.substring(0, half)));
            if (random.nextInt(10) == 0) {
                // The client is to see that this is not the whole, whether it waited for it or asked.
                connection.reset();
                return;
            }
            connection.send(chunk(body.substring(half)) + "0\r\n\r\n");
        } else {
            connection.send(head + "Content-Length: " + body.length() + "\r\n\r\n" + body);
        }
    }

    private static String rule(String target) {
        return switch (target.charAt(target.length() - 1) % 4) {
            case 0 -> "Cache-Control: max-age=600";
            case 1 -> "Cache-Control: max-age=0, stale-while-revalidate=600";
            case 2 -> "Cache-Control: no-store";
            default -> "Cache-Control: max-age=0, stale-if-error=600";
        };
    }

    private static String chunk(String data) {
        return Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
    }

    /// The last of ten targets is larger than what is kept.
    private static String body(String target, String kind, int version) {
        String line = target + " " + kind + " " + version + "\n";
        return line.repeat((target.endsWith("9") ? 300_000 : 3_000 * (target.charAt(target.length() - 1) - '0') + 1_000)
                / line.length());
    }

    @Test
    void everyByteIsWhatTheOriginSentForThatVariant() throws Exception {
        List<CompletableFuture<Integer>> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            Random random = new Random(client);
            clients.add(CompletableFuture.supplyAsync(() -> askMany(random), Thread::startVirtualThread));
        }
        fairlead.command(0, "cache", "purge", "--all", "--soft");
        fairlead.command(0, "cache", "purge", "--all");
        int whole = 0;
        for (CompletableFuture<Integer> client : clients) {
            whole += client.get(60, TimeUnit.SECONDS);
        }
        assertThat(whole).isGreaterThan(CLIENTS * REQUESTS / 2);
        assertThat(cuts).hasPositiveValue();
        for (String outcome : new String[] {"hit", "stale", "miss", "pass"}) {
            assertThat(fairlead.metric("fairlead_cache_requests_total", outcome))
                    .as(outcome)
                    .isPositive();
        }
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(fairlead.admin("/cache")).contains("\"fills\" : 0"));
    }

    /// How many answers were whole.
    private int askMany(Random random) {
        int whole = 0;
        for (int i = 0; i < REQUESTS; i++) {
            String target = (random.nextBoolean() ? "/chunked/" : "/plain/") + random.nextInt(10);
            String kind = random.nextBoolean() ? "a" : "b";
            try (Wire wire =
                    Wire.to(web).send("GET " + target + " HTTP/1.1\r\nHost: a\r\nX-Kind: " + kind + "\r\n\r\n")) {
                if (random.nextInt(8) == 0) {
                    // Leaves, with or without having read anything.
                    assertThat(wire.in().read(new byte[random.nextInt(200)])).isNotNegative();
                    continue;
                }
                Optional<Message> answer = wire.responseIfAny();
                if (answer.isEmpty()
                        || answer.get().status() != 200
                        || !answer.get().whole()) {
                    assertCut(target, answer);
                    continue;
                }
                int version = Integer.parseInt(answer.get().first("X-Version").orElseThrow());
                assertThat(answer.get().text().equals(body(target, kind, version)))
                        .as("%s of %s, version %d", target, kind, version)
                        .isTrue();
                whole++;
            } catch (SocketException reset) {
                assertCut(target, Optional.empty());
            } catch (IOException e) {
                throw new AssertionError(target, e);
            }
        }
        return whole;
    }

    /// Only what the endpoint breaks off is not whole: then it is a 502, or ends where it must not.
    private void assertCut(String target, Optional<Message> answer) {
        cuts.incrementAndGet();
        assertThat(target).as("%s", answer).startsWith("/chunked");
        answer.ifPresent(each -> assertThat(each.status()).isEqualTo(each.whole() ? 502 : 200));
    }

    @Test
    void whoWaitedForWhatIsNotKeptDoesNotOverrunTheEndpoint() throws Exception {
        assertReleased("/held/error", 500);
    }

    @Test
    void whoWaitedForWhatIsSomebodysAsksForHimself() throws Exception {
        assertReleased("/held/private", 200);
    }

    private void assertReleased(String target, int status) throws Exception {
        List<Wire> wires = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            wires.add(Wire.to(web).send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"));
        }
        await().atMost(SOON).until(() -> fairlead.metric("fairlead_listener_connections_open", "web") == 40);
        // Some leave while they wait, the first among them.
        for (int i = 0; i < 5; i++) {
            wires.remove(i).close();
        }
        await().atMost(SOON).until(() -> fairlead.metric("fairlead_listener_connections_open", "web") == 35);
        mostTogether.set(0);
        goOn.countDown();
        for (Wire wire : wires) {
            assertThat(wire.response().status()).isEqualTo(status);
            wire.close();
        }
        assertThat(asked.get()).isBetween(35, 41);
        assertThat(mostTogether.get()).as("at the endpoint at one time").isLessThan(33);
    }

    @Test
    void whatIsStaleIsServedWhileItIsAskedForAndWhenThatFails() throws Exception {
        int first = version("/plain/1");
        // Each is answered at once with what is there, and one request for a newer one is made.
        assertThat(version("/plain/1")).isEqualTo(first);
        await().atMost(SOON).until(() -> version("/plain/1") > first);
        int second = version("/plain/3");
        isFailing = true;
        assertThat(version("/plain/3")).as("stale-if-error").isEqualTo(second);
        assertThat(version("/plain/1")).as("stale-while-revalidate").isGreaterThan(first);
        isFailing = false;
        await().atMost(SOON).until(() -> version("/plain/3") > second);
    }

    private int version(String target) throws IOException {
        try (Wire wire = Wire.to(web)) {
            return Integer.parseInt(wire.get(target).first("X-Version").orElseThrow());
        }
    }
}
