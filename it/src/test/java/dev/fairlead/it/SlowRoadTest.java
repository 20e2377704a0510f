package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Layer 4 where the network is slow and uneven on both sides, and what the sockets are told for that.
class SlowRoadTest {
    private static final int BYTES = 120_000;

    private static ScriptedBackend echo;
    private static JitterRelay behind;
    private static JitterRelay before;
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException {
        echo = ScriptedBackend.playing(connection -> connection.in().transferTo(connection.out()));
        int echoPort = Integer.parseInt(echo.address().substring(echo.address().lastIndexOf(':') + 1));
        behind = new JitterRelay(new InetSocketAddress("127.0.0.1", echoPort), 100_000, 15_000_000);
        fairlead = Fairlead.start("""
                listeners:
                  slow: {protocol: tcp, address: "127.0.0.1:%d", upstream: slow, keep-alive: {idle: 77s}}
                upstreams:
                  slow: {endpoints: ["%s"]}
                """.formatted(Repository.freePort(), behind.address()));
        before = new JitterRelay(new InetSocketAddress("127.0.0.1", fairlead.port("slow")), 100_000, 15_000_000);
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            before.close();
            behind.close();
            echo.close();
        }
    }

    private static Socket connect() throws IOException {
        Socket socket =
                new Socket("127.0.0.1", Integer.parseInt(before.address().split(":")[1]));
        socket.setSoTimeout(30_000);
        return socket;
    }

    @Test
    void everyByteComesInOrderHoweverUnevenTheRoad() throws Exception {
        List<CompletableFuture<Void>> flows = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int seed = i;
            flows.add(CompletableFuture.runAsync(() -> exact(seed), Thread::startVirtualThread));
        }
        for (CompletableFuture<Void> flow : flows) {
            flow.get(60, TimeUnit.SECONDS);
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> fairlead.metric("fairlead_flows_total", "slow", "client-fin") >= flows.size());
    }

    private static void exact(int seed) {
        byte[] sent = new byte[BYTES];
        new SplittableRandom(seed).nextBytes(sent);
        try (Socket socket = connect()) {
            Thread writer = Thread.startVirtualThread(() -> {
                try {
                    socket.getOutputStream().write(sent);
                    socket.shutdownOutput();
                } catch (IOException broken) {
                    throw new java.io.UncheckedIOException(broken);
                }
            });
            assertThat(socket.getInputStream().readAllBytes()).isEqualTo(sent);
            writer.join();
        } catch (IOException | InterruptedException broken) {
            throw new AssertionError(broken);
        }
    }

    /// ss(8) shows the timer of a socket: keep-alive is under way on the client's and on the endpoint's.
    @Test
    void bothSocketsOfAFlowAreKeptAlive() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().read()).isEqualTo(1);
            String client = ":" + fairlead.port("slow");
            String endpoint = ":" + behind.address().split(":")[1];

            await().atMost(Duration.ofSeconds(20)).until(() -> isKeptAlive("sport", client));
            await().atMost(Duration.ofSeconds(20)).until(() -> isKeptAlive("dport", endpoint));
        }
    }

    private static boolean isKeptAlive(String end, String port) throws IOException, InterruptedException {
        return Child.run(Path.of("/"), "ss", "-tnoH", "state", "established", end, "=", port)
                .text()
                .contains("timer:(keepalive,1min");
    }
}
