package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Bodies far larger than all memory that the program may use for buffers. 256 MiB by default; `-Dlarge.mib=2048`
/// for the size of the promise.
@Timeout(300)
class LargeBodyTest {
    private static final long LENGTH = Long.getLong("large.mib", 256) << 20;
    private static final int PORT = Repository.freePort();
    private static final double BUFFERS_MAX = 64 << 20;
    private static final String YAML = """
            listeners:
              web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
              raw: {protocol: tcp, address: "127.0.0.1:%d", upstream: app}
            upstreams:
              app: {endpoints: ["%s"]}
            """;

    private static Fairlead start(ScriptedBackend backend) throws IOException {
        return Fairlead.start(
                YAML.formatted(PORT, Repository.freePort(), backend.address()), "-XX:MaxDirectMemorySize=64m");
    }

    @Test
    void passesALongUpload() throws Exception {
        AtomicReference<String> received = new AtomicReference<>();
        try (ScriptedBackend backend = ScriptedBackend.playing(connection -> {
                    skipHead(connection.in());
                    received.set(RandomContent.read(connection.in(), LENGTH));
                    connection.send(ScriptedBackend.ok("taken"));
                });
                Fairlead fairlead = start(backend);
                Wire wire = Wire.to(fairlead.port("web"))) {
            wire.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + LENGTH + "\r\n\r\n");
            String sent = RandomContent.write(wire.out(), LENGTH);

            assertThat(wire.response().text()).isEqualTo("taken");
            assertThat(received.get()).isEqualTo(sent);
            assertThat(fairlead.metric("fairlead_buffer_bytes")).isBetween(1.0, BUFFERS_MAX);
        }
    }

    @Test
    void passesALongDownload() throws Exception {
        AtomicReference<String> sent = new AtomicReference<>();
        try (ScriptedBackend backend = ScriptedBackend.playing(connection -> {
                    connection.request();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + LENGTH + "\r\n\r\n");
                    sent.set(RandomContent.write(connection.out(), LENGTH));
                    connection.awaitEnd();
                });
                Fairlead fairlead = start(backend);
                Wire wire = Wire.to(fairlead.port("web"))) {
            wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            skipHead(wire.in());
            String received = RandomContent.read(wire.in(), LENGTH);

            await().until(() -> received.equals(sent.get()));
            assertThat(fairlead.metric("fairlead_buffer_bytes")).isBetween(1.0, BUFFERS_MAX);
        }
    }

    @Test
    void passesBothWaysAtOnceOnLayer4() throws Exception {
        CompletableFuture<String> received = new CompletableFuture<>();
        CompletableFuture<String> sent = new CompletableFuture<>();
        try (ScriptedBackend backend = ScriptedBackend.playing(connection -> {
                    Thread reader = Thread.ofVirtual().start(() -> complete(received, connection.in()));
                    sent.complete(RandomContent.write(connection.out(), LENGTH));
                    join(reader);
                });
                Fairlead fairlead = start(backend);
                Wire wire = Wire.to(fairlead.port("raw"))) {
            CompletableFuture<String> back = new CompletableFuture<>();
            Thread reader = Thread.ofVirtual().start(() -> complete(back, wire.in()));
            String forth = RandomContent.write(wire.out(), LENGTH);
            join(reader);

            assertThat(received.get()).isEqualTo(forth);
            assertThat(back.get()).isEqualTo(sent.get());
            // A relay that splices may need none at all.
            assertThat(fairlead.metric("fairlead_flow_bytes_total")).isGreaterThan(LENGTH);
            assertThat(fairlead.metric("fairlead_buffer_bytes")).isBetween(0.0, BUFFERS_MAX);
        }
    }

    @Test
    void passesALongChunkedUploadOfUnknownLength() throws Exception {
        long length = 32 << 20;
        try (ScriptedBackend backend = ScriptedBackend.answering(request -> ScriptedBackend.ok(hash(request)));
                Fairlead fairlead = start(backend);
                Wire wire = Wire.to(fairlead.port("web"))) {
            wire.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
            String sent = RandomContent.write(new ChunkedOutput(wire.out()), length);
            wire.send("0\r\n\r\n");
            Optional<Message> answer = wire.responseIfAny();

            assertThat(answer).map(Message::text).contains(sent);
        }
    }

    private static String hash(Message request) {
        return java.util.HexFormat.of().formatHex(RandomContent.sha256().digest(request.body()));
    }

    private static void complete(CompletableFuture<String> hash, InputStream in) {
        try {
            hash.complete(RandomContent.read(in, LENGTH));
        } catch (IOException e) {
            hash.completeExceptionally(e);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void skipHead(InputStream in) throws IOException {
        int state = 0;
        while (state < 4) {
            int c = in.read();
            state = c == (state % 2 == 0 ? '\r' : '\n') ? state + 1 : c == '\r' ? 1 : 0;
        }
    }
}
