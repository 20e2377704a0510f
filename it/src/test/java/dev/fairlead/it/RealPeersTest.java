package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Layer 4 between programs that were not made for this test, and under more than one of them.
class RealPeersTest {
    private static Path home;
    private static Child redis;
    private static Child iperf;
    private static ScriptedBackend echo;
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException {
        home = Files.createTempDirectory("fairlead-peers");
        int redisPort = Repository.freePort();
        int iperfPort = Repository.freePort();
        redis = Child.start(
                home,
                List.of("redis-server", "--bind", "127.0.0.1", "--port", "" + redisPort, "--save", "", "--dir", "."));
        iperf = Child.start(home, List.of("iperf3", "-s", "-B", "127.0.0.1", "-p", "" + iperfPort, "--forceflush"));
        echo = ScriptedBackend.playing(connection -> connection.in().transferTo(connection.out()));
        fairlead = Fairlead.start("""
                listeners:
                  redis: {protocol: tcp, address: "127.0.0.1:%d", upstream: redis}
                  iperf: {protocol: tcp, address: "127.0.0.1:%d", upstream: iperf}
                  echo: {protocol: tcp, address: "127.0.0.1:%d", upstream: echo}
                upstreams:
                  redis: {endpoints: ["127.0.0.1:%d"]}
                  iperf: {endpoints: ["127.0.0.1:%d"]}
                  echo: {endpoints: ["%s"]}
                """.formatted(
                        Repository.freePort(),
                        Repository.freePort(),
                        Repository.freePort(),
                        redisPort,
                        iperfPort,
                        echo.address()));
        await().until(() -> redis.output().contains("Ready to accept"));
        await().until(() -> iperf.output().contains("listening"));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            redis.close();
            iperf.close();
            echo.close();
            NginxBackend.delete(home);
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Child.Result result = Child.run(home, command);
        assertThat(result.status()).as(() -> result.text() + result.errors()).isZero();
        return result.text();
    }

    @Test
    void redisAnswersThroughIt() throws Exception {
        String port = "" + fairlead.port("redis");
        Path value = home.resolve("value");
        Files.writeString(value, "v".repeat(3_000_000));

        assertThat(run("redis-cli", "-p", port, "SET", "a", "1")).isEqualTo("OK\n");
        assertThat(run("sh", "-c", "redis-cli -p " + port + " -x SET large < " + value))
                .isEqualTo("OK\n");
        assertThat(run("redis-cli", "-p", port, "STRLEN", "large")).isEqualTo("3000000\n");
        assertThat(run("redis-cli", "-p", port, "GET", "large")).hasSize(3_000_001);
        assertThat(run(
                        "redis-benchmark",
                        "-p",
                        port,
                        "-q",
                        "-n",
                        "20000",
                        "-c",
                        "50",
                        "-P",
                        "8",
                        "-t",
                        "get,set,lpush"))
                .contains("GET:")
                .doesNotContain("Error");
    }

    @Test
    void iperfStreamsBothWaysAndIsSpliced() throws Exception {
        double before = fairlead.metric("fairlead_flow_spliced_bytes_total", "iperf");
        String port = "" + fairlead.port("iperf");

        run("iperf3", "-c", "127.0.0.1", "-p", port, "-t", "1");
        // Between two tests nobody listens.
        await().until(() -> iperf.output().split("listening", -1).length > 2);
        run("iperf3", "-c", "127.0.0.1", "-p", port, "-t", "1", "-R");

        assertThat(fairlead.metric("fairlead_flow_spliced_bytes_total", "iperf"))
                .isGreaterThan(before);
    }

    /// Every flow sends what only it knows, in pieces of all sizes, closes its half, and must get back just that.
    @Test
    void everyByteOfManyFlowsComesBackInOrder() throws Exception {
        List<CompletableFuture<Void>> flows = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int seed = i;
            flows.add(CompletableFuture.runAsync(() -> exact(seed), Thread::startVirtualThread));
        }
        for (CompletableFuture<Void> flow : flows) {
            flow.get(60, TimeUnit.SECONDS);
        }
    }

    private static void exact(int seed) {
        try (Socket socket = new Socket("127.0.0.1", fairlead.port("echo"))) {
            socket.setSoTimeout(30_000);
            var pieces = new SplittableRandom(seed);
            var sent = new SplittableRandom(1000 + seed);
            Thread writer = Thread.startVirtualThread(() -> {
                try {
                    for (int n = 0; n < 200; n++) {
                        byte[] piece = new byte[pieces.nextInt(10) == 0 ? 100_000 : 1 + pieces.nextInt(2_000)];
                        sent.nextBytes(piece);
                        socket.getOutputStream().write(piece);
                    }
                    socket.shutdownOutput();
                } catch (IOException broken) {
                    throw new java.io.UncheckedIOException(broken);
                }
            });
            assertSame(socket.getInputStream(), seed);
            writer.join();
        } catch (IOException | InterruptedException broken) {
            throw new AssertionError(broken);
        }
    }

    private static void assertSame(InputStream in, int seed) throws IOException {
        var pieces = new SplittableRandom(seed);
        var expected = new SplittableRandom(1000 + seed);
        for (int n = 0; n < 200; n++) {
            byte[] piece = new byte[pieces.nextInt(10) == 0 ? 100_000 : 1 + pieces.nextInt(2_000)];
            expected.nextBytes(piece);
            assertThat(in.readNBytes(piece.length)).isEqualTo(piece);
        }
        assertThat(in.read()).isEqualTo(-1);
    }

    @Test
    void redisWhoIsKilledUnderLoadEndsItsFlowsAndNoOther() throws Exception {
        int port = Repository.freePort();
        try (Child victim = Child.start(
                        home,
                        List.of(
                                "redis-server",
                                "--bind",
                                "127.0.0.1",
                                "--port",
                                "" + port,
                                "--save",
                                "",
                                "--dir",
                                "."));
                Wire other = Wire.to(fairlead.port("echo"))) {
            await().until(() -> victim.output().contains("Ready to accept"));
            try (Fairlead own = Fairlead.start("""
                    listeners:
                      redis: {protocol: tcp, address: "127.0.0.1:%d", upstream: redis}
                    upstreams:
                      redis: {endpoints: ["127.0.0.1:%d"]}
                    """.formatted(Repository.freePort(), port))) {
                List<Wire> wires = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    Wire wire = Wire.to(own.port("redis"));
                    wires.add(wire);
                    wire.send("PING\r\n");
                    assertThat(new String(wire.in().readNBytes(7), ISO_8859_1)).isEqualTo("+PONG\r\n");
                }
                victim.signal("KILL");
                for (Wire wire : wires) {
                    assertThat(wire.isEnded()).isTrue();
                    wire.close();
                }
                await().until(() -> own.metric("fairlead_flows_total") == 50);
            }
            other.send("x");
            assertThat(other.in().read()).isEqualTo('x');
        }
    }
}
