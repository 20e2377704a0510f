package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// What Linux carries when the process is gone, and what the next one makes of it. Needs root.
class KernelRestartTest extends KernelTest {
    private static final int WAIT_SECONDS = 30;
    private static final int LISTENERS = 6;

    /// Turns choose: nothing but the table knows where a connection is.
    private String yaml(String listener, String onExit, int... endpoints) {
        return yaml(listener, ", balancer: round-robin", ", on-exit: " + onExit, endpoints);
    }

    private void awaitActive(int flows) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(WAIT_SECONDS))
                .until(() -> fairlead.metric("fairlead_endpoint_active") == flows);
    }

    /// Sends until it is told that it is enough, then ends its half; what comes back is what was sent.
    private final class Transfer {
        private final Socket socket;
        private final CompletableFuture<Long> sent = new CompletableFuture<>();
        private final CompletableFuture<Long> received = new CompletableFuture<>();
        private volatile boolean isEnough;

        Transfer(Socket socket) {
            this.socket = socket;
            Thread.ofPlatform().daemon().start(this::send);
            Thread.ofPlatform().daemon().start(this::receive);
        }

        private void send() {
            Random random = new Random(11);
            byte[] piece = new byte[8192];
            long bytes = 0;
            try {
                while (!isEnough) {
                    random.nextBytes(piece);
                    socket.getOutputStream().write(piece);
                    bytes += piece.length;
                    // Slow enough to be under way all the time.
                    Thread.sleep(1);
                }
                socket.shutdownOutput();
                sent.complete(bytes);
            } catch (IOException | InterruptedException broken) {
                sent.completeExceptionally(broken);
            }
        }

        private void receive() {
            Random random = new Random(11);
            byte[] wanted = new byte[8192];
            long bytes = 0;
            try {
                while (true) {
                    byte[] got = socket.getInputStream().readNBytes(wanted.length);
                    if (got.length == 0) {
                        received.complete(bytes);
                        return;
                    }
                    random.nextBytes(wanted);
                    if (!Arrays.equals(got, wanted)) {
                        throw new IOException("other bytes came back after " + bytes);
                    }
                    bytes += got.length;
                }
            } catch (IOException broken) {
                received.completeExceptionally(broken);
            }
        }

        void end() throws Exception {
            isEnough = true;
            assertThat(received.get(WAIT_SECONDS, TimeUnit.SECONDS))
                    .isEqualTo(sent.get(WAIT_SECONDS, TimeUnit.SECONDS))
                    .isPositive();
        }
    }

    @Test
    void aTransferGoesOnOverACrashAndARestart() throws Exception {
        fairlead = Fairlead.start(yaml("", "remove", 1, 2, 3));
        Socket held = connect();
        server(held);
        Socket socket = connect();
        server(socket);
        Transfer transfer = new Transfer(socket);

        fairlead.kill();

        echo(held, "nobody is here");
        Socket meanwhile = connect();
        int chosen = server(meanwhile);
        assertThat(chosen).as("new flows go on too").isEqualTo(3);
        fairlead = Fairlead.start(yaml("", "remove", 1, 2, 3));
        assertThat(fairlead.log()).contains("an earlier Fairlead has left its flows in the kernel");
        awaitActive(3);
        assertThat(fairlead.admin("/flows")).contains(lab.address(0) + ":" + held.getLocalPort());
        echo(meanwhile, "still here");
        transfer.end();
        socket.close();
        awaitActive(2);
        assertThat(fairlead.metric("fairlead_flows_total", "forgotten")).isZero();
        assertThat(server(connect())).as("turns go on").isEqualTo(1);
    }

    @Test
    void kernelStatusAndCleanSeeWhatIsLeft() throws Exception {
        fairlead = Fairlead.start(yaml("", "remove", 1, 2));
        Socket held = connect();
        server(held);

        assertThat(kernel(0, "status"))
                .contains(place(), "generation  1", "flows       1", lab.balancer() + ":" + PORT)
                .doesNotContain("Linux goes on alone");
        assertThat(kernel(1, "clean")).contains(": end that one first");
        fairlead.kill();
        assertThat(kernel(0, "status")).contains("Linux goes on alone");
        echo(held, "still here");

        assertThat(kernel(0, "clean")).contains(removed());
        assertThat(kernel(0, "status")).contains("nothing is pinned", "there is no table");
        fairlead = null;
    }

    /// Where Linux has what a process leaves.
    String place() {
        return lab.pins();
    }

    String removed() {
        return "removed from v";
    }

    private String kernel(int status, String act) throws IOException, InterruptedException {
        return kernel(status, act, lab.pins());
    }

    String kernel(int status, String act, String pins) throws IOException, InterruptedException {
        List<String> command = Program.command(List.of(), "kernel", act, "--pins", pins, "--table", lab.table());
        Child.Result result = Child.run(java.nio.file.Path.of("/"), command.toArray(String[]::new));
        assertThat(result.status()).as(() -> result.text() + result.errors()).isEqualTo(status);
        return result.text() + result.errors();
    }

    @Test
    void whatIsKeptAtTheEndIsTakenOver() throws Exception {
        fairlead = Fairlead.start(yaml("", "keep", 1, 2));
        Socket first = connect();
        assertThat(server(first)).isEqualTo(1);

        fairlead.signal("TERM");
        fairlead.awaitExit(Duration.ofSeconds(WAIT_SECONDS));
        fairlead.close();
        echo(first, "nobody is here");

        // Endpoint 1 has gone from the config meanwhile: its flow stays, and has its end.
        fairlead = Fairlead.start(yaml("", "remove", 2, 3));
        echo(first, "still here");
        assertThat(server(connect())).isNotEqualTo(1);
        assertThat(server(connect())).isNotEqualTo(1);
        awaitActive(2);
        echo(first, "and still");
    }

    @Test
    void whatTheNextConfigHasNoMoreIsRemoved() throws Exception {
        String yaml = yaml("", "keep", 1);
        fairlead = Fairlead.start(yaml);
        Socket held = connect();
        server(held);
        fairlead.kill();

        fairlead = Fairlead.start(yaml.replace(":" + PORT + "\"", ":" + (PORT + 1) + "\""));

        Awaitility.await().atMost(Duration.ofSeconds(WAIT_SECONDS)).until(() -> {
            try {
                held.getOutputStream().write(1);
                return false;
            } catch (IOException reset) {
                return true;
            }
        });
        fairlead.kill();
        kernel(0, "clean");
        fairlead = null;
    }

    @Test
    void datagramsOfThisHostAreCarriedWithoutAProcess() throws Exception {
        String yaml = yaml("", "keep", 1).replace("protocol: tcp", "protocol: udp");
        fairlead = Fairlead.start(yaml);
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(1000 * WAIT_SECONDS);
            ask(socket);
            fairlead.kill();
            ask(socket);
            fairlead = Fairlead.start(yaml);
            ask(socket);
            fairlead.kill();
            ask(socket);
        }
        kernel(0, "clean");
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(500);
            assertThatThrownBy(() -> ask(socket)).isInstanceOf(SocketTimeoutException.class);
        }
        fairlead = null;
    }

    /// Whichever of them the table names first.
    @Test
    void listenersBecomeOneOverARestart() throws Exception {
        StringBuilder several = new StringBuilder();
        List<String> addresses = new ArrayList<>();
        for (int port = PORT; port < PORT + LISTENERS; port++) {
            String address = '"' + lab.balancer() + ":" + port + '"';
            addresses.add(address);
            several.append("  at-%d: {protocol: tcp, address: %s, upstream: app, carrier: %s}\n"
                    .formatted(port, address, carrier()));
        }
        String one = yaml("", "remove", 1, 2, 3);
        String listener = one.lines()
                        .filter(line -> line.startsWith("  raw: "))
                        .findFirst()
                        .orElseThrow() + "\n";
        fairlead = Fairlead.start(one.replace(listener, several));
        List<Socket> held = new ArrayList<>();
        for (int port = PORT; port < PORT + LISTENERS; port++) {
            held.add(connect(port));
            server(held.getLast());
        }

        fairlead.kill();
        fairlead = Fairlead.start(one.replace(addresses.getFirst(), addresses.toString()));

        double looks = fairlead.metric("fairlead_kernel_sweep_seconds_count");
        Awaitility.await()
                .atMost(Duration.ofSeconds(WAIT_SECONDS))
                .until(() -> fairlead.metric("fairlead_kernel_sweep_seconds_count") > looks + 1);
        for (Socket each : held) {
            echo(each, "still here");
        }
        awaitActive(LISTENERS);
        server(connect(PORT + 1));
        awaitActive(LISTENERS + 1);
        for (Socket each : held) {
            each.close();
        }
        awaitActive(1);
        assertThat(fairlead.metric("fairlead_flows_total", "forgotten")).isZero();
    }

    @Test
    void sourcePortsAreRememberedByTheNextProcess() throws Exception {
        for (int i = 1; i <= NetworkLab.SERVERS; i++) {
            lab.server(i).run("ip", "route", "del", "default");
        }
        String yaml = yaml(", source: " + lab.here(2), "remove", 2);
        fairlead = Fairlead.start(yaml);
        Socket held = connect();
        server(held);

        fairlead.kill();
        fairlead = Fairlead.start(yaml);

        echo(held, "still here");
        server(connect());
        List<Integer> ports = new ArrayList<>();
        servers.get(1).peers().forEach(peer -> ports.add(peer.getPort()));
        assertThat(ports).hasSize(2).doesNotHaveDuplicates();
        awaitActive(2);
    }

    @Test
    void twoProcessesDoNotShareOnePlace() throws Exception {
        fairlead = Fairlead.start(yaml("", "remove", 1));

        assertThatThrownBy(
                        () -> Fairlead.start(yaml("", "remove", 1).replace(":" + PORT + "\"", ":" + (PORT + 1) + "\"")))
                .hasMessageContaining("the Fairlead with process number")
                .hasMessageContaining(place());

        server(connect());
    }
}
