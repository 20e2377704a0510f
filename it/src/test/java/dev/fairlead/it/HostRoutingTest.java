package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the host makes of packets that it routes: its firewall, its own NAT, its routes and its errors. Rules are for
/// the links of this test alone. Needs root.
class HostRoutingTest extends KernelTest {
    private static final int OWN_PORT = 7100;

    @Override
    String shared(String more) {
        return super.shared(", routing: host" + more);
    }

    @AfterEach
    void removeRules() throws Exception {
        if (lab != null) {
            NetworkLab.attempt("nft", "delete", "table", "inet", rules());
        }
    }

    private String rules() {
        return lab.table() + "-rules";
    }

    /// Chains of nft(8). `$client` and `$server`: the links to the client, and to the first server.
    private void rules(Namespace where, String chains) throws Exception {
        Path script = Files.createTempFile("rules", ".nft");
        try {
            Files.writeString(
                    script,
                    "table inet " + rules() + " {\n"
                            + chains.replace("$client", '"' + lab.linkTo(0) + '"')
                                    .replace("$server", '"' + lab.linkTo(1) + '"')
                            + "}\n");
            if (where == null) {
                NetworkLab.run("nft", "-f", script.toString());
            } else {
                where.run("nft", "-f", script.toString());
            }
        } finally {
            Files.delete(script);
        }
    }

    /// Packets that the counter of this name has seen.
    private long counted(Namespace where, String name) throws Exception {
        String[] list = {"nft", "list", "counter", "inet", rules(), name};
        String text = where == null
                ? NetworkLab.attempt(list).text()
                : Child.run(
                                Path.of("/"),
                                "ip",
                                "netns",
                                "exec",
                                where.name(),
                                "nft",
                                "list",
                                "counter",
                                "inet",
                                rules(),
                                name)
                        .text();
        Matcher packets = Pattern.compile("packets (\\d+)").matcher(text);
        assertThat(packets.find()).as(text).isTrue();
        return Long.parseLong(packets.group(1));
    }

    private String yaml6(String listener) {
        return yaml(listener, "", "", 1)
                .replace("\"" + lab.balancer() + ":" + PORT, "\"[" + lab.balancer6() + "]:" + PORT)
                .replace(endpoints(1), "\"[" + lab.address6(1) + "]:" + EchoServer.PORT + '"');
    }

    private String source(boolean is6, boolean hasSource) {
        return hasSource ? ", source: \"" + (is6 ? lab.here6(1) : lab.here(1)) + '"' : "";
    }

    /// A firewall that lets through what it knows, and drops the rest, as most do; conntrack sees one connection.
    @ParameterizedTest
    @ValueSource(strings = {"4", "6", "4 with source", "6 with source"})
    void aFirewallThatKnowsConnectionsLetsThemThrough(String how) throws Exception {
        boolean is6 = how.startsWith("6");
        rules(null, """
                counter there {}
                counter back {}
                counter strange {}
                chain forward {
                    type filter hook forward priority 0
                    iifname != {$client, $server} accept
                    ct state invalid counter name strange drop
                    iifname $client ip saddr CLIENT4 ip daddr SERVER4 tcp dport 7000 ct state new,established counter name there accept
                    iifname $client ip6 saddr CLIENT6 ip6 daddr SERVER6 tcp dport 7000 ct state new,established counter name there accept
                    iifname $server ct state established counter name back accept
                    meta l4proto ipv6-icmp accept
                    counter name strange drop
                }
                """.replace("CLIENT4", lab.address(0))
                .replace("SERVER4", lab.address(1))
                .replace("CLIENT6", lab.address6(0))
                .replace("SERVER6", lab.address6(1)));
        String listener = source(is6, how.endsWith("source"));
        fairlead = Fairlead.start(is6 ? yaml6(listener) : yaml(listener, "", "", 1));

        Socket socket = connect(is6 ? lab.balancer6() : lab.balancer());
        server(socket);
        echo(socket, "hello");

        assertThat(counted(null, "there")).isGreaterThan(3);
        assertThat(counted(null, "back")).isGreaterThan(2);
        assertThat(counted(null, "strange")).isZero();
        await(() -> active() == 1);
        socket.close();
        await(() -> active() == 0);
    }

    @Test
    void whatTheFirewallDropsIsNotPassedOn() throws Exception {
        fairlead = Fairlead.start(yaml("", "", "", 1));
        Socket held = connect();
        server(held);
        echo(held, "before");

        rules(null, """
                counter dropped {}
                chain forward {
                    type filter hook forward priority 0
                    iifname $client counter name dropped drop
                }
                """);
        held.getOutputStream().write("later".getBytes());
        await(() -> counted(null, "dropped") > 1);
        NetworkLab.run("nft", "delete", "table", "inet", rules());

        assertThat(new String(held.getInputStream().readNBytes(5)))
                .as("sent again")
                .isEqualTo("later");
    }

    /// Its reset names the endpoint, and the client knows the listener alone.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theClientHearsOfARefusalByTheHost(boolean is6) throws Exception {
        rules(null, """
                chain forward {
                    type filter hook forward priority 0
                    iifname $client meta l4proto tcp reject with tcp reset
                    iifname $client meta l4proto udp reject with icmpx type port-unreachable
                }
                """);
        String yaml = is6 ? yaml6("") : yaml("", "", "", 1);
        fairlead = Fairlead.start(yaml.replace(
                "upstreams:",
                yaml.lines()
                                .filter(each -> each.startsWith("  raw:"))
                                .findFirst()
                                .orElseThrow()
                                .replace("raw: {protocol: tcp", "datagrams: {protocol: udp")
                        + "\nupstreams:"));
        String balancer = is6 ? lab.balancer6() : lab.balancer();

        assertThatThrownBy(() -> connect(balancer))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("refused");
        try (DatagramSocket socket = lab.client().call(DatagramSocket::new)) {
            socket.connect(new InetSocketAddress(balancer, PORT));
            socket.setSoTimeout(WAIT_MILLIS);
            socket.send(new DatagramPacket(new byte[10], 10));
            assertThatThrownBy(() -> socket.receive(new DatagramPacket(new byte[10], 10)))
                    .isInstanceOf(java.net.PortUnreachableException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void eachPacketLosesOneHop(boolean hasSource) throws Exception {
        String chains = """
                counter one {}
                counter other {}
                chain input {
                    type filter hook input priority 0
                    tcp sport PORT ip ttl 63 counter name one accept
                    tcp sport PORT counter name other
                    tcp dport PORT ip ttl 63 counter name one accept
                    tcp dport PORT counter name other
                }
                """;
        rules(lab.client(), chains.replace("PORT", "" + PORT));
        rules(lab.server(1), chains.replace("PORT", "" + EchoServer.PORT));
        fairlead = Fairlead.start(yaml(source(false, hasSource), "", "", 1));

        Socket socket = connect();
        server(socket);
        echo(socket, "hello");

        for (Namespace each : new Namespace[] {lab.client(), lab.server(1)}) {
            assertThat(counted(each, "one")).isGreaterThan(2);
            assertThat(counted(each, "other")).isZero();
        }
    }

    /// The endpoint sees what the host's own NAT makes of the client.
    @Test
    void theHostsOwnNatWorksToo() throws Exception {
        lab.server(1).run("ip", "route", "del", "default");
        rules(null, """
                chain postrouting {
                    type nat hook postrouting priority 100
                    oifname $server masquerade
                }
                """);
        fairlead = Fairlead.start(yaml("", "", "", 1));

        Socket socket = connect();
        server(socket);
        echo(socket, "hello");

        assertThat(servers.getFirst().peers().iterator().next().getAddress().getHostAddress())
                .isEqualTo(lab.here(1));
        await(() -> active() == 1);
        await(() -> fairlead.metric("fairlead_kernel_packets_total") > 7);
        socket.close();
        await(() -> active() == 0);
    }

    /// What this host sends from there leaves like any answer.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEndpointMayBeOnThisHost(boolean hasSource) throws Exception {
        try (ServerSocket door = new ServerSocket()) {
            door.bind(new InetSocketAddress(lab.here(1), OWN_PORT));
            Thread.ofVirtual().start(() -> greet(door));
            fairlead = Fairlead.start(
                    yaml(source(false, hasSource), "", "", 1).replace(endpoint(1), lab.here(1) + ":" + OWN_PORT));

            Socket socket = connect();

            assertThat(server(socket)).isEqualTo(9);
            assertThat(((InetSocketAddress) socket.getRemoteSocketAddress())
                            .getAddress()
                            .getHostAddress())
                    .isEqualTo(lab.balancer());
            await(() -> active() == 1);
        }
    }

    private static void greet(ServerSocket door) {
        try {
            while (true) {
                try (Socket socket = door.accept()) {
                    socket.getOutputStream().write(9);
                    socket.getInputStream().read();
                }
            }
        } catch (IOException closed) {
            // The end of the test.
        }
    }

    /// By a mark that the host's rules give.
    @Test
    void routesByMarksAreTaken() throws Exception {
        String table = "" + (1000 + ProcessHandle.current().pid() % 100_000);
        rules(null, """
                chain prerouting {
                    type filter hook prerouting priority mangle
                    iifname $client ip daddr SERVER meta mark set MARK
                }
                """.replace("SERVER", lab.address(1)).replace("MARK", table));
        NetworkLab.run("ip", "rule", "add", "fwmark", table, "table", table);
        try {
            NetworkLab.run("ip", "route", "add", "prohibit", "default", "table", table);
            fairlead = Fairlead.start(yaml("", "", "", 1));
            assertThatThrownBy(this::connect).isInstanceOf(IOException.class);

            NetworkLab.run("ip", "route", "flush", "table", table);

            server(connect());
        } finally {
            NetworkLab.run("ip", "rule", "del", "fwmark", table, "table", table);
            NetworkLab.attempt("ip", "route", "flush", "table", table);
        }
    }

    @Test
    void withoutRoutingItDoesNotStart() throws Exception {
        NetworkLab.run("sysctl", "-qw", "net.ipv4.conf." + lab.linkTo(0) + ".forwarding=0");

        assertThatThrownBy(() -> Fairlead.start(yaml("", "", "", 1)))
                .hasMessageContaining("Linux does not route what comes in on " + lab.linkTo(0))
                .hasMessageContaining("`sysctl net.ipv4.ip_forward=1`");
    }

    @Test
    void aReloadSaysThatAnotherRoutingWaitsForARestart() throws Exception {
        fairlead = Fairlead.start(yaml("", "", "", 1));
        Socket held = connect();
        server(held);

        fairlead.reload(yaml("", "", "", 1).replace("routing: host", "routing: direct"), "done");

        assertThat(fairlead.log()).contains("restart");
        echo(held, "still here");
        server(connect());
    }
}
