package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/// What tests of Layer 4 in the kernel begin with: a client and three servers, each in a network of its own, and the
/// real program between them. Needs root.
@Tag("root")
abstract class KernelTest {
    static final int PORT = 5000;
    static final int WAIT_MILLIS = 30_000;

    final List<EchoServer> servers = new ArrayList<>();
    NetworkLab lab;
    Fairlead fairlead;

    private final List<Socket> sockets = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        assumeTrue(
                "root".equals(System.getProperty("user.name")),
                "SKIPPED: only root can make networks and load programs into Linux");
        lab = new NetworkLab();
        for (int i = 1; i <= NetworkLab.SERVERS; i++) {
            servers.add(new EchoServer(lab.server(i), i));
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (Socket each : sockets) {
            each.close();
        }
        try {
            if (fairlead != null) {
                fairlead.close();
            }
        } finally {
            for (EchoServer each : servers) {
                each.close();
            }
            if (lab != null) {
                lab.close();
            }
        }
    }

    /// A config with one listener, the upstream of these servers, and whatever else stands in the three. They have
    /// their turns, where nothing else is said.
    String yaml(String listener, String upstream, String kernel, int... numbers) {
        String chosen = upstream.contains("balancer") ? upstream : upstream + ", balancer: round-robin";
        return """
                listeners:
                  raw: {protocol: tcp, address: "%s:%d", upstream: app, carrier: %s%s}
                upstreams:
                  app: {endpoints: [%s]%s}
                %s
                drain-timeout: 60s
                """.formatted(lab.balancer(), PORT, carrier(), listener, endpoints(numbers), chosen, shared(kernel));
    }

    /// Which of Linux's ways carries the listeners; another one is another class of tests with the same tests.
    String carrier() {
        return "ebpf";
    }

    /// What all listeners of a config share, and whatever else it says.
    String shared(String more) {
        return "kernel: {interfaces: %s, max-flows: 20000, pins: %s, table: %s%s}"
                .formatted(lab.interfaces(), lab.pins(), lab.table(), more);
    }

    String endpoints(int... numbers) {
        return String.join(
                ", ",
                Arrays.stream(numbers).mapToObj(i -> '"' + endpoint(i) + '"').toList());
    }

    String endpoint(int number) {
        return lab.address(number) + ":" + EchoServer.PORT;
    }

    Socket connect() throws IOException, InterruptedException {
        return connect(lab.balancer());
    }

    Socket connect(String address) throws IOException, InterruptedException {
        return connect(lab.client(), address);
    }

    Socket connect(int port) throws IOException, InterruptedException {
        return connect(lab.client(), new InetSocketAddress(lab.balancer(), port));
    }

    Socket connect(Namespace from, String address) throws IOException, InterruptedException {
        return connect(from, new InetSocketAddress(address, PORT));
    }

    private Socket connect(Namespace from, InetSocketAddress address) throws IOException, InterruptedException {
        Socket socket = from.call(() -> {
            Socket made = new Socket();
            made.connect(address, 2 * WAIT_MILLIS);
            return made;
        });
        socket.setSoTimeout(WAIT_MILLIS);
        sockets.add(socket);
        return socket;
    }

    /// The server that a connection has: it says so first.
    static int server(Socket socket) throws IOException {
        return socket.getInputStream().read();
    }

    static void echo(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes());
        assertThat(new String(socket.getInputStream().readNBytes(text.length())))
                .isEqualTo(text);
    }

    /// Random bytes come back as they went, and so does the end.
    static void carriesBulk(Socket socket, int bytes) throws IOException, InterruptedException {
        byte[] sent = new byte[bytes];
        new Random(7).nextBytes(sent);
        Thread writer = Thread.ofVirtual().start(() -> {
            try {
                socket.getOutputStream().write(sent);
                socket.shutdownOutput();
            } catch (IOException broken) {
                throw new IllegalStateException(broken);
            }
        });
        InputStream in = socket.getInputStream();
        byte[] got = in.readNBytes(sent.length);
        writer.join();

        assertThat(Arrays.mismatch(got, sent)).isEqualTo(-1);
        assertThat(in.read()).as("half-close is passed on").isEqualTo(-1);
    }

    /// The server of a client that asks twice: the same.
    int askTwice(DatagramSocket socket) throws IOException {
        socket.setSoTimeout(WAIT_MILLIS);
        int first = ask(socket);
        assertThat(ask(socket)).isEqualTo(first);
        return first;
    }

    /// Which server the listener has given to that socket: it says so, and the listener is who answers.
    int ask(DatagramSocket socket) throws IOException {
        return ask(socket, lab.balancer());
    }

    static int ask(DatagramSocket socket, String address) throws IOException {
        byte[] question = "what".getBytes();
        InetSocketAddress listener = new InetSocketAddress(InetAddress.ofLiteral(address), PORT);
        socket.send(new DatagramPacket(question, question.length, listener));
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        socket.receive(answer);
        assertThat(answer.getLength()).isEqualTo(question.length + 1);
        assertThat(answer.getSocketAddress()).isEqualTo(listener);
        return answer.getData()[0];
    }

    /// Before a command: who runs it is nobody, and has no rights but these, as systemd's AmbientCapabilities give
    /// them.
    static List<String> nobodyWith(String capabilities) {
        String exactly = "-all" + (capabilities.isEmpty() ? "" : "," + capabilities);
        String script = "chmod a+rx . && exec setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set="
                + exactly + " --inh-caps=" + exactly + " --ambient-caps=" + exactly + " \"$@\"";
        return List.of("bash", "-c", script, "bash");
    }

    double active() {
        return fairlead.metric("fairlead_endpoint_active");
    }

    static void await(Callable<Boolean> condition) {
        Awaitility.await().atMost(Duration.ofMillis(WAIT_MILLIS)).until(condition);
    }
}
