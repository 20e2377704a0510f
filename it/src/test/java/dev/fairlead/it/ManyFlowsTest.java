package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// As many connections at once as a server of some size has, all of them in use.
class ManyFlowsTest {
    private static final int FLOWS = 8_000;
    private static final int ROUNDS = 3;

    /// An echo that holds as many connections as its process may have. A program of its own, since both ends of a
    /// connection would not fit into one.
    private static final String ECHO = """
            import resource, selectors, socket, sys
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=4096)
            server.setblocking(False)
            selector = selectors.DefaultSelector()
            selector.register(server, selectors.EVENT_READ)
            print("ready", flush=True)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is server:
                        client, _ = server.accept()
                        selector.register(client, selectors.EVENT_READ)
                        continue
                    data = key.fileobj.recv(4096)
                    if data:
                        key.fileobj.sendall(data)
                    else:
                        selector.unregister(key.fileobj)
                        key.fileobj.close()
            """;

    /// Fairlead has two descriptors for each flow; a smaller machine holds fewer.
    private static int flows() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/limits"))) {
            String hard = lines.filter(line -> line.toLowerCase(Locale.ROOT).startsWith("max open files"))
                    .findFirst()
                    .orElseThrow()
                    .split("\\s+")[4];
            return hard.equals("unlimited") ? FLOWS : Math.min(FLOWS, (Integer.parseInt(hard) - 1_000) / 2);
        }
    }

    @Test
    void eightThousandAreHeldAndAllOfThemAnswer() throws Exception {
        int count = flows();
        Path home = Files.createTempDirectory("fairlead-many");
        Path script = home.resolve("echo.py");
        Files.writeString(script, ECHO);
        int echoPort = Repository.freePort();
        try (Child echo = Child.start(home, List.of("python3", script.toString(), "" + echoPort));
                Fairlead fairlead = Fairlead.start("""
                        listeners:
                          many: {protocol: tcp, address: "127.0.0.1:%d", upstream: echo, max-connections: 10000}
                        upstreams:
                          echo: {endpoints: ["127.0.0.1:%d"]}
                        """.formatted(Repository.freePort(), echoPort))) {
            await().until(() -> echo.output().contains("ready"));
            var to = new InetSocketAddress("127.0.0.1", fairlead.port("many"));
            List<SocketChannel> clients = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                clients.add(SocketChannel.open(to));
            }
            for (int round = 0; round < ROUNDS; round++) {
                exchange(clients, round);
                assertThat(fairlead.metric("fairlead_listener_connections_open", "many"))
                        .isEqualTo(count);
            }
            for (SocketChannel client : clients) {
                client.close();
            }
            await().until(() -> fairlead.metric("fairlead_flows_total", "many", "client-fin") == count);
            assertThat(fairlead.metric("fairlead_flow_bytes_total", "many", "out"))
                    .isEqualTo((double) count * ROUNDS * Long.BYTES);
        } finally {
            NginxBackend.delete(home);
        }
    }

    /// Everybody asks before anybody reads, and each must get back what only it has sent.
    private static void exchange(List<SocketChannel> clients, int round) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(Long.BYTES);
        for (int i = 0; i < clients.size(); i++) {
            bytes.clear().putLong((long) round << 32 | i).flip();
            while (bytes.hasRemaining()) {
                clients.get(i).write(bytes);
            }
        }
        for (int i = 0; i < clients.size(); i++) {
            bytes.clear();
            while (bytes.hasRemaining()) {
                assertThat(clients.get(i).read(bytes)).isPositive();
            }
            assertThat(bytes.flip().getLong()).isEqualTo((long) round << 32 | i);
        }
    }
}
