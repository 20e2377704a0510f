package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// When one side does not take bytes, the other is made to wait: the bytes do not pile up in the program.
class BackpressureTest {
    /// Far more than all socket buffers of a path together.
    private static final long LENGTH = 128 << 20;

    /// What the buffers of four sockets and of the program may hold, at the most.
    private static final long IN_FLIGHT_MAX = 48 << 20;

    private final AtomicLong moved = new AtomicLong();
    private final CountDownLatch go = new CountDownLatch(1);
    private ScriptedBackend backend;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        backend = ScriptedBackend.playing(connection -> {
            String head = new String(connection.in().readNBytes(3), ISO_8859_1);
            if (head.equals("GET")) {
                connection.request();
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + LENGTH + "\r\n\r\n");
                fill(connection.out());
            } else {
                go.await();
                connection.request();
                connection.send(ScriptedBackend.ok("taken"));
            }
        });
        fairlead = Fairlead.start(
                """
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                  raw: {protocol: tcp, address: "127.0.0.1:%d", upstream: app}
                upstreams:
                  app: {endpoints: ["%s"]}
                """.formatted(Repository.freePort(), Repository.freePort(), backend.address()),
                "-XX:MaxDirectMemorySize=64m");
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        go.countDown();
        try {
            fairlead.close();
        } finally {
            backend.close();
        }
    }

    private void fill(OutputStream out) throws IOException {
        byte[] block = new byte[65536];
        for (long left = LENGTH; left > 0; left -= block.length) {
            out.write(block);
            moved.addAndGet(block.length);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"web", "raw"})
    void pausesTheServerForASlowReader(String listener) throws IOException {
        try (Wire wire = Wire.to(fairlead.port(listener), 8192)) {
            wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            awaitStandstill();
            long sentUnread = moved.get();

            assertThat(sentUnread).isBetween(1L, IN_FLIGHT_MAX);
            assertThat(fairlead.metric("fairlead_buffer_bytes")).isLessThan(64 << 20);

            Message answer = wire.response();
            assertThat(answer.whole()).isTrue();
            assertThat(answer.body()).hasSize((int) LENGTH);
        }
    }

    @Test
    void pausesTheClientForASlowServer() throws Exception {
        try (Wire wire = Wire.to(fairlead.port("web"))) {
            wire.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + LENGTH + "\r\n\r\n");
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    fill(wire.out());
                } catch (IOException e) {
                    moved.set(-1);
                }
            });
            awaitStandstill();
            long sentUnread = moved.get();

            assertThat(sentUnread).isBetween(1L, IN_FLIGHT_MAX);
            assertThat(fairlead.metric("fairlead_buffer_bytes")).isLessThan(64 << 20);

            go.countDown();
            assertThat(wire.response().text()).isEqualTo("taken");
            writer.join();
            assertThat(moved.get()).isEqualTo(LENGTH);
        }
    }

    /// Waits until bytes have moved and then none have for half a second.
    private void awaitStandstill() {
        await().until(() -> moved.get() > 0);
        AtomicLong last = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(500)).until(() -> last.getAndSet(moved.get()) == moved.get());
    }
}
