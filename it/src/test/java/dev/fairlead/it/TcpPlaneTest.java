package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Layer 4: bytes in, the same bytes out, and endings are passed on like bytes.
class TcpPlaneTest {
    private static final byte[] CONTENT = "content of nginx\n".repeat(10_000).getBytes(ISO_8859_1);
    private static final AtomicReference<String> HEARD = new AtomicReference<>("");
    private static NginxBackend one;
    private static NginxBackend two;
    private static ScriptedBackend echo;
    private static ScriptedBackend listener;
    private static ScriptedBackend speaker;
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException {
        one = NginxBackend.start("one");
        two = NginxBackend.start("two");
        java.nio.file.Files.write(one.file("content"), CONTENT);
        echo = ScriptedBackend.playing(connection -> {
            byte[] bytes = new byte[4096];
            for (int n = connection.in().read(bytes);
                    n >= 0;
                    n = connection.in().read(bytes)) {
                connection.out().write(bytes, 0, n);
            }
        });
        listener = ScriptedBackend.playing(connection -> {
            byte[] all = connection.in().readAllBytes();
            connection.send("heard " + all.length);
        });
        speaker = ScriptedBackend.playing(connection -> {
            connection.send("all I say");
            connection.socket().shutdownOutput();
            HEARD.set(new String(connection.in().readAllBytes(), ISO_8859_1));
        });
        fairlead = Fairlead.start("""
                listeners:
                  nginx: {protocol: tcp, address: "127.0.0.1:%1$d", upstream: nginx}
                  weighted: {protocol: tcp, address: "127.0.0.1:%2$d", upstream: weighted}
                  echo: {protocol: tcp, address: "127.0.0.1:%3$d", upstream: echo, idle-timeout: 2s}
                  listening: {protocol: tcp, address: "127.0.0.1:%4$d", upstream: listener}
                  speaking: {protocol: tcp, address: "127.0.0.1:%5$d", upstream: speaker}
                  few: {protocol: tcp, address: "127.0.0.1:%6$d", upstream: echo, max-connections: 2}
                  retry: {protocol: tcp, address: "127.0.0.1:%7$d", upstream: half-dead}
                  dead: {protocol: tcp, address: "127.0.0.1:%8$d", upstream: dead}
                  single: {protocol: tcp, address: "127.0.0.1:%9$d", upstream: single}
                upstreams:
                  nginx: {endpoints: ["%10$s"]}
                  weighted: {endpoints: ["%10$s", {address: "%11$s", weight: 3}]}
                  echo: {endpoints: ["%12$s"]}
                  listener: {endpoints: ["%13$s"]}
                  speaker: {endpoints: ["%14$s"]}
                  half-dead: {endpoints: ["127.0.0.1:%15$d", "%12$s"]}
                  dead: {endpoints: ["127.0.0.1:%15$d"]}
                  single: {endpoints: [{address: "%12$s", max-connections: 1}]}
                """.formatted(
                        Repository.freePort(),
                        Repository.freePort(),
                        Repository.freePort(),
                        Repository.freePort(),
                        Repository.freePort(),
                        Repository.freePort(),
                        Repository.freePort(),
                        Repository.freePort(),
                        Repository.freePort(),
                        one.address(),
                        two.address(),
                        echo.address(),
                        listener.address(),
                        speaker.address(),
                        Repository.freePort()));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            one.close();
            two.close();
            echo.close();
            listener.close();
            speaker.close();
        }
    }

    private static Wire wire(String name) throws IOException {
        return Wire.to(fairlead.port(name));
    }

    private static String echoOf(Wire wire, String text) throws IOException {
        wire.send(text);
        return new String(wire.in().readNBytes(text.length()), ISO_8859_1);
    }

    @Test
    void servesRealNginx() throws IOException, InterruptedException {
        Child.Result result = Curl.run("http://127.0.0.1:" + fairlead.port("nginx") + "/content");

        assertThat(result.status()).as(result.errors()).isZero();
        assertThat(result.output()).isEqualTo(CONTENT);
    }

    @Test
    void leavesBytesAlone() throws IOException {
        try (Wire wire = wire("nginx")) {
            Message answer = wire.get("/name");

            assertThat(answer.text()).isEqualTo("one");
            assertThat(answer.first("Via")).isEmpty();
        }
    }

    @Test
    void echoes() throws IOException {
        try (Wire wire = wire("echo")) {
            for (int i = 0; i < 50; i++) {
                assertThat(echoOf(wire, "line " + i)).isEqualTo("line " + i);
            }
        }
    }

    @Test
    void passesTheEndOfTheClientsBytesOn() throws IOException {
        try (Wire wire = wire("listening")) {
            wire.send(new byte[1_000_000]);
            wire.socket().shutdownOutput();

            assertThat(new String(wire.in().readAllBytes(), ISO_8859_1)).isEqualTo("heard 1000000");
        }
    }

    @Test
    void passesTheEndOfTheServersBytesOn() throws IOException {
        try (Wire wire = wire("speaking")) {
            assertThat(new String(wire.in().readAllBytes(), ISO_8859_1)).isEqualTo("all I say");
            wire.send("still talking");
            wire.socket().shutdownOutput();

            await().until(() -> HEARD.get().equals("still talking"));
        }
    }

    @Test
    void endsAFlowThatIsIdle() throws IOException {
        int before = echo.ended();
        try (Wire wire = wire("echo")) {
            assertThat(echoOf(wire, "x")).isEqualTo("x");

            assertThat(wire.isEnded()).isTrue();
            await().until(() -> echo.ended() > before);
        }
    }

    @Test
    void connectsToTheNextEndpointWhenOneRefuses() throws IOException {
        for (int i = 0; i < 30; i++) {
            try (Wire wire = wire("retry")) {
                assertThat(echoOf(wire, "x")).isEqualTo("x");
            }
        }
    }

    @Test
    void endsAFlowThatNoEndpointTakes() throws IOException {
        try (Wire wire = wire("dead")) {
            assertThat(wire.isEnded()).isTrue();
        } catch (SocketException early) {
            // So early that not even the connect returned.
            assertThat(early).hasMessageContaining("reset");
        }
    }

    @Test
    void letsConnectionsAboveTheLimitWait() throws IOException {
        try (Wire first = wire("few");
                Wire second = wire("few")) {
            assertThat(echoOf(first, "1")).isEqualTo("1");
            assertThat(echoOf(second, "2")).isEqualTo("2");
            // Only now: which of two that come together is let in first is for the loops to say.
            try (Wire third = Wire.to(fairlead.port("few"))) {
                third.socket().setSoTimeout(300);
                assertThatThrownBy(() -> echoOf(third, "3")).isInstanceOf(SocketTimeoutException.class);
                first.close();
                third.socket().setSoTimeout(10_000);

                assertThat((char) third.in().read()).isEqualTo('3');
            }
        }
    }

    @Test
    void doesNotOpenMoreConnectionsThanAnEndpointMayHave() throws IOException {
        try (Wire first = wire("single")) {
            assertThat(echoOf(first, "1")).isEqualTo("1");
            try (Wire second = wire("single")) {
                assertThat(second.isEnded()).isTrue();
            }
        }
        await().ignoreExceptionsInstanceOf(SocketException.class).until(() -> {
            try (Wire again = wire("single")) {
                again.send("2");
                return again.in().read() == '2';
            }
        });
    }

    @Test
    void sharesByWeight() throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        for (int i = 0; i < 40; i++) {
            try (Wire wire = wire("weighted")) {
                counts.merge(wire.get("/name").text(), 1, Integer::sum);
            }
        }

        assertThat(counts).containsExactlyInAnyOrderEntriesOf(Map.of("one", 10, "two", 30));
    }
}
