package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whose address the two ends see, where there is a network between them: with `source: client` the endpoint sees the
/// client's, and one who asks a listener on `*` is answered from the address that he asked. Needs root.
@Tag("root")
class SourceAddressTest {
    private static final int WAIT_MILLIS = 30_000;

    private final String mark = Long.toString(100_000 + ProcessHandle.current().pid());
    private final String table = "fairlead" + mark;
    private NetworkLab lab;
    private EchoServer server;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(
                "root".equals(System.getProperty("user.name")),
                "SKIPPED: only root can make networks and take a client's address");
        lab = new NetworkLab();
        server = new EchoServer(lab.server(1), 1);
    }

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    /// The rules are those of docs/layer4.md, for the endpoints' links alone.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEndpointSeesTheClientAndItsAnswersComeBack(boolean is6) throws Exception {
        String version = is6 ? "-6" : "-4";
        String family = is6 ? "ip6" : "ip";
        String everywhere = is6 ? "::/0" : "0.0.0.0/0";
        String rule =
                "iifname %s meta l4proto tcp socket transparent 1 meta mark set %s".formatted(lab.linkTo(1), mark);
        NetworkLab.run("ip", version, "rule", "add", "fwmark", mark, "lookup", mark);
        try {
            NetworkLab.run("ip", version, "route", "add", "local", everywhere, "dev", "lo", "table", mark);
            NetworkLab.run("nft", "add", "table", family, table);
            NetworkLab.run(
                    "nft", "add", "chain", family, table, "pre", "{ type filter hook prerouting priority mangle; }");
            NetworkLab.run("nft", "add", "rule", family, table, "pre", rule);
            String balancer = is6 ? lab.balancer6() : lab.balancer();
            String client = is6 ? lab.address6(0) : lab.address(0);
            String host = is6 ? "[%s]" : "%s";
            try (Fairlead fairlead = Fairlead.start("""
                    listeners:
                      raw: {protocol: tcp, address: "%s:%d", upstream: app, source: client}
                    upstreams:
                      app: {endpoints: ["%s:%d"]}
                    """.formatted(
                            host.formatted(balancer),
                            Repository.freePort(),
                            host.formatted(is6 ? lab.address6(1) : lab.address(1)),
                            EchoServer.PORT))) {
                int port = fairlead.port("raw");
                // Links that are new find out first whether their addresses are theirs alone (RFC 4862 section 5.4).
                Awaitility.await()
                        .atMost(Duration.ofMillis(WAIT_MILLIS))
                        .ignoreExceptionsInstanceOf(IOException.class)
                        .until(() -> {
                            try (Socket socket = lab.client().call(() -> connect(balancer, port))) {
                                return socket.getInputStream().read() == 1;
                            }
                        });
                byte[] content = new byte[200_000];
                for (int i = 0; i < 5; i++) {
                    try (Socket socket = lab.client().call(() -> connect(balancer, port))) {
                        assertThat(socket.getInputStream().read()).isEqualTo(1);
                        Thread.ofVirtual().start(() -> send(socket, content));
                        assertThat(socket.getInputStream().readAllBytes()).isEqualTo(content);
                    }
                }
                assertThat(server.peers())
                        .hasSizeGreaterThan(5)
                        .allSatisfy(peer -> assertThat(peer.getAddress()).isEqualTo(InetAddress.getByName(client)));
            }
        } finally {
            for (List<String> each : List.of(
                    List.of("nft", "delete", "table", family, table),
                    List.of("ip", version, "route", "flush", "table", mark),
                    List.of("ip", version, "rule", "del", "fwmark", mark, "lookup", mark))) {
                Child.run(Path.of("/"), each.toArray(String[]::new));
            }
        }
    }

    private static Socket connect(String host, int port) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(host, port), WAIT_MILLIS);
        socket.setSoTimeout(WAIT_MILLIS);
        return socket;
    }

    private static void send(Socket socket, byte[] content) {
        try {
            socket.getOutputStream().write(content);
            socket.shutdownOutput();
        } catch (IOException broken) {
            // What comes back will not be whole.
        }
    }

    /// The socket is connected: the client's kernel drops what comes from another address.
    @Test
    void anAnswerLeavesFromTheAddressThatWasAsked() throws Exception {
        String second = lab.here(0).replaceAll("[.]1$", ".9");
        String second6 = lab.balancer6().replaceAll("::1$", "::9");
        NetworkLab.run("ip", "addr", "add", second + "/26", "dev", lab.linkTo(0));
        NetworkLab.run("ip", "addr", "add", second6 + "/64", "dev", lab.linkTo(0), "nodad");
        int port = Repository.freePort();
        try (Fairlead fairlead = Fairlead.start("""
                listeners:
                  names: {protocol: udp, address: "*:%d", upstream: app}
                upstreams:
                  app: {endpoints: ["%s:%d"]}
                """.formatted(port, lab.address(1), EchoServer.PORT))) {
            // A port that is given back may come again, and be the same flow.
            List<DatagramSocket> held = new ArrayList<>();
            for (String asked : List.of(lab.balancer(), second, lab.balancer6(), second6)) {
                DatagramSocket client = lab.client().call(() -> {
                    var socket = new DatagramSocket();
                    socket.connect(InetAddress.ofLiteral(asked), port);
                    return socket;
                });
                held.add(client);
                client.setSoTimeout(WAIT_MILLIS);
                for (int i = 0; i < 3; i++) {
                    byte[] question = (asked + " " + i).getBytes(US_ASCII);
                    client.send(new DatagramPacket(question, question.length));
                    var answer = new DatagramPacket(new byte[200], 200);
                    client.receive(answer);
                    assertThat(new String(answer.getData(), 1, answer.getLength() - 1, US_ASCII))
                            .isEqualTo(asked + " " + i);
                }
            }
            assertThat(fairlead.metric("fairlead_udp_flows_open")).isEqualTo(4);
            held.forEach(DatagramSocket::close);
        }
    }
}
