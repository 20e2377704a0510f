package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// By the same config our own program and nftables make the same of the same packets. Needs root.
class NftOracleTest extends KernelTest {
    private static final int FLOWS = 8;
    private static final int DEAD_PORT = 7999;

    private String now = "ebpf";

    @Override
    String carrier() {
        return now;
    }

    /// `hasSource`: servers see an address of this host instead of the client's.
    private void run(String carrier, String protocol, boolean is6, boolean hasSource) throws Exception {
        now = carrier;
        String source = is6 ? lab.here6(2) : lab.here(2);
        String yaml = yaml(hasSource ? ", source: \"" + source + '"' : "", ", balancer: round-robin", "", 1, 2, 3)
                .replace("protocol: tcp", "protocol: " + protocol)
                .replace('"' + endpoint(1) + '"', "{address: \"" + endpoint(1) + "\", weight: 2}");
        fairlead = Fairlead.start(is6 ? in6(yaml) : yaml);
    }

    private String in6(String yaml) {
        String all = yaml;
        for (int i = 1; i <= NetworkLab.SERVERS; i++) {
            all = all.replace(endpoint(i), endpoint(i, true));
        }
        return all.replace(lab.balancer(), "[" + lab.balancer6() + "]");
    }

    private String endpoint(int number, boolean is6) {
        return is6 ? "[" + lab.address6(number) + "]:" + EchoServer.PORT : endpoint(number);
    }

    private String listener(boolean is6) {
        return is6 ? lab.balancer6() : lab.balancer();
    }

    private void end() throws Exception {
        fairlead.close();
        fairlead = null;
    }

    /// What was counted.
    private void count(TreeMap<String, Object> all, boolean is6) {
        await(() -> active() == FLOWS && fairlead.metric("fairlead_listener_connections_total") == FLOWS);
        for (int i = 1; i <= NetworkLab.SERVERS; i++) {
            all.put("active on " + i, fairlead.metric("fairlead_endpoint_active", endpoint(i, is6)));
            all.put("picks of " + i, fairlead.metric("fairlead_endpoint_picks_total", endpoint(i, is6)));
        }
        all.put("lost", fairlead.metric("fairlead_kernel_lost_packets_total"));
    }

    private InetSocketAddress lastPeer(int server) {
        InetSocketAddress last = null;
        for (InetSocketAddress each : servers.get(server - 1).peers()) {
            last = each;
        }
        return last;
    }

    /// What there is to see from outside, by where it is seen.
    private TreeMap<String, Object> connections(String carrier, boolean is6, boolean hasSource) throws Exception {
        run(carrier, "tcp", is6, hasSource);
        TreeMap<String, Object> all = new TreeMap<>();
        List<Integer> chosen = new ArrayList<>();
        List<Socket> held = new ArrayList<>();
        List<String> callers = new ArrayList<>();
        List<Boolean> keepsPort = new ArrayList<>();
        for (int i = 0; i < FLOWS; i++) {
            Socket socket = connect(listener(is6));
            held.add(socket);
            int server = server(socket);
            chosen.add(server);
            echo(socket, "hello " + i);
            InetSocketAddress peer = lastPeer(server);
            callers.add(peer.getAddress().getHostAddress());
            keepsPort.add(hasSource || peer.getPort() == socket.getLocalPort());
        }
        all.put("servers", chosen);
        all.put("whom they see", callers);
        all.put("at the port that it has", keepsPort);
        count(all, is6);
        fairlead.command(0, "drain", "app", endpoint(2, is6));
        List<Integer> without = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Socket socket = connect(listener(is6));
            held.add(socket);
            without.add(server(socket));
        }
        // nftables begins its turns anew when somebody leaves: only how many each had is the same.
        Collections.sort(without);
        all.put("servers without the second", without);
        for (Socket each : held) {
            echo(each, "still here");
            each.close();
        }
        await(() -> fairlead.metric("fairlead_flows_total", "closed") == held.size());
        all.put("flows", fairlead.metric("fairlead_flows_total"));
        end();
        return all;
    }

    private TreeMap<String, Object> datagrams(String carrier, boolean is6, boolean hasSource) throws Exception {
        run(carrier, "udp", is6, hasSource);
        TreeMap<String, Object> all = new TreeMap<>();
        List<Integer> chosen = new ArrayList<>();
        List<String> callers = new ArrayList<>();
        List<Boolean> keepsPort = new ArrayList<>();
        // A port that is given back may come again, and be the same flow.
        List<DatagramSocket> held = new ArrayList<>();
        for (int i = 0; i < FLOWS; i++) {
            DatagramSocket socket = lab.client().call(() -> new DatagramSocket());
            held.add(socket);
            socket.setSoTimeout(WAIT_MILLIS);
            int server = ask(socket, listener(is6));
            chosen.add(server);
            chosen.add(ask(socket, listener(is6)));
            InetSocketAddress sender = servers.get(server - 1).senders().getLast();
            callers.add(sender.getAddress().getHostAddress());
            keepsPort.add(hasSource || sender.getPort() == socket.getLocalPort());
        }
        all.put("servers", chosen);
        all.put("whom they see", callers);
        all.put("at the port that it has", keepsPort);
        count(all, is6);
        await(() -> fairlead.metric("fairlead_kernel_packets_total") == 4 * FLOWS);
        held.forEach(DatagramSocket::close);
        end();
        return all;
    }

    /// The report that nobody is there, as the client's host gets it: from whom, of which kind, and of which packet.
    private String report(String carrier, boolean is6, boolean hasSource) throws Exception {
        run(carrier, "udp", is6, hasSource);
        fairlead.reload(fairlead.yaml().replace(":" + EchoServer.PORT, ":" + DEAD_PORT), "done");
        Child.Result heard = lab.client().python("""
                import socket, sys
                to = (sys.argv[1], int(sys.argv[2]))
                is6 = ":" in to[0]
                family = socket.AF_INET6 if is6 else socket.AF_INET
                raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_ICMPV6 if is6 else socket.IPPROTO_ICMP)
                raw.settimeout(1)
                out = socket.socket(family, socket.SOCK_DGRAM)
                out.bind(("", 0))
                for _ in range(20):
                    out.sendto(b"0123456789", to)
                    try:
                        while True:
                            packet, sender = raw.recvfrom(2000)
                            icmp = packet if is6 else packet[(packet[0] & 15) * 4:]
                            if icmp[0] != (1 if is6 else 3):
                                continue
                            told = icmp[8:]
                            ends = told[8:40] if is6 else told[12:20]
                            udp = told[40:] if is6 else told[(told[0] & 15) * 4:]
                            half = len(ends) // 2
                            mine = int.from_bytes(udp[:2], "big") == out.getsockname()[1]
                            print(sender[0], icmp[0], icmp[1], socket.inet_ntop(family, ends[:half]), mine,
                                  socket.inet_ntop(family, ends[half:]), int.from_bytes(udp[2:4], "big"), udp[8:])
                            sys.exit()
                    except TimeoutError:
                        pass
                """, listener(is6), "" + PORT);
        assertThat(heard.text()).as(heard.errors()).contains("True", "b'0123456789'");
        end();
        return heard.text();
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void bothMakeTheSameOfConnections(boolean is6, boolean hasSource) throws Exception {
        assertThat(connections("nft", is6, hasSource)).isEqualTo(connections("ebpf", is6, hasSource));
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void bothMakeTheSameOfDatagrams(boolean is6, boolean hasSource) throws Exception {
        assertThat(datagrams("nft", is6, hasSource)).isEqualTo(datagrams("ebpf", is6, hasSource));
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void bothTellTheClientTheSameOfAServerThatIsNotThere(boolean is6, boolean hasSource) throws Exception {
        assertThat(report("nft", is6, hasSource)).isEqualTo(report("ebpf", is6, hasSource));
    }
}
