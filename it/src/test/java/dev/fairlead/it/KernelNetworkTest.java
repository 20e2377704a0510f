package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What happens on networks beside whole packets of good clients: errors that ICMP reports, fragments, floods, and
/// clients that are servers.
class KernelNetworkTest extends KernelTest {
    private static final int DEAD_PORT = 7999;

    private String datagrams(boolean is6, int port) {
        return datagrams(is6, port, "");
    }

    private String datagrams(boolean is6, int port, String listener) {
        String address = is6 ? "[" + lab.balancer6() + "]" : lab.balancer();
        String endpoint = (is6 ? "[" + lab.address6(1) + "]" : lab.address(1)) + ":" + port;
        return """
                listeners:
                  raw: {protocol: udp, address: "%s:%d", upstream: app, carrier: %s%s}
                upstreams:
                  app: {endpoints: ["%s"]}
                %s
                """.formatted(address, PORT, carrier(), listener, endpoint, shared(""));
    }

    private DatagramSocket datagramSocket(boolean is6) throws IOException, InterruptedException {
        return lab.client().call(() -> {
            DatagramSocket made = new DatagramSocket();
            made.connect(new InetSocketAddress(is6 ? lab.balancer6() : lab.balancer(), PORT));
            made.setSoTimeout(WAIT_MILLIS);
            return made;
        });
    }

    /// The endpoint's host says that nobody is there; it speaks of a packet for itself, and the client's system knows
    /// only one for the listener.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theClientHearsThatNobodyIsThere(boolean is6) throws Exception {
        hearsThatNobodyIsThere(is6, "");
    }

    /// That packet came from an address of this host, so the report is for it.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void alsoWhereDatagramsHaveASource(boolean is6) throws Exception {
        hearsThatNobodyIsThere(is6, ", source: \"" + (is6 ? lab.here6(1) : lab.here(1)) + '"');
    }

    private void hearsThatNobodyIsThere(boolean is6, String listener) throws Exception {
        fairlead = Fairlead.start(datagrams(is6, DEAD_PORT, listener));
        try (DatagramSocket socket = datagramSocket(is6)) {
            await(() -> {
                try {
                    socket.send(new DatagramPacket(new byte[10], 10));
                    socket.setSoTimeout(500);
                    socket.receive(new DatagramPacket(new byte[10], 10));
                    return false;
                } catch (PortUnreachableException heard) {
                    return true;
                } catch (java.net.SocketTimeoutException notYet) {
                    return false;
                }
            });
        }
    }

    /// The other way: the client is gone when the answer comes, and its host tells the listener so.
    @Test
    void theEndpointHearsThatTheClientIsGone() throws Exception {
        fairlead = Fairlead.start(datagrams(false, DEAD_PORT));
        try (DatagramSocket server = lab.server(1).call(() -> new DatagramSocket(DEAD_PORT))) {
            server.setSoTimeout(WAIT_MILLIS);
            try (DatagramSocket client = datagramSocket(false)) {
                client.send(new DatagramPacket(new byte[10], 10));
                DatagramPacket got = new DatagramPacket(new byte[10], 10);
                server.receive(got);
                server.connect(got.getSocketAddress());
            }
            await(() -> {
                try {
                    server.send(new DatagramPacket(new byte[10], 10));
                    server.setSoTimeout(500);
                    server.receive(new DatagramPacket(new byte[10], 10));
                    return false;
                } catch (PortUnreachableException heard) {
                    return true;
                } catch (java.net.SocketTimeoutException notYet) {
                    return false;
                }
            });
        }
    }

    /// A router between client and balancer has a link that takes less than the endpoint thinks: it has to be told,
    /// or its long packets are lost for ever.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEndpointHearsThatItsPacketsAreTooLong(boolean is6) throws Exception {
        String router = is6 ? "fd7e::1" : "198.18.77.1";
        String client = is6 ? "fd7e::2" : "198.18.77.2";
        String net = is6 ? "fd7e::/64" : "198.18.77.0/30";
        String length = is6 ? "/64" : "/30";
        String version = is6 ? "-6" : "-4";
        fairlead = Fairlead.start(is6 ? yaml6() : yaml("", "", "", 1));
        try (Namespace far = new Namespace("far-" + ProcessHandle.current().pid())) {
            lab.client().run("ip", "link", "add", "far", "type", "veth", "peer", "name", "eth0", "netns", far.name());
            // The client tells the endpoint that it takes 1500. What it sends itself is short enough for the link: a
            // segment by itself would be dropped there, and nobody told.
            lab.client().run("ip", "link", "set", "far", "mtu", "1300", "up");
            far.run("ip", "link", "set", "eth0", "up");
            if (is6) {
                lab.client().run("ip", "addr", "add", router + length, "dev", "far", "nodad");
                far.run("ip", "addr", "add", client + length, "dev", "eth0", "nodad");
                lab.client().run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
            } else {
                lab.client().run("ip", "addr", "add", router + length, "dev", "far");
                far.run("ip", "addr", "add", client + length, "dev", "eth0");
                lab.client().run("sysctl", "-qw", "net.ipv4.ip_forward=1");
            }
            String[] toRouter = {
                "ip", version, "route", "add", "default", "via", router, "mtu", "1300", "advmss", "1440"
            };
            far.run(toRouter);
            NetworkLab.run("ip", version, "route", "add", net, "via", is6 ? lab.address6(0) : lab.address(0));

            Socket socket = connect(far, is6 ? lab.balancer6() : lab.balancer());
            server(socket);
            sendsAndGets(socket);
        }
    }

    /// One of this host's own links takes less than the client thinks, and nobody else can tell him.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theClientHearsThatALinkOfThisHostTakesLess(boolean is6) throws Exception {
        narrow(1, is6);
        fairlead = Fairlead.start(is6 ? yaml6() : yaml("", "", "", 1));
        Socket socket = connect(is6 ? lab.balancer6() : lab.balancer());
        server(socket);

        sendsAndGets(socket);

        if (!isRoutedByHost()) {
            await(() -> fairlead.metric("fairlead_kernel_lost_packets_total", "too-long") > 0);
        }
    }

    /// Then it is Linux that tells of packets that are too long, and counts them.
    boolean isRoutedByHost() {
        return carrier().equals("nft");
    }

    /// Whoever hears of it and goes on all the same is told no more than that often.
    @Test
    void aClientThatDoesNotListenIsNotToldEachTime() throws Exception {
        narrow(1, false);
        fairlead = Fairlead.start(
                datagrams(false, EchoServer.PORT).replaceFirst("kernel: \\{", "kernel: {too-long-reports: 1, "));
        String locked = lab.balancer() + "/32";
        lab.client().run("ip", "route", "add", locked, "dev", "eth0", "mtu", "lock", "1500");
        int sent = 500;
        var listener = new InetSocketAddress(lab.balancer(), PORT);
        // Not connected: such a one would be told of each report, as an error.
        try (DatagramSocket socket = lab.client().call(() -> new DatagramSocket())) {
            for (int i = 0; i < sent; i++) {
                socket.send(new DatagramPacket(new byte[1400], 1400, listener));
            }
            if (isRoutedByHost()) {
                // Linux takes apart what may be.
                socket.setSoTimeout(WAIT_MILLIS);
                socket.receive(new DatagramPacket(new byte[1400], 1400));
                assertThat(told() + untold()).isZero();
                return;
            }
        }

        await(() -> told() + untold() == sent);
        assertThat(untold()).isPositive();
        assertThat(told()).isPositive().isEqualTo(heard());
    }

    private long told() throws Exception {
        return (long) fairlead.metric("fairlead_kernel_lost_packets_total", "\"too-long\"");
    }

    private long untold() throws Exception {
        return (long) fairlead.metric("fairlead_kernel_lost_packets_total", "\"too-long-untold\"");
    }

    /// Reports of all kinds that the client's system has got.
    private long heard() throws IOException, InterruptedException {
        return counted(lab.client(), "IcmpInDestUnreachs");
    }

    private static long counted(Namespace by, String what) throws IOException, InterruptedException {
        Child.Result result = NetworkLab.attempt("ip", "netns", "exec", by.name(), "nstat", "-asz", what);
        return Long.parseLong(result.text().strip().split("\\s+")[2]);
    }

    /// The same on the way back: the endpoint hears of the link to the client.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEndpointHearsThatALinkOfThisHostTakesLess(boolean is6) throws Exception {
        narrow(0, is6);
        fairlead = Fairlead.start(is6 ? yaml6() : yaml("", "", "", 1));
        Socket socket = connect(is6 ? lab.balancer6() : lab.balancer());
        server(socket);

        sendsAndGets(socket);
    }

    /// The client leaves sums to its card, and this host's card finishes those of what is sent to him: that of the
    /// report, which is made of his packet, has to be right all the same.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theClientHearsItAlsoWhereTheCardFinishesSums(boolean is6) throws Exception {
        NetworkLab.run("ethtool", "-K", lab.linkTo(0), "tx", "off", "gro", "on");
        narrow(1, is6);
        fairlead = Fairlead.start(is6 ? yaml6() : yaml("", "", "", 1));
        Socket socket = connect(is6 ? lab.balancer6() : lab.balancer());
        server(socket);

        sendsAndGets(socket);
    }

    /// Where nobody is, nobody tells a MAC address, and the packets wait for it.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theClientHearsItBeforeTheNeighbourIsKnown(boolean is6) throws Exception {
        narrow(1, is6);
        String server = is6 ? lab.address6(1) : lab.address(1);
        String nobody = server.replaceFirst(is6 ? "2$" : "66$", "99");
        fairlead = Fairlead.start(datagrams(is6, EchoServer.PORT).replace(server, nobody));
        try (DatagramSocket socket = datagramSocket(is6)) {
            await(() -> {
                try {
                    socket.send(new DatagramPacket(new byte[1400], 1400));
                } catch (IOException unreachable) {
                    // That too is so.
                }
                return clientKnows(is6);
            });
        }
    }

    /// Linux takes many of a client at once, and takes them apart where a link wants that.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theClientHearsItOfJoinedDatagramsToo(boolean is6) throws Exception {
        NetworkLab.run("ethtool", "-K", lab.linkTo(0), "tx", "off", "gro", "on");
        narrow(1, is6);
        fairlead = Fairlead.start(datagrams(is6, EchoServer.PORT));
        String script = """
                import socket, sys
                to = (sys.argv[1], int(sys.argv[2]))
                s = socket.socket(socket.AF_INET6 if ":" in to[0] else socket.AF_INET, socket.SOCK_DGRAM)
                IP_MTU_DISCOVER, DO, UDP_SEGMENT = 10, 2, 103
                s.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, DO)
                s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 1400)
                s.sendto(bytes(14000), to)
                """;
        String listener = is6 ? lab.balancer6() : lab.balancer();
        await(() -> {
            lab.client().python(script, listener, "" + PORT);
            return clientKnows(is6);
        });
    }

    /// How long a packet to the listener may be.
    private boolean clientKnows(boolean is6) throws IOException, InterruptedException {
        String listener = is6 ? lab.balancer6() : lab.balancer();
        return NetworkLab.attempt("ip", "-n", lab.client().name(), "route", "get", listener)
                .text()
                .contains("mtu 1300");
    }

    /// The link to that server or client. What is at its other end sends packets that are short enough, but says that
    /// it
    /// takes longer ones.
    private void narrow(int number, boolean is6) throws Exception {
        NetworkLab.run("ip", "link", "set", lab.linkTo(number), "mtu", "1300");
        String version = is6 ? "-6" : "-4";
        String here = is6 ? lab.here6(number) : lab.here(number);
        if (number == 0) {
            lab.client().run("ip", version, "route", "add", here, "dev", "eth0", "mtu", "1300", "advmss", "1440");
        } else {
            lab.server(number)
                    .run("ip", version, "route", "replace", "default", "via", here, "mtu", "1300", "advmss", "1440");
        }
    }

    private String yaml6() {
        return yaml("", "", "", 1)
                .replace("\"" + lab.balancer() + ":" + PORT, "\"[" + lab.balancer6() + "]:" + PORT)
                .replace(endpoints(1), "\"[" + lab.address6(1) + "]:" + EchoServer.PORT + '"');
    }

    private static void sendsAndGets(Socket socket) throws IOException {
        byte[] sent = new byte[200_000];
        new Random(5).nextBytes(sent);
        Thread.ofVirtual().start(() -> {
            try {
                socket.getOutputStream().write(sent);
            } catch (IOException broken) {
                // The other half will tell.
            }
        });

        assertThat(Arrays.mismatch(socket.getInputStream().readNBytes(sent.length), sent))
                .isEqualTo(-1);
    }

    /// Its socket has no connection, so whoever asks looks at who answers.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void thisHostIsAnsweredByWhomItAsked(boolean is6) throws Exception {
        fairlead = Fairlead.start(datagrams(is6, EchoServer.PORT));
        String listener = is6 ? lab.balancer6() : lab.balancer();

        Child.Result asked = NetworkLab.attempt("python3", "-c", """
                import socket, sys
                to = (sys.argv[1], int(sys.argv[2]))
                s = socket.socket(socket.AF_INET6 if ":" in to[0] else socket.AF_INET, socket.SOCK_DGRAM)
                s.settimeout(30)
                s.sendto(b"what", to)
                answer, sender = s.recvfrom(100)
                print(answer[1:].decode(), sender[0], sender[1])
                """, listener, "" + PORT);

        String[] said = asked.text().strip().split(" ");
        assertThat(said).as(asked.errors()).hasSize(3).startsWith("what").endsWith("" + PORT);
        assertThat(InetAddress.getByName(said[1])).isEqualTo(InetAddress.getByName(listener));
    }

    @Test
    void fragmentsGoWhereTheirFirstOneWent() throws Exception {
        fairlead = Fairlead.start(datagrams(false, EchoServer.PORT));
        byte[] sent = new byte[9000];
        new Random(6).nextBytes(sent);
        for (int i = 0; i < 5; i++) {
            try (DatagramSocket socket = datagramSocket(false)) {
                socket.send(new DatagramPacket(sent, sent.length));
                DatagramPacket got = new DatagramPacket(new byte[sent.length + 100], sent.length + 100);
                socket.receive(got);
                assertThat(Arrays.copyOfRange(got.getData(), 1, got.getLength()))
                        .isEqualTo(sent);
            }
        }
    }

    /// As traceroute does; the router where it ends is this host.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theClientHearsWhereItsPacketsEnd(boolean is6) throws Exception {
        fairlead = Fairlead.start(datagrams(is6, EchoServer.PORT));
        String script = """
                import select, socket, struct, sys
                to = (sys.argv[1], int(sys.argv[2]))
                is6 = ":" in to[0]
                level, ttl, recverr = (socket.IPPROTO_IPV6, 16, 25) if is6 else (socket.IPPROTO_IP, 2, 11)
                MSG_ERRQUEUE = 0x2000
                s = socket.socket(socket.AF_INET6 if is6 else socket.AF_INET, socket.SOCK_DGRAM)
                s.setsockopt(level, ttl, 1)
                s.setsockopt(level, recverr, 1)
                s.connect(to)
                s.send(b"what")
                p = select.poll()
                p.register(s, 0)
                p.poll(30000)
                content, more, flags, name = s.recvmsg(2000, 2000, MSG_ERRQUEUE)
                error, origin, type, code = struct.unpack("IBBB", more[0][2][:7])
                print(content[:4].decode(), type, code, name[0])
                """;

        Child.Result heard = lab.client().python(script, is6 ? lab.balancer6() : lab.balancer(), "" + PORT);

        // RFC 792 and RFC 4443 §3.3: time exceeded in transit, about what was sent, as it was sent.
        String[] said = heard.text().strip().split(" ");
        assertThat(said).as(heard.errors()).hasSize(4).startsWith("what", is6 ? "3" : "11", "0");
        assertThat(InetAddress.getByName(said[3]))
                .isEqualTo(InetAddress.getByName(is6 ? lab.balancer6() : lab.balancer()));
    }

    /// The other way: the endpoint's packets have one hop, and would need two.
    @Test
    void theEndpointHearsWhereItsPacketsEnd() throws Exception {
        lab.server(1).run("sysctl", "-qw", "net.ipv4.ip_default_ttl=1");
        fairlead = Fairlead.start(datagrams(false, EchoServer.PORT));
        try (DatagramSocket socket = datagramSocket(false)) {
            await(() -> {
                socket.send(new DatagramPacket(new byte[10], 10));
                return counted(lab.server(1), "IcmpInTimeExcds") > 0;
            });
        }
    }

    /// Options of IPv4, and fragments of IPv6: nftables carries both.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatHasMoreInItsHeaderIsCarriedOrCounted(boolean is6) throws Exception {
        fairlead = Fairlead.start(datagrams(is6, EchoServer.PORT));
        String script = """
                import socket, sys
                to = (sys.argv[1], int(sys.argv[2]))
                s = socket.socket(socket.AF_INET6 if ":" in to[0] else socket.AF_INET, socket.SOCK_DGRAM)
                if ":" not in to[0]:
                    s.setsockopt(socket.IPPROTO_IP, 4, bytes([1, 1, 1, 0]))
                s.settimeout(float(sys.argv[3]))
                s.sendto(bytes(3000 if ":" in to[0] else 10), to)
                print(len(s.recv(4000)) - 1)
                """;
        boolean isCarried = carrier().equals("nft");

        Child.Result heard = lab.client()
                .python(script, is6 ? lab.balancer6() : lab.balancer(), "" + PORT, isCarried ? "30" : "0.1");

        if (isCarried) {
            assertThat(heard.text().strip()).as(heard.errors()).isEqualTo(is6 ? "3000" : "10");
        } else {
            await(() -> fairlead.metric("fairlead_kernel_lost_packets_total", "\"options\"") == 1);
        }
    }

    @Test
    void aServerCallsItsOwnListener() throws Exception {
        fairlead = Fairlead.start(yaml("", ", balancer: round-robin", "", 1, 2, 3));
        Set<Integer> chosen = new HashSet<>();
        for (int i = 0; i < NetworkLab.SERVERS; i++) {
            Socket socket = connect(lab.server(1), lab.balancer());
            chosen.add(server(socket));
            echo(socket, "hello");
        }

        assertThat(chosen).containsExactlyInAnyOrder(1, 2, 3);
    }

    /// Each SYN is under another address. Without a table of their own they would push out whoever was silent for
    /// longest; and nobody waits for them when the process is to end.
    @Test
    void aFloodOfSynsHarmsNoLiveFlowAndHoldsUpNoDrain() throws Exception {
        fairlead = Fairlead.start(
                yaml("", ", balancer: round-robin", "", 1, 2, 3).replace("max-flows: 20000", "max-flows: 2000"));
        Socket held = connect();
        server(held);
        echo(held, "before");

        int syns = 20_000;
        flood(syns);
        awaitMostOf(syns);

        echo(held, "after");
        Socket fresh = connect();
        server(fresh);
        echo(fresh, "and others come in");
        held.close();
        fresh.close();
        fairlead.signal("TERM");
        fairlead.awaitExit(Duration.ofMillis(WAIT_MILLIS));
    }

    /// More than there is room for: one has pushed out the other.
    void awaitMostOf(int syns) {
        await(() -> fairlead.metric("fairlead_flows_total", "forgotten") > syns / 2);
    }

    private void flood(int syns) throws IOException, InterruptedException {
        Path script = Files.createTempFile("flood", ".py");
        try {
            Files.writeString(script, """
                    import socket, struct, sys, time
                    target, port, prefix, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
                    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
                    there = socket.inet_aton(target)

                    def folded(data):
                        total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
                        while total > 0xffff:
                            total = (total & 0xffff) + (total >> 16)
                        return ~total & 0xffff

                    for i in range(count):
                        here = socket.inet_aton("%s.%d" % (prefix, 10 + i % 50))
                        tcp = struct.pack("!HHIIBBHHH", 1024 + i // 50 * 7 % 60000, port, i, 0, 0x50, 2, 65535, 0, 0)
                        check = folded(here + there + struct.pack("!BBH", 0, 6, len(tcp)) + tcp)
                        tcp = tcp[:16] + struct.pack("!H", check) + tcp[18:]
                        ip = struct.pack("!BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0) + here + there
                        out.sendto(ip + tcp, (target, 0))
                        if i % 500 == 0:
                            time.sleep(0.02)
                    """);
            String own = lab.address(0);
            lab.client()
                    .run(
                            "python3",
                            script.toString(),
                            lab.balancer(),
                            "" + PORT,
                            own.substring(0, own.lastIndexOf('.')),
                            "" + syns);
        } finally {
            Files.delete(script);
        }
    }
}
