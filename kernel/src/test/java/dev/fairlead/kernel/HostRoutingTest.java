package dev.fairlead.kernel;

import static dev.fairlead.kernel.Transport.ACK;
import static dev.fairlead.kernel.Transport.FIN;
import static dev.fairlead.kernel.Transport.SYN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairlead.kernel.bpf.Interpreter;
import dev.fairlead.kernel.bpf.Interpreter.Outcome;
import dev.fairlead.kernel.bpf.KernelMaps;
import dev.fairlead.kernel.bpf.LoadedProgram;
import dev.fairlead.kernel.bpf.Maps;
import dev.fairlead.kernel.bpf.Program;
import dev.fairlead.kernel.bpf.Verdict;
import dev.fairlead.sys.Bpf;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What becomes of packets where the host routes them: as they are with it, and as they leave.
class HostRoutingTest {
    /// A network of one version of IP.
    private enum Net {
        V4("10.71.0.2:40000", "10.71.100.100:80", "10.71.1.2:8080", "10.71.100.7", "10.71.9.9"),
        V6("[fd71::2]:40000", "[fd71::100]:80", "[fd71:1::2]:8080", "fd71::7", "fd71:9::9");

        private final String client;
        private final String listener;
        private final String endpoint;
        private final String source;
        private final String router;

        Net(String client, String listener, String endpoint, String source, String router) {
            this.client = client;
            this.listener = listener;
            this.endpoint = endpoint;
            this.source = source;
            this.router = router;
        }

        String from() {
            return this == V4 ? source + ":10000" : "[" + source + "]:10000";
        }

        Family family() {
            return this == V4 ? Family.IPV4 : Family.IPV6;
        }
    }

    private final SharedMaps shared = SharedMaps.of();
    private final List<FamilyMaps> families =
            List.of(FamilyMaps.of(Family.IPV4, 1024), FamilyMaps.of(Family.IPV6, 1024));
    private final Program coming = Translation.programForHost(shared, families, Features.ALL);
    /// Where no listener has source addresses.
    private final Program plain = Leaving.program(shared, families, Features.NONE);

    private final Program leaving = Leaving.program(shared, families, Features.ALL);
    private final Interpreter in = new Interpreter(coming);
    private final Interpreter out = new Interpreter(leaving, in);

    private void listen(Maps maps, Net net, int number, String address, String... sources) throws IOException {
        Tables tables = new Tables(shared, families, maps);
        tables.putEndpoint(number, number, Frame.address(net.endpoint), true);
        tables.putTable(number, new int[] {number});
        for (Transport transport : Transport.values()) {
            tables.putService(
                    new Service(
                            number,
                            Frame.address(address),
                            transport,
                            ServiceEntry.BY_ADDRESS,
                            Arrays.stream(sources).map(InetAddress::ofLiteral).toList(),
                            new Service.PortRange(10000, 100)),
                    number);
        }
    }

    /// As the host has it.
    private byte[] crosses(byte[] frame) {
        Outcome outcome = in.run(frame);
        assertThat(outcome.verdict()).isEqualTo(Verdict.NEXT.number());
        return outcome.packet();
    }

    private byte[] leaves(byte[] frame) {
        Outcome outcome = out.run(frame);
        assertThat(outcome.verdict()).isEqualTo(Verdict.NEXT.number());
        return outcome.packet();
    }

    /// Where it comes from and goes to: with the host, and as it leaves.
    private List<String> ways(Frame frame) {
        Frame crossing = Frame.read(crosses(frame.bytes()));
        Frame left = Frame.read(leaves(crossing.bytes()));
        assertThat(left.hops()).as("the hop is the host's").isEqualTo(frame.hops());
        return List.of(way(crossing), way(left));
    }

    private static String way(Frame frame) {
        return way(frame.source().toString(), frame.destination().toString());
    }

    private static String way(String from, String to) {
        return (from + " > " + to).replace("/", "");
    }

    private static String named(String address) {
        return Frame.address(address).toString();
    }

    private static String between(String from, String to) {
        return way(named(from), named(to));
    }

    @ParameterizedTest
    @EnumSource(Net.class)
    void theHostSeesPacketsBetweenClientAndEndpoint(Net net) throws IOException {
        listen(in, net, 1, net.listener);
        for (Transport transport : Transport.values()) {
            Frame first = frame(transport, net.client, net.listener, SYN);
            Frame answer = frame(transport, net.endpoint, net.client, SYN | ACK);

            String there = between(net.client, net.endpoint);
            assertThat(ways(first)).containsExactly(there, there);
            assertThat(ways(answer))
                    .containsExactly(between(net.endpoint, net.client), between(net.listener, net.client));
            assertThat(ways(frame(transport, net.client, net.listener, ACK))).containsExactly(there, there);
        }
    }

    private static Frame frame(Transport transport, String from, String to, int control) {
        return transport == Transport.TCP ? Frame.tcp(from, to, control) : Frame.udp(from, to);
    }

    /// The host sees the client's address, and the port that the endpoint sees.
    @ParameterizedTest
    @EnumSource(Net.class)
    void sourcesAreChangedWhenPacketsLeave(Net net) throws IOException {
        listen(in, net, 1, net.listener, net.source);
        String crossing = net.client.replace("40000", "10000");
        for (int round = 0; round < 2; round++) {
            assertThat(ways(Frame.tcp(net.client, net.listener, round == 0 ? SYN : ACK)))
                    .containsExactly(between(crossing, net.endpoint), between(net.from(), net.endpoint));
            assertThat(ways(Frame.tcp(net.endpoint, net.from(), round == 0 ? SYN | ACK : ACK)))
                    .containsExactly(between(net.endpoint, crossing), between(net.listener, net.client));
        }
    }

    /// The turns of the one listener are those of both protocols here, so the second datagram has the second port.
    @ParameterizedTest
    @EnumSource(Net.class)
    void thoseOfDatagramsToo(Net net) throws IOException {
        listen(in, net, 1, net.listener, net.source);
        for (int i = 0; i < 2; i++) {
            String client = net.client.replace("40000", "4000" + i);
            String crossing = net.client.replace("40000", "1000" + i);
            String from = net.from().replace(":10000", ":1000" + i);
            for (int round = 0; round < 2; round++) {
                assertThat(ways(Frame.udp(client, net.listener)))
                        .containsExactly(between(crossing, net.endpoint), between(from, net.endpoint));
                assertThat(ways(Frame.udp(net.endpoint, from)))
                        .containsExactly(between(net.endpoint, crossing), between(net.listener, client));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Net.class)
    void anEndpointThatCallsItsListenerSeesThat(Net net) throws IOException {
        listen(in, net, 1, net.listener);
        String caller = net.endpoint.replace("8080", "41000");
        String seen = net.listener.replace(":80", ":41000").replace("::100]:80", "::100]:41000");

        assertThat(ways(Frame.tcp(caller, net.listener, SYN)))
                .containsExactly(between(caller, net.endpoint), between(seen, net.endpoint));
        assertThat(ways(Frame.tcp(net.endpoint, seen, SYN | ACK)))
                .containsExactly(between(net.endpoint, caller), between(net.listener, caller));
        byte[] crossing = crosses(Frame.tcp(caller, net.listener, ACK).bytes());
        assertThat(new Interpreter(plain, in).run(crossing).packet()).isEqualTo(leaves(crossing));
    }

    /// Each packet once, wherever it comes by twice.
    @ParameterizedTest
    @EnumSource(Net.class)
    void bothDirectionsAreNotedOnce(Net net) throws IOException {
        listen(in, net, 1, net.listener, net.source);

        ways(Frame.tcp(net.client, net.listener, SYN));
        ways(Frame.tcp(net.endpoint, net.from(), SYN | ACK));
        ways(Frame.tcp(net.endpoint, net.from(), ACK));
        ways(Frame.tcp(net.endpoint, net.from(), FIN | ACK));

        FamilyMaps maps = families.get(net.ordinal());
        List<Long> packets = new ArrayList<>();
        for (ByteBuffer entry : in.entries(maps.begun()).values()) {
            packets.add(entry.getLong(maps.flow().packets().offset()));
            assertThat(entry.getInt(maps.flow().flags().offset()) & (FlowEntry.ANSWERED | FlowEntry.ENDPOINT_DONE))
                    .isEqualTo(FlowEntry.ANSWERED | FlowEntry.ENDPOINT_DONE);
        }
        assertThat(packets).containsExactlyInAnyOrder(1L, 3L);
    }

    /// Of routers on the way, of the ends themselves, and of the host, which knows packets only as they cross.
    @ParameterizedTest
    @EnumSource(Net.class)
    void whoSentAPacketHearsOfItAsHeKnowsIt(Net net) throws IOException {
        for (String[] sources : new String[][] {{}, {net.source}}) {
            listen(in, net, 1, net.listener, sources);
            String client = net.client.replace("40000", sources.length == 0 ? "40001" : "40002");
            String peer = sources.length == 0 ? client : net.from();
            byte[] thereCrossing = crosses(Frame.tcp(client, net.listener, SYN).bytes());
            byte[] there = leaves(thereCrossing);
            byte[] backCrossing =
                    crosses(Frame.tcp(net.endpoint, peer, SYN | ACK).bytes());
            byte[] back = leaves(backCrossing);
            InetAddress router = InetAddress.ofLiteral(net.router);

            for (byte[] report : List.of(
                    leaves(crosses(Report.about(there, router))), leaves(Report.about(thereCrossing, router)))) {
                assertThat(Report.read(report).inside()).isEqualTo(inside(client, net.listener));
                assertThat(Report.read(report).source()).isEqualTo(router);
                assertThat(Report.read(report).destination())
                        .isEqualTo(Frame.address(client).getAddress());
            }
            for (byte[] report :
                    List.of(leaves(crosses(Report.about(back, router))), leaves(Report.about(backCrossing, router)))) {
                assertThat(Report.read(report).inside()).isEqualTo(inside(net.endpoint, peer));
                assertThat(Report.read(report).destination())
                        .isEqualTo(Frame.address(net.endpoint).getAddress());
            }
            Report byEndpoint = Report.read(leaves(crosses(Report.about(there, null))));
            assertThat(byEndpoint.source())
                    .isEqualTo(Frame.address(net.listener).getAddress());
            assertThat(byEndpoint.inside()).isEqualTo(inside(client, net.listener));
            Report byClient = Report.read(leaves(crosses(Report.about(back, null))));
            assertThat(byClient.source()).isEqualTo(Frame.address(peer).getAddress());
            assertThat(byClient.inside()).isEqualTo(inside(net.endpoint, peer));
        }
    }

    private static String inside(String from, String to) {
        return Frame.address(from).getAddress().getHostAddress() + ":"
                + Frame.address(from).getPort() + " > "
                + Frame.address(to).getAddress().getHostAddress() + ":"
                + Frame.address(to).getPort();
    }

    /// Listeners without source addresses, with one, and with another one: from each, the same client to the same
    /// endpoint.
    @ParameterizedTest
    @EnumSource(Net.class)
    void flowsOfOneClientToOneEndpointAreToldApart(Net net) throws IOException {
        List<String> listeners = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String listener = net.listener.replaceAll(":80$", ":" + (80 + i));
            String other = net.source.replaceAll("7$", "8");
            String[] sources = i % 3 == 0 ? new String[0] : new String[] {i == 1 ? net.source : other};
            listen(in, net, 1 + i, listener, sources);
            listeners.add(listener);
        }
        List<Frame> crossings = new ArrayList<>();
        List<Frame> left = new ArrayList<>();
        // The first of the last: a port that the second's source addresses begin with.
        String client = net.client.replace("40000", "10001");
        for (String listener : listeners.reversed()) {
            crossings.add(Frame.read(crosses(Frame.tcp(client, listener, SYN).bytes())));
            left.add(Frame.read(leaves(crossings.getLast().bytes())));
        }

        assertThat(crossings.stream().map(Frame::source).distinct()).hasSize(4);
        for (int i = 0; i < 4; i++) {
            Frame there = left.get(i);
            Frame answer = new Frame(
                    there.destination(), there.source(), Transport.TCP, SYN | ACK, 64, new byte[] {1, 2, 3, 4});
            Frame crossing = Frame.read(crosses(answer.bytes()));
            assertThat(crossing.destination()).isEqualTo(crossings.get(i).source());
            assertThat(way(Frame.read(leaves(crossing.bytes()))))
                    .isEqualTo(between(listeners.reversed().get(i), client));
            assertThat(Frame.read(leaves(crosses(
                                    Frame.tcp(client, listeners.reversed().get(i), ACK)
                                            .bytes())))
                            .source())
                    .isEqualTo(there.source());
        }
    }

    /// What was once said of a crossing is no reason to change a stranger's packet.
    @ParameterizedTest
    @EnumSource(Net.class)
    void whatHasNoFlowIsLeftAsItIs(Net net) throws IOException {
        listen(in, net, 1, net.listener, net.source);
        byte[] stranger = Frame.tcp(net.client, net.endpoint, ACK).bytes();
        assertThat(leaves(stranger)).isEqualTo(stranger);
        byte[] crossing = crosses(Frame.tcp(net.client, net.listener, SYN).bytes());
        assertThat(leaves(crossing)).isNotEqualTo(crossing);

        FamilyMaps maps = families.get(net.ordinal());
        List.copyOf(in.entries(maps.begun()).keySet()).forEach(key -> in.remove(maps.begun(), key));

        assertThat(leaves(crossing)).isEqualTo(crossing);
        byte[] report = Report.about(crossing, null);
        assertThat(leaves(report)).isEqualTo(report);
        assertThat(crosses(stranger)).isEqualTo(stranger);
    }

    @Test
    void whatTheHostDoesIsNotInThePrograms() {
        Program direct = Translation.program(shared, families, Features.ALL, Report.LIMIT);

        assertThat(direct.maps())
                .doesNotContainAnyElementsOf(
                        families.stream().map(Crossings::map).toList());
        assertThat(leaving.maps()).doesNotContain(shared.sources(), shared.turns(), shared.tables());
    }

    @Tag("root")
    @Test
    void linuxMakesTheSameOfEveryPacket() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "SKIPPED: only root may load programs into Linux");
        try (KernelMaps maps = KernelMaps.create(coming.maps())) {
            maps.addMissing(leaving.maps());
            try (LoadedProgram loadedIn = maps.load(coming);
                    LoadedProgram loadedOut = maps.load(leaving)) {
                for (Net net : Net.values()) {
                    int number = 1 + net.ordinal();
                    listen(in, net, number, net.listener, net.source);
                    listen(maps, net, number, net.listener, net.source);
                    for (Transport transport : Transport.values()) {
                        byte[] crossing = both(
                                loadedIn,
                                in,
                                frame(transport, net.client, net.listener, SYN).bytes());
                        byte[] left = both(loadedOut, out, crossing);
                        Frame sent = Frame.read(left);
                        Frame turned = new Frame(
                                sent.destination(), sent.source(), transport, SYN | ACK, 64, new byte[] {1, 2, 3});
                        byte[] back = both(loadedOut, out, both(loadedIn, in, turned.bytes()));
                        both(loadedOut, out, both(loadedIn, in, Report.about(left, null)));
                        both(loadedOut, out, both(loadedIn, in, Report.about(back, null)));
                        both(loadedOut, out, Report.about(crossing, null));
                        harm(loadedIn, loadedOut, crossing);
                        harm(loadedIn, loadedOut, Report.about(left, null));
                    }
                }
            }
        }
    }

    private static byte[] both(LoadedProgram loaded, Interpreter interpreter, byte[] packet) {
        Bpf.TestRun run = loaded.test(packet, 1);
        Outcome outcome = interpreter.run(packet);
        assertThat(run.result()).isEqualTo(outcome.verdict()).isEqualTo(Verdict.NEXT.number());
        assertThat(run.packet()).isEqualTo(outcome.packet());
        return outcome.packet();
    }

    private static void harm(LoadedProgram in, LoadedProgram out, byte[] whole) {
        Random random = new Random(5);
        for (int i = 0; i < 1000; i++) {
            byte[] damaged = whole.clone();
            for (int hits = 1 + random.nextInt(4); hits > 0; hits--) {
                damaged[14 + random.nextInt(whole.length - 14)] = (byte) random.nextInt();
            }
            for (LoadedProgram each : List.of(in, out)) {
                assertThat(each.test(damaged, 1).result()).isIn(Verdict.NEXT.number(), Verdict.DROP.number());
            }
        }
    }
}
