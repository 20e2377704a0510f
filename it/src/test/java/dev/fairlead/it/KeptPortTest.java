package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Endpoints that are asked on the port that the client has asked for, on sockets. The listener is at one loopback
/// address and the endpoint, at the same ports, at another.
class KeptPortTest {
    private static final int WAIT_MILLIS = 30_000;
    private static final String HERE = "127.0.0.1";
    private static final String THERE = "127.0.0.2";

    private final int[] ports = {Repository.freePort(), Repository.freePort(), Repository.freePort()};
    private final List<AutoCloseable> doors = new ArrayList<>();

    /// To a connection a server says the port that it came by, and to a datagram as well.
    @BeforeEach
    void serve() throws IOException {
        for (int port : ports) {
            ServerSocket door = new ServerSocket(port, 100, InetAddress.getByName(THERE));
            DatagramSocket datagrams = new DatagramSocket(new InetSocketAddress(THERE, port));
            doors.add(door);
            doors.add(datagrams);
            byte[] name = ("" + port).getBytes(US_ASCII);
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    while (true) {
                        Socket next = door.accept();
                        Thread.ofVirtual().start(() -> tell(next, name));
                    }
                } catch (IOException closed) {
                    // The test is over.
                }
            });
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    while (true) {
                        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
                        datagrams.receive(packet);
                        packet.setData(name);
                        datagrams.send(packet);
                    }
                } catch (IOException closed) {
                    // The test is over.
                }
            });
        }
    }

    /// Until its client goes.
    private static void tell(Socket client, byte[] name) {
        try (client) {
            client.getOutputStream().write(name);
            client.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException reset) {
            // It has gone.
        }
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : List.copyOf(doors)) {
            each.close();
        }
    }

    private String yaml(String protocol, String endpoint, String listener) {
        List<String> addresses = new ArrayList<>();
        for (int port : ports) {
            addresses.add("\"" + HERE + ":" + port + "\"");
        }
        return """
                listeners:
                  media: {protocol: %s, address: %s, upstream: media%s}
                upstreams:
                  media: {endpoints: ["%s"]}
                access-log: {path: stdout}
                """.formatted(protocol, addresses, listener, endpoint);
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(HERE, port);
        socket.setSoTimeout(WAIT_MILLIS);
        return socket;
    }

    private static String said(Socket socket, int port) throws IOException {
        return new String(socket.getInputStream().readNBytes(("" + port).length()), US_ASCII);
    }

    @Test
    void aConnectionComesToThePortThatItAskedFor() throws Exception {
        try (Fairlead fairlead = Fairlead.start(yaml("tcp", THERE + ":*", ""))) {
            for (int port : ports) {
                try (Socket socket = connect(port)) {
                    assertThat(said(socket, port)).isEqualTo("" + port);
                    await().untilAsserted(
                                    () -> assertThat(fairlead.admin("/flows")).contains(" : " + place(port)));
                }
            }

            assertThat(fairlead.admin("/upstreams")).contains("\"" + THERE + ":*\"");
            assertThat(fairlead.metric("fairlead_endpoint_picks_total", "endpoint=\"" + THERE + ":*\""))
                    .isEqualTo(3);
            assertThat(fairlead.command(0, "explain", "tcp://" + HERE + ":" + ports[0]))
                    .contains("endpoint  " + THERE + ":" + ports[0]);
            fairlead.command(0, "drain", "media", THERE + ":*");
            assertThat(fairlead.command(0, "show")).contains("drain");
            logsEach(fairlead);
        }
    }

    /// As JSON has it.
    private static String place(int port) {
        return "\"" + THERE + ":" + port + "\"";
    }

    /// Of each port a flow is in the access log.
    private void logsEach(Fairlead fairlead) {
        for (int port : ports) {
            await().untilAsserted(() -> assertThat(fairlead.log()).contains("\"endpoint\":" + place(port)));
        }
    }

    @Test
    void aDatagramComesToThePortThatItWasSentTo() throws Exception {
        try (Fairlead fairlead = Fairlead.start(yaml("udp", THERE + ":*", ", idle-timeout: 10s"));
                DatagramSocket client = new DatagramSocket(new InetSocketAddress(HERE, 0))) {
            client.setSoTimeout(WAIT_MILLIS);
            // From one port to all of them, and back to the first.
            for (int port : new int[] {ports[0], ports[1], ports[2], ports[0]}) {
                ask(client, port);
            }
            assertThat(fairlead.metric("fairlead_udp_flows_open")).isEqualTo(3);
            for (int port : ports) {
                assertThat(fairlead.admin("/flows")).contains(" : " + place(port));
            }
            logsEach(fairlead);
        }
    }

    /// As at the end of any call, when the server has closed its port and the client has not heard of it.
    @Test
    void aPortThatIsClosedIsNotHeldAgainstTheOthers() throws Exception {
        int dead = Repository.freePort();
        String config = """
                listeners:
                  media: {protocol: udp, address: ["%1$s:%3$d", "%1$s:%4$d"], upstream: media}
                upstreams:
                  media:
                    endpoints: ["%2$s:*", "127.0.0.3:*"]
                    balancer: first
                    outliers: {connect-failures: 2}
                """.formatted(HERE, THERE, ports[0], dead);
        String endpoint = "endpoint=\"" + THERE + ":*\"";
        try (Fairlead fairlead = Fairlead.start(config);
                DatagramSocket client = new DatagramSocket(new InetSocketAddress(HERE, 0))) {
            client.setSoTimeout(WAIT_MILLIS);
            ask(client, ports[0]);
            for (int i = 1; i <= 5; i++) {
                client.send(new DatagramPacket(new byte[] {'?'}, 1, new InetSocketAddress(HERE, dead)));
                int refused = i;
                await().untilAsserted(
                                () -> assertThat(fairlead.metric("fairlead_endpoint_connect_failures_total", endpoint))
                                        .isEqualTo(refused));
            }

            ask(client, ports[0]);
            assertThat(fairlead.metric("fairlead_endpoint_picks_total", endpoint))
                    .as("the flow goes on")
                    .isEqualTo(6);
        }
    }

    /// None was found, and the log says where it was looked for.
    @Test
    void aConnectionThatIsRefusedIsLoggedWithItsPort() throws Exception {
        int dead = Repository.freePort();
        try (Fairlead fairlead =
                Fairlead.start(yaml("tcp", THERE + ":*", "").replace(":" + ports[0] + "\"", ":" + dead + "\""))) {
            try (Socket refused = connect(dead)) {
                refused.getInputStream().read();
            } catch (IOException reset) {
                // So it is.
            }

            await().untilAsserted(() -> assertThat(fairlead.log()).contains("\"endpoint\":" + place(dead)));
        }
    }

    private static void ask(DatagramSocket client, int port) throws IOException {
        InetSocketAddress to = new InetSocketAddress(HERE, port);
        client.send(new DatagramPacket(new byte[] {'?'}, 1, to));
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        client.receive(answer);
        assertThat(answer.getSocketAddress()).isEqualTo(to);
        assertThat(new String(answer.getData(), 0, answer.getLength(), US_ASCII))
                .isEqualTo("" + port);
    }

    /// The port that it was asked on is that of the proxy in front, which its header names.
    @Test
    void behindAProxyItIsThePortThatTheClientAskedTheProxyFor() throws Exception {
        try (Fairlead _ = Fairlead.start(yaml("tcp", THERE + ":*", ", proxy-protocol: {from: [127.0.0.0/8]}"))) {
            assertThat(saidBehindAProxy(ports[2])).isEqualTo("" + ports[2]);
            assertThat(saidBehindAProxy(0)).as("a header that says none").isEqualTo("" + ports[0]);
        }
    }

    private String saidBehindAProxy(int told) throws IOException {
        try (Socket socket = connect(ports[0])) {
            socket.getOutputStream()
                    .write("PROXY TCP4 10.1.2.3 10.9.9.9 4711 %d\r\n"
                            .formatted(told)
                            .getBytes(US_ASCII));
            return said(socket, told == 0 ? ports[0] : told);
        }
    }

    /// All endpoints are in a file. It follows the config, or the config it; between the two nothing is lost.
    @Test
    void aFileOfEndpointsKeepsThePortToo() throws Exception {
        Path home = Files.createTempDirectory("fairlead-list");
        Path file = home.resolve("media.yaml");
        String own = yaml("tcp", THERE + ":*", "")
                .replace("endpoints: [\"" + THERE + ":*\"]", "discover: {file: " + file + "}");
        String kept = own.replace(file + "}", file + ", keep-port: true}");
        write(file, "- \"" + THERE + ":*\"\n");
        try (Fairlead fairlead = Fairlead.start(kept)) {
            saysItsOwn(ports[0]);
            saysItsOwn(ports[2]);

            write(file, "- \"" + THERE + ":" + ports[1] + "\"\n");
            await().until(() -> fairlead.log().contains("has a port, and the upstream keeps those"));
            saysItsOwn(ports[0]);
            fairlead.reload(own, "done");
            await().untilAsserted(() -> assertThat(said(ports[0])).isEqualTo("" + ports[1]));

            fairlead.reload(kept, "done");
            await().until(() -> fairlead.metric("fairlead_discovery_lookups_total", "failed") > 0);
            assertThat(said(ports[0])).as("as before").isEqualTo("" + ports[1]);
            assertThat(fairlead.metric("fairlead_discovery_endpoints")).isEqualTo(1);
            write(file, "- \"" + THERE + ":*\"\n");
            await().untilAsserted(() -> saysItsOwn(ports[0]));
            saysItsOwn(ports[2]);
        } finally {
            NginxBackend.delete(home);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Path next = Files.writeString(file.resolveSibling("next"), text);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void saysItsOwn(int port) throws IOException {
        assertThat(said(port)).isEqualTo("" + port);
    }

    /// Who is asked at this port. Ports of one run have as many digits each.
    private static String said(int port) throws IOException {
        try (Socket socket = connect(port)) {
            return said(socket, port);
        }
    }

    @Test
    void aReloadThatGivesItAPortMakesItAnotherEndpoint() throws Exception {
        try (Fairlead fairlead = Fairlead.start(yaml("tcp", THERE + ":*", ""));
                Socket before = connect(ports[0])) {
            assertThat(said(before, ports[0])).isEqualTo("" + ports[0]);

            fairlead.reload(yaml("tcp", THERE + ":" + ports[1], ""), "done");

            try (Socket after = connect(ports[0])) {
                assertThat(said(after, ports[1])).isEqualTo("" + ports[1]);
            }
            assertThat(fairlead.admin("/upstreams"))
                    .doesNotContain(THERE + ":*")
                    .contains(THERE + ":" + ports[1]);
            assertThat(fairlead.metric("fairlead_endpoint_picks_total", "endpoint=\"" + THERE + ":" + ports[1]))
                    .isEqualTo(1);
        }
    }
}
