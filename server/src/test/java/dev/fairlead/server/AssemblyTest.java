package dev.fairlead.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.admin.AdminClient;
import dev.fairlead.admin.Operations.Reloaded;
import dev.fairlead.config.Config;
import dev.fairlead.config.ConfigFile;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real planes on real sockets; each endpoint is a server that says its name and closes.
@Timeout(120)
class AssemblyTest {
    private static final String END = "admin: { address: \"127.0.0.1:0\" }\nloops: 1\ndrain-timeout: 5s\n";

    @TempDir
    private Path folder;

    private Path file;
    private Assembly assembly;
    private final Greeter red = new Greeter("red");
    private final Greeter blue = new Greeter("blue");

    @BeforeEach
    void start() throws IOException {
        file = folder.resolve("fairlead.yaml");
        write("listeners:\n" + tcp("one", 0, "red") + "upstreams:\n" + upstream("red", red));
        assembly = Assembly.start(file, config());
        assembly.ready();
    }

    @AfterEach
    void stop() throws IOException {
        assembly.close();
        red.close();
        blue.close();
    }

    @Test
    void servesWhatTheConfigSays() throws IOException {
        assertThat(ask(assembly.address("one"))).isEqualTo("red");
        assertThat(admin().get("/readyz").status()).isEqualTo(200);
    }

    @Test
    void followsAChangedUpstreamOnTheSameSocket() throws IOException {
        InetSocketAddress before = assembly.address("one");

        write("listeners:\n" + tcp("one", 0, "red") + "upstreams:\n" + upstream("red", blue));

        assertThat(assembly.reload()).isEqualTo(done("upstream red changed"));
        assertThat(assembly.address("one")).isEqualTo(before);
        assertThat(ask(before)).isEqualTo("blue");
    }

    @Test
    void addsAndRemovesListenersAndUpstreams() throws IOException {
        InetSocketAddress left = assembly.address("one");

        write("listeners:\n" + tcp("two", 0, "blue") + "upstreams:\n" + upstream("blue", blue));

        assertThat(assembly.reload())
                .isEqualTo(done(
                        "upstream blue added",
                        "listener two added at 127.0.0.1:0",
                        "listener one removed from 127.0.0.1:0",
                        "upstream red removed"));
        assertThat(ask(assembly.address("two"))).isEqualTo("blue");
        assertRefused(left);
    }

    @Test
    void givesTheAddressOfALeavingListenerToANewOne() throws IOException {
        int port = freePort();
        write("listeners:\n" + tcp("old", port, "red") + "upstreams:\n" + upstream("red", red));
        assembly.reload();

        write("listeners:\n" + tcp("new", port, "blue") + "upstreams:\n" + upstream("blue", blue));

        assertThat(assembly.reload()).isInstanceOf(Reloaded.Done.class);
        assertThat(ask(assembly.address("new"))).isEqualTo("blue");
    }

    @Test
    void undoesEverythingWhenOneBindFails() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Config before = assembly.config();
            String running = admin().get("/config").body();
            write("listeners:\n" + tcp("two", 0, "blue") + tcp("three", taken.getLocalPort(), "blue") + "upstreams:\n"
                    + upstream("blue", blue));

            Reloaded reloaded = assembly.reload();

            assertThat(reloaded)
                    .isInstanceOfSatisfying(
                            Reloaded.Failed.class,
                            failed -> assertThat(failed.reason()).contains("127.0.0.1:" + taken.getLocalPort()));
            assertThat(assembly.config()).isSameAs(before);
            assertThat(admin().get("/config").body()).isEqualTo(running);
            // What had been started leaves as any other does, and is shown until it has.
            long deadlineNanos = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
            while (admin().listeners().size() > 1 && System.nanoTime() - deadlineNanos < 0) {
                LockSupport.parkNanos(10_000_000);
            }
            assertThat(admin().listeners()).extracting("name").containsExactly("one");
            assertThat(admin().upstreams()).extracting("name").containsExactly("red");
            assertThat(ask(assembly.address("one"))).isEqualTo("red");
        }
    }

    @Test
    void givesAnAddressBackWhenTheReloadThatTookItFails() throws IOException {
        int port = freePort();
        write("listeners:\n" + tcp("old", port, "red") + "upstreams:\n" + upstream("red", red));
        assembly.reload();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            write("listeners:\n" + tcp("new", port, "red") + tcp("bad", taken.getLocalPort(), "red") + "upstreams:\n"
                    + upstream("red", red));

            assertThat(assembly.reload()).isInstanceOf(Reloaded.Failed.class);
        }
        assertThat(ask(assembly.address("old"))).isEqualTo("red");
    }

    @Test
    void keepsTheOldConfigWhenTheFileIsWrong() throws IOException {
        Files.writeString(file, "lissteners: {}\n");

        assertThat(assembly.reload())
                .isInstanceOfSatisfying(
                        Reloaded.Invalid.class,
                        invalid -> assertThat(invalid.problems()).isNotEmpty());
        assertThat(ask(assembly.address("one"))).isEqualTo("red");
        assertThat(admin().metrics()).containsEntry("fairlead_config_reloads_total{result=\"invalid\"}", 1.0);
    }

    @Test
    void saysEachTimeWhatNeedsARestart() throws IOException {
        Files.writeString(file, Files.readString(file).replace("loops: 1", "loops: 2"));

        Reloaded first = assembly.reload();
        Reloaded second = assembly.reload();

        assertThat(first).isEqualTo(new Reloaded.Done(List.of(), List.of("loops changed"), List.of()));
        assertThat(second).isEqualTo(first);
    }

    @Test
    void drainsUntilTheLastFlowIsOver() throws Exception {
        try (ServerSocket quiet = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            write("listeners:\n" + tcp("one", 0, "slow") + "upstreams:\n  slow: { endpoints: [\"127.0.0.1:"
                    + quiet.getLocalPort() + "\"] }\n");
            assembly.reload();
            InetSocketAddress address = assembly.address("one");
            try (Socket client = connect(address);
                    Socket server = quiet.accept()) {
                assembly.drain();
                assertThat(admin().get("/readyz")).isEqualTo(new AdminClient.Reply(503, "draining\n"));
                server.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo('x');
                assertRefused(address);
            }
            assembly.awaitDrained();
        }
    }

    /// Whoever gives each listener a new name would have more and more of them.
    @Test
    void whatDrainsHaveCutIsCountedOfTheLastOfThoseThatAreGone() throws Exception {
        int gone = Topology.REMEMBERED_MAX + 1;
        List<Socket> held = new ArrayList<>();
        try (ServerSocket quiet = new ServerSocket(0, gone, InetAddress.getLoopbackAddress())) {
            StringBuilder listeners = new StringBuilder("listeners:\n");
            for (int i = 0; i < gone; i++) {
                listeners.append(tcp("gone" + i, 0, "slow"));
            }
            String rest = "upstreams:\n  slow: { endpoints: [\"127.0.0.1:" + quiet.getLocalPort() + "\"] }\n"
                    + END.replace("5s", "100ms");
            Files.writeString(file, listeners + rest);
            assembly.reload();
            for (int i = 0; i < gone; i++) {
                held.add(connect(assembly.address("gone" + i)));
                held.add(quiet.accept());
            }

            Files.writeString(file, "listeners:\n" + tcp("other", 0, "slow") + rest);
            assembly.reload();

            awaitOneListener();
            assertThat(cuts()).isEqualTo(Topology.REMEMBERED_MAX);
        } finally {
            for (Socket each : held) {
                each.close();
            }
        }
    }

    /// Those that left are gone.
    private void awaitOneListener() throws IOException {
        long deadlineNanos = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (admin().listeners().size() > 1 && System.nanoTime() - deadlineNanos < 0) {
            LockSupport.parkNanos(10_000_000);
        }
    }

    private long cuts() throws IOException {
        return admin().metrics().entrySet().stream()
                .filter(each ->
                        each.getKey().startsWith("fairlead_drain_cut_total{listener=\"gone") && each.getValue() > 0)
                .count();
    }

    /// It was counted when the listener was gone, and forgotten with it.
    @Test
    void whatADrainHasCutIsCountedWhenTheListenerIsGone() throws Exception {
        String cut = "fairlead_drain_cut_total{listener=\"one\"}";
        try (ServerSocket quiet = new ServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
            String upstreams = "upstreams:\n  slow: { endpoints: [\"127.0.0.1:" + quiet.getLocalPort() + "\"] }\n";
            String soon = END.replace("5s", "100ms");
            String one = "listeners:\n" + tcp("one", 0, "slow") + upstreams + soon;
            String other = "listeners:\n" + tcp("other", 0, "slow") + upstreams + soon;
            for (double sum = 1; sum <= 2; sum++) {
                Files.writeString(file, one);
                assembly.reload();
                assertThat(admin().metrics()).containsEntry(cut, sum - 1);
                try (Socket client = connect(assembly.address("one"));
                        Socket _ = quiet.accept()) {
                    Files.writeString(file, other);
                    assembly.reload();
                    assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
                }
                awaitOneListener();
                assertThat(admin().metrics())
                        .containsEntry(cut, sum)
                        .doesNotContainKey("fairlead_listener_connections_total{listener=\"one\"}");
            }
        }
    }

    @Test
    void leavesNothingBehindWhenItCannotStart() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = freePort();
            write("listeners:\n" + tcp("free", port, "red") + tcp("taken", taken.getLocalPort(), "red") + "upstreams:\n"
                    + upstream("red", red));

            assertThatThrownBy(() -> Assembly.start(file, config()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());

            assertRefused(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }
    }

    private static Reloaded done(String... changes) {
        return new Reloaded.Done(List.of(changes), List.of(), List.of());
    }

    private static String tcp(String name, int port, String upstream) {
        return "  %s: { protocol: tcp, address: \"127.0.0.1:%d\", upstream: %s }\n".formatted(name, port, upstream);
    }

    private static String upstream(String name, Greeter greeter) {
        return "  %s: { endpoints: [\"127.0.0.1:%d\"] }\n".formatted(name, greeter.port());
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text + END);
    }

    private Config config() {
        var reading = ConfigFile.read(file, Map.of());
        assertThat(reading.config()).as(reading.problems().toString()).isNotNull();
        return reading.config();
    }

    private AdminClient admin() {
        return new AdminClient("127.0.0.1:" + assembly.adminAddress().getPort());
    }

    /// A port that was free a moment ago.
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(10_000);
        socket.connect(address, 5_000);
        return socket;
    }

    private static String ask(InetSocketAddress address) throws IOException {
        try (Socket socket = connect(address)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    /// A plane's socket is closed by its loop, a moment after the drain was asked for.
    private static void assertRefused(InetSocketAddress address) throws IOException {
        long deadline = System.nanoTime() + 5_000_000_000L;
        while (true) {
            try (Socket socket = connect(address)) {
                assertThat(System.nanoTime()).as("still accepts at " + address).isLessThan(deadline);
            } catch (ConnectException refused) {
                return;
            }
        }
    }

    private static final class Greeter implements AutoCloseable {
        private final ServerSocket socket;

        Greeter(String name) {
            try {
                socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            Thread.startVirtualThread(() -> greet(name));
        }

        private void greet(String name) {
            while (!socket.isClosed()) {
                try (Socket client = socket.accept()) {
                    client.getOutputStream().write(name.getBytes(StandardCharsets.US_ASCII));
                } catch (IOException closed) {
                    // The end of the test, or a client that left.
                }
            }
        }

        int port() {
            return socket.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
