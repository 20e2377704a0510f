package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a Layer 4 listener does, whoever carries it: from a client to three servers, each in a network of its own.
/// Needs root.
abstract class AnyCarrierTest extends KernelTest {
    void run(String listener, String upstream) throws IOException {
        fairlead = Fairlead.start(yaml(listener, upstream));
    }

    String yaml(String listener, String upstream) {
        return yaml(listener, upstream, "", 1, 2, 3);
    }

    @Test
    void weightsAreKept() throws Exception {
        fairlead = Fairlead.start("""
                listeners:
                  raw: {protocol: tcp, address: "%s:%d", upstream: app, carrier: %s}
                upstreams:
                  app: {balancer: round-robin, endpoints: [{address: "%s", weight: 3}, {address: "%s", weight: 1}]}
                %s
                """.formatted(lab.balancer(), PORT, carrier(), endpoint(1), endpoint(2), shared("")));

        for (int i = 0; i < 40; i++) {
            server(connect());
        }

        assertThat(servers.get(0).count()).isEqualTo(30);
        assertThat(servers.get(1).count()).isEqualTo(10);
    }

    @Test
    void bulkArrivesAsItWasSent() throws Exception {
        run("", "");
        Socket socket = connect();
        server(socket);
        carriesBulk(socket, 32 << 20);
    }

    @Test
    void aClientKeepsItsServerUnderMaglev() throws Exception {
        run("", ", balancer: {algorithm: maglev, load-bound: 0}");

        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < 12; i++) {
            seen.add(server(connect()));
        }

        assertThat(seen).hasSize(1);
    }

    @Test
    void aDrainedEndpointKeepsItsConnectionAndGetsNoOther() throws Exception {
        run("", "");
        Socket held = connect();
        int server = server(held);

        fairlead.command(0, "drain", "app", endpoint(server));

        for (int i = 0; i < 9; i++) {
            assertThat(server(connect())).isNotEqualTo(server);
        }
        echo(held, "still here");
        await(() -> fairlead.metric("fairlead_endpoint_active", endpoint(server)) == 1);
        held.close();
        await(() -> fairlead.metric("fairlead_endpoint_active", endpoint(server)) == 0);
    }

    @Test
    void aDrainWithATimeoutResetsWhatIsLeft() throws Exception {
        run("", "");
        Socket held = connect();
        int server = server(held);
        await(() -> active() == 1);

        fairlead.command(0, "drain", "app", endpoint(server), "--timeout", "1");

        await(() -> active() == 0);
        Awaitility.await().atMost(Duration.ofMillis(WAIT_MILLIS)).until(() -> {
            try {
                held.getOutputStream().write(1);
                return false;
            } catch (IOException reset) {
                return true;
            }
        });
        assertThat(fairlead.metric("fairlead_flows_total", "drained")).isEqualTo(1);
    }

    @Test
    void aDeadServerGetsNothingNew() throws Exception {
        run("", ", probe: {protocol: tcp, interval: 200ms, timeout: 1s, fall: 2, rise: 1}");
        servers.get(0).close();

        fairlead.awaitEndpoint(endpoint(1), false);

        // What Linux holds follows a moment later.
        await(this::isLeftOut);
    }

    private boolean isLeftOut() throws Exception {
        try {
            for (int i = 0; i < 12; i++) {
                if (server(connect()) == 1) {
                    return false;
                }
            }
            return true;
        } catch (ConnectException refused) {
            return false;
        }
    }

    @Test
    void whatDoesNotChangeIsNotDisturbedByAReload() throws Exception {
        run("", "");
        Socket first = connect();
        int kept = server(first);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger rounds = new AtomicInteger();
        Thread talker = Thread.ofPlatform().start(() -> {
            try {
                while (!over.get()) {
                    echo(first, "round");
                    rounds.getAndIncrement();
                }
            } catch (IOException broken) {
                rounds.set(-1);
            }
        });
        int gone = kept % NetworkLab.SERVERS + 1;
        String less = yaml("", "").replace(endpoints(1, 2, 3), endpoints(kept, (gone % NetworkLab.SERVERS) + 1));

        for (int i = 0; i < 3; i++) {
            fairlead.reload(less, "done");
            server(connect());
            fairlead.reload(yaml("", ""), "done");
            server(connect());
        }
        int before = rounds.get();
        await(() -> rounds.get() > before || rounds.get() < 0);
        over.set(true);
        talker.join();

        assertThat(rounds.get()).isPositive();
    }

    @Test
    void withSourceAddressesServersNeedNoRouteBack() throws Exception {
        for (int i = 1; i <= NetworkLab.SERVERS; i++) {
            lab.server(i).run("ip", "route", "del", "default");
        }
        // Only one server has this address of the balancer on its own link.
        String yaml = yaml(", source: " + lab.here(2), "").replace(endpoints(1, 2, 3), endpoints(2));
        fairlead = Fairlead.start(yaml);

        Socket socket = connect();
        assertThat(server(socket)).isEqualTo(2);
        echo(socket, "hello");

        InetSocketAddress peer = servers.get(1).peers().iterator().next();
        assertThat(peer.getAddress().getHostAddress()).isEqualTo(lab.here(2));
    }

    @Test
    void manyConnectionsAtOnceEachGetTheirOwnBytes() throws Exception {
        run("", "");
        List<Socket> all = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            all.add(connect());
        }
        for (Socket each : all) {
            server(each);
        }
        for (int i = 0; i < all.size(); i++) {
            echo(all.get(i), "connection " + i);
        }
        await(() -> active() == all.size());
    }

    @Test
    void ipv6IsCarriedToo() throws Exception {
        String listener = "raw: {protocol: tcp, address: \"[%s]:%d\"".formatted(lab.balancer6(), PORT);
        String endpoints = "\"[" + lab.address6(1) + "]:" + EchoServer.PORT + "\", \"[" + lab.address6(3) + "]:"
                + EchoServer.PORT + "\"";
        fairlead = Fairlead.start(yaml("", "")
                .replaceAll("raw: \\{protocol: tcp, address: \"[^\"]*\"", listener)
                .replace(endpoints(1, 2, 3), endpoints));

        Socket socket = connect(lab.balancer6());
        server(socket);
        echo(socket, "hello");
    }

    @Test
    void ipv6HasSourceAddressesToo() throws Exception {
        lab.server(2).run("ip", "-6", "route", "del", "default");
        fairlead = Fairlead.start(yaml(", source: \"" + lab.here6(2) + "\"", "", "", 2)
                .replace("\"" + lab.balancer() + ":" + PORT, "\"[" + lab.balancer6() + "]:" + PORT)
                .replace(endpoints(2), "\"[" + lab.address6(2) + "]:" + EchoServer.PORT + "\""));

        Socket socket = connect(lab.balancer6());
        assertThat(server(socket)).isEqualTo(2);
        echo(socket, "hello");

        InetSocketAddress peer = servers.get(1).peers().iterator().next();
        assertThat(peer.getAddress()).isEqualTo(java.net.InetAddress.ofLiteral(lab.here6(2)));
    }

    /// New programs, tables and endpoints take their places while connections are made all the time.
    @Test
    void noConnectionIsLostWhileTheConfigChanges() throws Exception {
        run("", "");
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger made = new AtomicInteger();
        Thread clients = Thread.ofPlatform().start(() -> {
            try {
                while (!over.get()) {
                    try (Socket socket = connect()) {
                        server(socket);
                        echo(socket, "hello");
                    }
                    made.getAndIncrement();
                }
            } catch (IOException | InterruptedException broken) {
                made.set(Integer.MIN_VALUE);
            }
        });

        for (String upstream : List.of(", balancer: maglev", ", balancer: random", ", balancer: least-load", "")) {
            fairlead.reload(yaml("", upstream, "", 1, 3), "done");
            int before = made.get();
            await(() -> made.get() > before + 5 || made.get() < 0);
            fairlead.reload(yaml("", upstream, "", 1, 2, 3), "done");
        }
        over.set(true);
        clients.join();

        assertThat(made.get()).isPositive();
    }

    /// By a socket of IPv6, as Java's are, and by one of IPv4.
    @Test
    void thisHostReachesTheListenerToo() throws Exception {
        run("", "");
        Set<Integer> chosen = new HashSet<>();
        for (int i = 0; i < NetworkLab.SERVERS; i++) {
            try (Socket socket = new Socket()) {
                socket.setSoTimeout(WAIT_MILLIS);
                socket.connect(new InetSocketAddress(lab.balancer(), PORT), WAIT_MILLIS);
                chosen.add(server(socket));
                echo(socket, "hello");
            }
        }
        Child.Result bash = Child.run(
                Path.of("/"),
                "timeout",
                "30",
                "bash",
                "-c",
                "exec 3<>/dev/tcp/" + lab.balancer() + "/" + PORT + " && echo hello >&3 && head -c 7 <&3");

        assertThat(chosen).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(bash.text()).as(bash.errors()).matches("[\001-\003]hello\n");
    }

    @Test
    void itsDatagramsDoTooWhenTheSocketIsConnected() throws Exception {
        fairlead = Fairlead.start(yaml("", "").replace("protocol: tcp", "protocol: udp"));
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(WAIT_MILLIS);
            socket.connect(new InetSocketAddress(lab.balancer(), PORT));
            socket.send(new DatagramPacket("what".getBytes(), 4));
            DatagramPacket answer = new DatagramPacket(new byte[100], 100);
            socket.receive(answer);

            assertThat(answer.getLength()).isEqualTo(5);
        }
    }

    @Test
    void andWhereEachHasAnAddressOfItsOwn() throws Exception {
        fairlead = Fairlead.start(yaml("", ", balancer: round-robin").replace("protocol: tcp", "protocol: udp"));
        Set<Integer> chosen = new HashSet<>();
        // All at once: a port that is given back may come again, and be the same flow.
        try (DatagramSocket first = new DatagramSocket();
                DatagramSocket second = new DatagramSocket();
                DatagramSocket third = new DatagramSocket()) {
            for (DatagramSocket each : List.of(first, second, third)) {
                chosen.add(askTwice(each));
            }
        }

        assertThat(chosen).containsExactlyInAnyOrder(1, 2, 3);
    }

    @Test
    void datagramsAreCarriedToo() throws Exception {
        fairlead = Fairlead.start(yaml("", "").replace("protocol: tcp", "protocol: udp"));
        Set<Integer> chosen = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            DatagramSocket socket = lab.client().call(DatagramSocket::new);
            try (socket) {
                chosen.add(askTwice(socket));
            }
        }

        assertThat(chosen).containsExactlyInAnyOrder(1, 2, 3);
    }

    /// Clients all at once, each of which gets its own answers; the server has no way to them.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void datagramsHaveSourceAddressesToo(boolean is6) throws Exception {
        lab.server(2).run("ip", is6 ? "-6" : "-4", "route", "del", "default");
        String source = is6 ? lab.here6(2) : lab.here(2);
        String endpoint = is6 ? "[" + lab.address6(2) + "]:" + EchoServer.PORT : endpoint(2);
        String yaml = yaml(", source: \"" + source + '"', "", "", 2)
                .replace("protocol: tcp", "protocol: udp")
                .replace(endpoint(2), endpoint);
        String listener = lab.balancer() + ":" + PORT;
        fairlead = Fairlead.start(is6 ? yaml.replace(listener, "[" + lab.balancer6() + "]:" + PORT) : yaml);
        List<DatagramSocket> clients = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            clients.add(lab.client().call(() -> new DatagramSocket()));
        }

        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < clients.size(); i++) {
                send(clients.get(i), is6, round + " of " + i);
            }
            for (int i = 0; i < clients.size(); i++) {
                assertThat(answer(clients.get(i))).isEqualTo("\002" + round + " of " + i);
            }
        }

        List<InetSocketAddress> seen = servers.get(1).senders();
        assertThat(seen)
                .hasSize(36)
                .extracting(InetSocketAddress::getAddress)
                .containsOnly(InetAddress.ofLiteral(source));
        assertThat(Set.copyOf(seen)).as("a flow keeps its port").hasSize(12);
        await(() -> active() == 12);
        fairlead.command(0, "drain", "app", endpoint, "--timeout", "1");
        await(() -> active() == 0);
        clients.forEach(DatagramSocket::close);
    }

    private void send(DatagramSocket from, boolean is6, String text) throws IOException {
        InetSocketAddress listener = new InetSocketAddress(is6 ? lab.balancer6() : lab.balancer(), PORT);
        from.send(new DatagramPacket(text.getBytes(), text.length(), listener));
    }

    private static String answer(DatagramSocket to) throws IOException {
        to.setSoTimeout(WAIT_MILLIS);
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        to.receive(answer);
        return new String(answer.getData(), 0, answer.getLength());
    }

    /// This host's own datagrams need no source: it is the host's address that servers see.
    @Test
    void thisHostsDatagramsReachAListenerWithSourceAddresses() throws Exception {
        fairlead =
                Fairlead.start(yaml(", source: " + lab.here(2), "", "", 2).replace("protocol: tcp", "protocol: udp"));
        try (DatagramSocket socket = new DatagramSocket()) {
            assertThat(askTwice(socket)).isEqualTo(2);
        }

        assertThat(Set.copyOf(servers.get(1).senders()))
                .extracting(each -> each.getAddress().getHostAddress())
                .containsExactly(lab.here(2));
    }

    @Test
    void theProcessWaitsForItsConnectionsBeforeItEnds() throws Exception {
        run("", "");
        Socket socket = connect();
        server(socket);

        fairlead.signal("TERM");
        await(() -> fairlead.log().contains("drain begun"));
        echo(socket, "during the drain");
        socket.close();

        fairlead.awaitExit(Duration.ofMillis(WAIT_MILLIS));
    }

    /// A client that begins again from the same port after the end of its connection.
    @Test
    void aPortIsUsedAgain() throws Exception {
        run("", "");
        int before = 0;
        for (int i = 0; i < 6; i++) {
            Socket socket = lab.client().call(() -> {
                Socket made = new Socket();
                made.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                made.setSoLinger(true, 0);
                made.bind(new InetSocketAddress(lab.address(0), 31000));
                made.connect(new InetSocketAddress(lab.balancer(), PORT), WAIT_MILLIS);
                return made;
            });
            socket.setSoTimeout(WAIT_MILLIS);
            int next = server(socket);
            socket.close();
            assertThat(next).as("each in turn").isEqualTo(i == 0 ? next : before % NetworkLab.SERVERS + 1);
            before = next;
        }
    }
}
