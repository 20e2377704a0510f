package dev.fairlead.kernel;

import static dev.fairlead.kernel.Transport.ACK;
import static dev.fairlead.kernel.Transport.FIN;
import static dev.fairlead.kernel.Transport.RST;
import static dev.fairlead.kernel.Transport.SYN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.kernel.bpf.Interpreter;
import dev.fairlead.kernel.bpf.Interpreter.Outcome;
import dev.fairlead.kernel.bpf.KernelMap;
import dev.fairlead.kernel.bpf.Program;
import dev.fairlead.kernel.bpf.Verdict;
import dev.fairlead.upstream.balance.Hash;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the program makes of single packets, run by the interpreter: no privilege, any machine.
class TranslationTest {
    private static final String CLIENT = "10.71.0.2:40000";
    private static final String LISTENER = "10.71.100.100:80";
    private static final String[] ENDPOINTS = {"10.71.1.2:8080", "10.71.2.2:8080", "10.71.3.2:8080"};
    private static final String[] ENDPOINTS_6 = {"[fd71:1::2]:8080", "[fd71:2::2]:8080"};
    private static final Service.PortRange PORTS = new Service.PortRange(10000, 3);

    private final SharedMaps shared = SharedMaps.of();
    private final FamilyMaps v4 = FamilyMaps.of(Family.IPV4, 1024);
    private final FamilyMaps v6 = FamilyMaps.of(Family.IPV6, 1024);
    private final Program program = Translation.program(shared, List.of(v4, v6), Features.ALL, Report.LIMIT);
    private final Interpreter machine = new Interpreter(program);
    private final Tables tables = new Tables(shared, List.of(v4, v6), machine);

    @BeforeEach
    void endpoints() throws IOException {
        for (int i = 0; i < ENDPOINTS.length; i++) {
            tables.putEndpoint(i, 1, Frame.address(ENDPOINTS[i]), true);
        }
        for (int i = 0; i < ENDPOINTS_6.length; i++) {
            tables.putEndpoint(10 + i, 1, Frame.address(ENDPOINTS_6[i]), true);
        }
        machine.routes(question -> {
            question.putInt(Route.ROUTE.outbound().offset(), 7);
            question.put(Route.ROUTE.fromMac().offset(), new byte[] {6, 0, 0, 0, 0, 6});
            question.put(Route.ROUTE.toMac().offset(), new byte[] {4, 0, 0, 0, 0, 4});
            return Route.FOUND;
        });
    }

    private void listen(int choice, String... sources) throws IOException {
        listen(LISTENER, Transport.TCP, choice, new int[] {0, 1, 2}, sources);
    }

    private void listen(String address, Transport transport, int choice, int[] table, String... sources)
            throws IOException {
        List<InetAddress> from =
                Arrays.stream(sources).map(InetAddress::ofLiteral).toList();
        tables.putTable(1, table);
        tables.putService(new Service(1, Frame.address(address), transport, choice, from, PORTS), 0);
    }

    private Frame sent(Frame frame) {
        Outcome outcome = machine.run(frame.bytes());
        assertThat(outcome.verdict()).isEqualTo(Verdict.REDIRECT.number());
        assertThat(outcome.outbound()).isEqualTo(7);
        assertThat(Arrays.copyOf(outcome.packet(), 12)).containsExactly(4, 0, 0, 0, 0, 4, 6, 0, 0, 0, 0, 6);
        return Frame.read(outcome.packet());
    }

    private int verdict(Frame frame) {
        return machine.run(frame.bytes()).verdict();
    }

    @Test
    void aConnectionGoesToAnEndpointAndComesBackFromTheListener() throws IOException {
        listen(ServiceEntry.IN_TURN);

        Frame there = sent(Frame.tcp(CLIENT, LISTENER, SYN));
        Frame back = sent(Frame.tcp(ENDPOINTS[0], CLIENT, SYN | ACK));
        Frame more = sent(Frame.tcp(CLIENT, LISTENER, ACK));

        assertThat(there.text()).isEqualTo("10.71.0.2:40000 > 10.71.1.2:8080");
        assertThat(there.hops()).isEqualTo(63);
        assertThat(back.text()).isEqualTo("10.71.100.100:80 > 10.71.0.2:40000");
        assertThat(more.text()).isEqualTo(there.text());
    }

    @Test
    void anEndpointWithoutAPortIsAskedOnTheListeners() throws IOException {
        String other = "10.71.100.100:81";
        tables.putEndpoint(5, 1, Frame.address("10.71.5.2:0"), true);
        listen(LISTENER, Transport.TCP, ServiceEntry.IN_TURN, new int[] {5});
        listen(other, Transport.TCP, ServiceEntry.IN_TURN, new int[] {5});

        Frame first = sent(Frame.tcp(CLIENT, LISTENER, SYN));
        Frame second = sent(Frame.tcp(CLIENT, other, SYN));

        assertThat(first.text()).isEqualTo("10.71.0.2:40000 > 10.71.5.2:80");
        assertThat(second.text()).isEqualTo("10.71.0.2:40000 > 10.71.5.2:81");
        assertThat(sent(Frame.tcp("10.71.5.2:80", CLIENT, SYN | ACK)).text()).isEqualTo(LISTENER + " > " + CLIENT);
        assertThat(sent(Frame.tcp("10.71.5.2:81", CLIENT, SYN | ACK)).text()).isEqualTo(other + " > " + CLIENT);
    }

    @Test
    void turnsGoRound() throws IOException {
        listen(ServiceEntry.IN_TURN);

        List<String> chosen = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            chosen.add(sent(Frame.tcp("10.71.0.2:" + (40000 + i), LISTENER, SYN))
                    .destination()
                    .getAddress()
                    .getHostAddress());
        }

        assertThat(chosen)
                .containsExactly("10.71.1.2", "10.71.2.2", "10.71.3.2", "10.71.1.2", "10.71.2.2", "10.71.3.2");
    }

    /// Nodes with other carriers must choose alike.
    @Test
    void hashesAsJavaDoes() throws IOException {
        listen(ServiceEntry.BY_ADDRESS);
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            byte[] ip = new byte[4];
            random.nextBytes(ip);
            // Not one that is nobody's.
            ip[0] = (byte) (1 + ip[0] & 0x3f);
            InetAddress client = InetAddress.getByAddress(ip);
            int slot = (int) (((Hash.of(client) >>> 32) * 3) >>> 32);

            Frame there = sent(Frame.tcp(client.getHostAddress() + ":4000", LISTENER, SYN));

            assertThat(there.destination()).isEqualTo(Frame.address(ENDPOINTS[slot]));
        }
    }

    @Test
    void hashesIpv6AsJavaDoes() throws IOException {
        listen("[fd71::100]:80", Transport.TCP, ServiceEntry.BY_ADDRESS, new int[] {10, 11});
        for (int i = 0; i < 50; i++) {
            InetAddress client = InetAddress.ofLiteral("fd71::" + Integer.toHexString(i * 977));
            int slot = (int) (((Hash.of(client) >>> 32) * 2) >>> 32);

            Frame there = sent(Frame.tcp("[" + client.getHostAddress() + "]:4000", "[fd71::100]:80", SYN));

            assertThat(there.destination()).isEqualTo(Frame.address(ENDPOINTS_6[slot]));
        }
    }

    @Test
    void hashesThePortTooWhenAsked() throws IOException {
        listen(ServiceEntry.BY_ADDRESS_AND_PORT);
        Set<String> chosen = new HashSet<>();
        for (int port = 40000; port < 40050; port++) {
            long hash = Hash.with(Hash.of(InetAddress.ofLiteral("10.71.0.2")), port);
            int slot = (int) (((hash >>> 32) * 3) >>> 32);

            Frame there = sent(Frame.tcp("10.71.0.2:" + port, LISTENER, SYN));

            assertThat(there.destination()).isEqualTo(Frame.address(ENDPOINTS[slot]));
            chosen.add(there.destination().toString());
        }
        assertThat(chosen).hasSize(3);
    }

    @Test
    void ipv6GoesThereAndBack() throws IOException {
        listen("[fd71::100]:80", Transport.TCP, ServiceEntry.IN_TURN, new int[] {10, 11});

        Frame there = sent(Frame.tcp("[fd71::2]:40000", "[fd71::100]:80", SYN));
        Frame back = sent(Frame.tcp(ENDPOINTS_6[0], "[fd71::2]:40000", SYN | ACK));

        assertThat(there.destination()).isEqualTo(Frame.address(ENDPOINTS_6[0]));
        assertThat(back.source()).isEqualTo(Frame.address("[fd71::100]:80"));
    }

    @Test
    void datagramsGoThereAndBack() throws IOException {
        listen(LISTENER, Transport.UDP, ServiceEntry.IN_TURN, new int[] {1});

        assertThat(sent(Frame.udp(CLIENT, LISTENER)).destination()).isEqualTo(Frame.address(ENDPOINTS[1]));
        assertThat(sent(Frame.udp(ENDPOINTS[1], CLIENT)).source()).isEqualTo(Frame.address(LISTENER));
    }

    @Test
    void aDatagramWithoutASumKeepsNone() throws IOException {
        listen(LISTENER, Transport.UDP, ServiceEntry.IN_TURN, new int[] {1});
        byte[] packet = Frame.udp(CLIENT, LISTENER).bytes();
        packet[40] = 0;
        packet[41] = 0;

        Outcome outcome = machine.run(packet);

        assertThat(outcome.verdict()).isEqualTo(Verdict.REDIRECT.number());
        assertThat(outcome.packet()[40] | outcome.packet()[41]).isZero();
    }

    @Test
    void sourceAddressesAndPortsAreTakenInTurn() throws IOException {
        listen(ServiceEntry.IN_TURN, "10.71.9.1", "10.71.9.2");

        List<String> sources = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Frame there = sent(Frame.tcp("10.71.0.2:" + (40000 + i), LISTENER, SYN));
            sources.add(there.source().getAddress().getHostAddress() + ":"
                    + there.source().getPort());
        }

        assertThat(sources)
                .containsExactly(
                        "10.71.9.1:10000",
                        "10.71.9.1:10001",
                        "10.71.9.1:10002",
                        "10.71.9.2:10000",
                        "10.71.9.2:10001",
                        "10.71.9.2:10002");
        Frame back = sent(Frame.tcp(ENDPOINTS[0], "10.71.9.1:10000", SYN | ACK));
        assertThat(back.text()).isEqualTo("10.71.100.100:80 > 10.71.0.2:40000");
    }

    @Test
    void datagramsHaveSourcesTooAndTheirAnswersFindTheClient() throws IOException {
        listen(LISTENER, Transport.UDP, ServiceEntry.IN_TURN, new int[] {0}, "10.71.9.1", "10.71.9.2");
        List<String> there = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 6; i++) {
                there.add(sent(Frame.udp("10.71.0.2:" + (40000 + i), LISTENER)).text());
            }
        }

        assertThat(there.subList(0, 6))
                .containsExactly(
                        "10.71.9.1:10000 > 10.71.1.2:8080",
                        "10.71.9.1:10001 > 10.71.1.2:8080",
                        "10.71.9.1:10002 > 10.71.1.2:8080",
                        "10.71.9.2:10000 > 10.71.1.2:8080",
                        "10.71.9.2:10001 > 10.71.1.2:8080",
                        "10.71.9.2:10002 > 10.71.1.2:8080");
        assertThat(there.subList(6, 12)).as("a flow keeps its own").isEqualTo(there.subList(0, 6));
        for (int i = 0; i < 6; i++) {
            String source = there.get(i).substring(0, there.get(i).indexOf(' '));
            assertThat(sent(Frame.udp(ENDPOINTS[0], source)).text())
                    .isEqualTo(LISTENER + " > 10.71.0.2:" + (40000 + i));
        }
        assertThat(verdict(Frame.udp("10.71.0.2:40006", LISTENER))).isEqualTo(Verdict.DROP.number());
    }

    @Test
    void datagramsOfIpv6HaveSourcesToo() throws IOException {
        String listener = "[fd71::100]:80";
        listen(listener, Transport.UDP, ServiceEntry.IN_TURN, new int[] {10}, "fd71::9");

        Frame there = sent(Frame.udp("[fd71::2]:40000", listener));
        Frame back = sent(Frame.udp(ENDPOINTS_6[0], "[fd71::9]:10000"));

        assertThat(there.source()).isEqualTo(Frame.address("[fd71::9]:10000"));
        assertThat(there.destination()).isEqualTo(Frame.address(ENDPOINTS_6[0]));
        assertThat(back.source()).isEqualTo(Frame.address(listener));
        assertThat(back.destination()).isEqualTo(Frame.address("[fd71::2]:40000"));
    }

    @Test
    void aDatagramFromASourceWithoutASumKeepsNone() throws IOException {
        listen(LISTENER, Transport.UDP, ServiceEntry.IN_TURN, new int[] {1}, "10.71.9.1");
        byte[] packet = Frame.udp(CLIENT, LISTENER).bytes();
        packet[40] = 0;
        packet[41] = 0;

        byte[] there = machine.run(packet).packet();

        assertThat(there[40] | there[41]).isZero();
        assertThat(Arrays.copyOfRange(there, 26, 30)).containsExactly(10, 71, 9, 1);
    }

    /// A server may speak both, and then both have the same numbers of ports.
    @Test
    void datagramsAndConnectionsDoNotShareTheirPorts() throws IOException {
        String other = "10.71.100.100:81";
        listen(LISTENER, Transport.TCP, ServiceEntry.IN_TURN, new int[] {0}, "10.71.9.1");
        assertThat(sent(Frame.tcp(CLIENT, LISTENER, SYN)).source()).isEqualTo(Frame.address("10.71.9.1:10000"));
        tables.putTable(2, new int[] {0});
        tables.putService(
                new Service(
                        2,
                        Frame.address(other),
                        Transport.UDP,
                        ServiceEntry.IN_TURN,
                        List.of(InetAddress.ofLiteral("10.71.9.1")),
                        PORTS),
                0);

        assertThat(sent(Frame.udp(CLIENT, other)).source()).isEqualTo(Frame.address("10.71.9.1:10000"));
        assertThat(sent(Frame.tcp(ENDPOINTS[0], "10.71.9.1:10000", SYN | ACK)).text())
                .isEqualTo(LISTENER + " > " + CLIENT);
        assertThat(sent(Frame.udp(ENDPOINTS[0], "10.71.9.1:10000")).text()).isEqualTo(other + " > " + CLIENT);
    }

    @Test
    void portsRunOutAndThatIsCounted() throws IOException {
        listen(LISTENER, Transport.TCP, ServiceEntry.IN_TURN, new int[] {0}, "10.71.9.1");
        for (int i = 0; i < PORTS.count(); i++) {
            sent(Frame.tcp("10.71.0.2:" + (40000 + i), LISTENER, SYN));
        }

        assertThat(verdict(Frame.tcp("10.71.0.2:50000", LISTENER, SYN))).isEqualTo(Verdict.DROP.number());
        assertThat(lost(Loss.NO_PORT)).isEqualTo(1);
    }

    @Test
    void withoutAnEndpointItIsLost() throws IOException {
        listen(LISTENER, Transport.TCP, ServiceEntry.BY_ADDRESS, new int[0]);

        assertThat(verdict(Frame.tcp(CLIENT, LISTENER, SYN))).isEqualTo(Verdict.DROP.number());
        assertThat(lost(Loss.NO_ENDPOINT)).isEqualTo(1);
    }

    @Test
    void withoutARouteItIsLost() throws IOException {
        listen(ServiceEntry.IN_TURN);
        machine.routes(question -> 4);

        assertThat(verdict(Frame.tcp(CLIENT, LISTENER, SYN))).isEqualTo(Verdict.DROP.number());
        assertThat(lost(Loss.NO_ROUTE)).isEqualTo(1);
    }

    @Test
    void withoutANeighbourLinuxIsAskedToFindIt() throws IOException {
        listen(ServiceEntry.IN_TURN);
        machine.routes(question -> {
            question.putInt(Route.ROUTE.outbound().offset(), 9);
            return Route.NO_NEIGHBOUR;
        });

        Outcome outcome = machine.run(Frame.tcp(CLIENT, LISTENER, SYN).bytes());

        assertThat(outcome.byNeighbour()).isTrue();
        assertThat(outcome.outbound()).isEqualTo(9);
        assertThat(Frame.read(outcome.packet()).destination()).isEqualTo(Frame.address(ENDPOINTS[0]));
    }

    @Test
    void aRouteIsAskedForOnceASecond() throws IOException {
        listen(ServiceEntry.IN_TURN);
        int[] asked = {0};
        machine.routes(question -> {
            asked[0]++;
            question.putInt(Route.ROUTE.outbound().offset(), 7);
            return Route.FOUND;
        });
        Frame frame = Frame.tcp(CLIENT, LISTENER, SYN);
        machine.run(frame.bytes());
        machine.run(frame.bytes());
        assertThat(asked[0]).isEqualTo(1);

        machine.nanos(machine.nanos() + 2 * Way.ROUTE_NANOS);
        machine.run(frame.bytes());

        assertThat(asked[0]).isEqualTo(2);
    }

    @Test
    void whoSendsAPacketOnItsLastHopIsTold() throws IOException {
        listen(ServiceEntry.IN_TURN);
        listen("[fd71::100]:80", Transport.TCP, ServiceEntry.IN_TURN, new int[] {10, 11});
        for (String[] ends : new String[][] {{CLIENT, LISTENER}, {"[fd71::2]:40000", "[fd71::100]:80"}}) {
            Outcome outcome =
                    machine.run(Frame.tcp(ends[0], ends[1], SYN).withHops(1).bytes(), 3, UnaryOperator.identity());

            assertThat(outcome.verdict()).isEqualTo(Verdict.REDIRECT.number());
            assertThat(outcome.outbound()).isEqualTo(3);
            Report report = Report.read(outcome.packet());
            assertThat(report.source()).isEqualTo(Frame.address(ends[1]).getAddress());
            assertThat(report.destination()).isEqualTo(Frame.address(ends[0]).getAddress());
            assertThat(report.inside()).endsWith(" > " + report.source().getHostAddress() + ":80");
            Family family = Family.of(report.source());
            assertThat(outcome.packet()[family.transport()]).isEqualTo((byte) (family == Family.IPV4 ? 11 : 3));
            assertThat(outcome.packet()[family.transport() + 1]).isZero();
        }
        assertThat(lost(Loss.HOPS)).isEqualTo(2);
    }

    @Test
    void aSynAfterTheEndChoosesAnew() throws IOException {
        listen(ServiceEntry.IN_TURN);
        assertThat(sent(Frame.tcp(CLIENT, LISTENER, SYN)).destination()).isEqualTo(Frame.address(ENDPOINTS[0]));
        sent(Frame.tcp(ENDPOINTS[0], CLIENT, SYN | ACK));
        assertThat(sent(Frame.tcp(CLIENT, LISTENER, SYN)).destination()).isEqualTo(Frame.address(ENDPOINTS[0]));

        sent(Frame.tcp(ENDPOINTS[0], CLIENT, FIN | ACK));

        assertThat(sent(Frame.tcp(CLIENT, LISTENER, ACK)).destination()).isEqualTo(Frame.address(ENDPOINTS[0]));
        assertThat(sent(Frame.tcp(CLIENT, LISTENER, SYN)).destination()).isEqualTo(Frame.address(ENDPOINTS[1]));
    }

    @Test
    void aRepeatedSynLeavesAnEndpointThatIsDown() throws IOException {
        listen(ServiceEntry.IN_TURN);
        sent(Frame.tcp(CLIENT, LISTENER, SYN));
        assertThat(sent(Frame.tcp(CLIENT, LISTENER, SYN)).destination()).isEqualTo(Frame.address(ENDPOINTS[0]));

        tables.putEndpoint(0, 1, Frame.address(ENDPOINTS[0]), false);

        assertThat(sent(Frame.tcp(CLIENT, LISTENER, SYN)).destination()).isEqualTo(Frame.address(ENDPOINTS[1]));
    }

    @Test
    void whereAllNodesChooseAlikeAFlowIsTakenUp() throws IOException {
        listen(ServiceEntry.BY_ADDRESS);
        Frame there = sent(Frame.tcp(CLIENT, LISTENER, SYN));
        machine.entries(v4.begun()).clear();

        assertThat(sent(Frame.tcp(CLIENT, LISTENER, ACK)).text()).isEqualTo(there.text());
        assertThat(flags(true)).isEqualTo(FlowEntry.ADOPTED);
    }

    @Test
    void elsewhereAFlowWithoutAnEntryGoesToTheHost() throws IOException {
        listen(ServiceEntry.IN_TURN);

        assertThat(verdict(Frame.tcp(CLIENT, LISTENER, ACK))).isEqualTo(Verdict.NEXT.number());
        assertThat(verdict(Frame.tcp(CLIENT, LISTENER, RST))).isEqualTo(Verdict.NEXT.number());
        assertThat(machine.entries(v4.begun())).isEmpty();
    }

    @Test
    void bothEntriesKnowWhatHappened() throws IOException {
        listen(ServiceEntry.IN_TURN);
        sent(Frame.tcp(CLIENT, LISTENER, SYN));
        assertThat(flags(true)).isZero();

        sent(Frame.tcp(ENDPOINTS[0], CLIENT, SYN | ACK));
        assertThat(flags(true)).isEqualTo(FlowEntry.ANSWERED);

        sent(Frame.tcp(CLIENT, LISTENER, FIN | ACK));
        assertThat(flags(false)).isEqualTo(FlowEntry.FROM_ENDPOINT | FlowEntry.ANSWERED | FlowEntry.CLIENT_DONE);

        sent(Frame.tcp(ENDPOINTS[0], CLIENT, RST));
        assertThat(flags(true)).isEqualTo(FlowEntry.ANSWERED | FlowEntry.CLIENT_DONE | FlowEntry.RESET);
    }

    /// Who forges an address does not see the endpoint's number: his flow stays where floods push out each other.
    @Test
    void aFlowIsProvedByWhatItsClientAcknowledges() throws IOException {
        listen(ServiceEntry.IN_TURN);
        sent(Frame.tcp(CLIENT, LISTENER, SYN));
        byte[] answer = Frame.tcp(ENDPOINTS[0], CLIENT, SYN | ACK).bytes();
        ByteBuffer.wrap(answer).putInt(38, 0xffff_fffe);
        machine.run(answer);
        assertThat(machine.entries(v4.flows())).isEmpty();

        acknowledge(0x1234_5678);
        assertThat(machine.entries(v4.flows())).isEmpty();
        acknowledge(0xffff_ffff);

        assertThat(machine.entries(v4.flows())).hasSize(2);
        assertThat(machine.entries(v4.begun())).isEmpty();
        assertThat(sent(Frame.tcp(ENDPOINTS[0], CLIENT, ACK)).source()).isEqualTo(Frame.address(LISTENER));
    }

    private void acknowledge(int number) {
        byte[] packet = Frame.tcp(CLIENT, LISTENER, ACK).bytes();
        ByteBuffer.wrap(packet).putInt(42, number);
        assertThat(machine.run(packet).verdict()).isEqualTo(Verdict.REDIRECT.number());
    }

    @Test
    void laterFragmentsFollowTheFirst() throws IOException {
        listen(LISTENER, Transport.UDP, ServiceEntry.IN_TURN, new int[] {1});
        byte[] first = Frame.udp(CLIENT, LISTENER).bytes();
        first[20] = 0x20;
        byte[] later = Arrays.copyOf(first, 40);
        later[17] = 26;
        later[20] = 0;
        later[21] = 2;

        assertThat(machine.run(later).verdict()).as("too early").isEqualTo(Verdict.NEXT.number());
        assertThat(machine.run(first).verdict()).isEqualTo(Verdict.REDIRECT.number());
        Outcome outcome = machine.run(later);

        assertThat(outcome.verdict()).isEqualTo(Verdict.REDIRECT.number());
        assertThat(Arrays.copyOfRange(outcome.packet(), 30, 34)).containsExactly(10, 71, 2, 2);
        assertThat(Arrays.copyOfRange(outcome.packet(), 34, 40)).isEqualTo(Arrays.copyOfRange(later, 34, 40));
    }

    @Test
    void aServerThatGetsItselfSeesTheListener() throws IOException {
        listen(LISTENER, Transport.TCP, ServiceEntry.IN_TURN, new int[] {0});

        Frame there = sent(Frame.tcp("10.71.1.2:40000", LISTENER, SYN));
        Frame back = sent(Frame.tcp(ENDPOINTS[0], "10.71.100.100:40000", SYN | ACK));

        assertThat(there.text()).isEqualTo("10.71.100.100:40000 > 10.71.1.2:8080");
        assertThat(back.text()).isEqualTo("10.71.100.100:80 > 10.71.1.2:40000");
    }

    private List<ByteBuffer> entries() {
        List<ByteBuffer> all = new ArrayList<>(machine.entries(v4.begun()).values());
        all.addAll(machine.entries(v4.flows()).values());
        return all;
    }

    private int flags(boolean toEndpoint) {
        int at = v4.flow().flags().offset();
        return entries().stream()
                .map(entry -> entry.getInt(at) & ~(FlowEntry.ASKED | FlowEntry.RESPONDED))
                .filter(flags -> ((flags & FlowEntry.FROM_ENDPOINT) == 0) == toEndpoint)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void twoListenersDoNotConfuseOneEndpoint() throws IOException {
        listen(LISTENER, Transport.TCP, ServiceEntry.IN_TURN, new int[] {0});
        tables.putTable(2, new int[] {0});
        tables.putService(
                new Service(
                        2, Frame.address("10.71.100.101:80"), Transport.TCP, ServiceEntry.IN_TURN, List.of(), PORTS),
                0);
        sent(Frame.tcp(CLIENT, LISTENER, SYN));

        Frame second = sent(Frame.tcp(CLIENT, "10.71.100.101:80", SYN));

        assertThat(second.source().getAddress()).isEqualTo(Frame.address(CLIENT).getAddress());
        assertThat(second.source().getPort()).isNotEqualTo(40000).isGreaterThanOrEqualTo(32768);
        String theirs = "10.71.0.2:" + second.source().getPort();
        assertThat(sent(Frame.tcp(ENDPOINTS[0], theirs, SYN | ACK)).text()).isEqualTo("10.71.100.101:80 > " + CLIENT);
        assertThat(sent(Frame.tcp(ENDPOINTS[0], CLIENT, SYN | ACK)).text()).isEqualTo(LISTENER + " > " + CLIENT);
        assertThat(sent(Frame.tcp(CLIENT, "10.71.100.101:80", ACK)).text()).isEqualTo(second.text());
        Frame third = sent(Frame.tcp(theirs, "10.71.100.101:80", SYN));
        assertThat(third.source().getPort())
                .as("it was given away")
                .isNotEqualTo(second.source().getPort());
        String its = "10.71.0.2:" + third.source().getPort();
        assertThat(sent(Frame.tcp(ENDPOINTS[0], its, SYN | ACK)).text()).isEqualTo("10.71.100.101:80 > " + theirs);
        assertThat(sent(Frame.tcp(ENDPOINTS[0], theirs, ACK)).text()).isEqualTo("10.71.100.101:80 > " + CLIENT);
    }

    /// Taken up under another port it would be another connection for the endpoint.
    @Test
    void whatIsTakenUpIsGivenNoOtherPort() throws IOException {
        listen(LISTENER, Transport.TCP, ServiceEntry.BY_ADDRESS, new int[] {0});
        tables.putTable(2, new int[] {0});
        tables.putService(
                new Service(
                        2, Frame.address("10.71.100.101:80"), Transport.TCP, ServiceEntry.BY_ADDRESS, List.of(), PORTS),
                0);
        sent(Frame.tcp(CLIENT, LISTENER, SYN));

        assertThat(verdict(Frame.tcp(CLIENT, "10.71.100.101:80", ACK))).isEqualTo(Verdict.DROP.number());
        assertThat(read(shared.losses()).sum(2, Loss.CLASH.field())).isEqualTo(1);
    }

    /// The tables forget one entry at a time.
    @Test
    void aFlowThatBeginsAgainIsNotTakenForTheOneBefore() throws IOException {
        listen(ServiceEntry.IN_TURN);
        listen(LISTENER, Transport.TCP, ServiceEntry.IN_TURN, new int[] {0});
        sent(Frame.tcp(CLIENT, LISTENER, SYN));
        machine.run(Frame.tcp(ENDPOINTS[0], CLIENT, SYN | ACK).bytes());
        int proof = v4.flow().proof().offset();
        entries().forEach(entry -> entry.putInt(proof, 1));
        acknowledge(1);
        assertThat(machine.entries(v4.flows())).hasSize(2);
        sent(Frame.tcp(ENDPOINTS[0], CLIENT, FIN | ACK));
        machine.entries(v4.flows())
                .values()
                .removeIf(entry -> (entry.getInt(v4.flow().flags().offset()) & FlowEntry.FROM_ENDPOINT) == 0);

        sent(Frame.tcp(CLIENT, LISTENER, SYN));

        assertThat(sent(Frame.tcp(ENDPOINTS[0], CLIENT, SYN | ACK)).source()).isEqualTo(Frame.address(LISTENER));
        assertThat(flags(true)).isEqualTo(FlowEntry.ANSWERED);
    }

    /// It would end at its own answer.
    @Test
    void aResetFromElsewhereDoesNotHideTheAnswer() throws IOException {
        listen(ServiceEntry.IN_TURN);
        sent(Frame.tcp(CLIENT, LISTENER, SYN));
        sent(Frame.tcp(CLIENT, LISTENER, RST));

        assertThat(sent(Frame.tcp(ENDPOINTS[0], CLIENT, SYN | ACK)).source()).isEqualTo(Frame.address(LISTENER));
    }

    @Test
    void norDoTwoAddressesOfOneListener() throws IOException {
        listen(LISTENER, Transport.UDP, ServiceEntry.IN_TURN, new int[] {0});
        tables.putService(
                new Service(
                        1, Frame.address("10.71.100.101:80"), Transport.UDP, ServiceEntry.IN_TURN, List.of(), PORTS),
                0);
        sent(Frame.udp(CLIENT, LISTENER));

        Frame second = sent(Frame.udp(CLIENT, "10.71.100.101:80"));

        String theirs = "10.71.0.2:" + second.source().getPort();
        assertThat(theirs).isNotEqualTo(CLIENT);
        assertThat(sent(Frame.udp(ENDPOINTS[0], theirs)).text()).isEqualTo("10.71.100.101:80 > " + CLIENT);
        assertThat(sent(Frame.udp(ENDPOINTS[0], CLIENT)).text()).isEqualTo(LISTENER + " > " + CLIENT);
    }

    /// As when the client reaches the endpoint itself through this host, or by another NAT on it.
    @Test
    void anAnswerToAConnectionOfOthersGoesToTheHost() throws IOException {
        listen(ServiceEntry.IN_TURN);
        sent(Frame.tcp(CLIENT, LISTENER, SYN));
        sent(Frame.tcp(ENDPOINTS[0], CLIENT, SYN | ACK));
        sent(Frame.tcp(CLIENT, LISTENER, FIN | ACK));
        assertThat(sent(Frame.tcp(ENDPOINTS[0], CLIENT, SYN | ACK)).source())
                .as("repeated, for the client's answer was lost")
                .isEqualTo(Frame.address(LISTENER));
        sent(Frame.tcp(ENDPOINTS[0], CLIENT, FIN | ACK));

        assertThat(verdict(Frame.tcp(ENDPOINTS[0], CLIENT, SYN | ACK))).isEqualTo(Verdict.NEXT.number());
        assertThat(verdict(Frame.tcp(ENDPOINTS[0], CLIENT, ACK))).isEqualTo(Verdict.NEXT.number());
    }

    @Test
    void countsForTheEndpoint() throws IOException {
        listen(ServiceEntry.IN_TURN);
        byte[] syn = Frame.tcp(CLIENT, LISTENER, SYN).bytes();
        machine.run(syn);
        machine.run(syn);
        sent(Frame.tcp(ENDPOINTS[0], CLIENT, SYN | ACK));

        assertThat(Tallies.TALLIES.read(read(shared.tallies()), 0))
                .isEqualTo(new Account.Count(1, 2, 2L * syn.length, 1, syn.length));
    }

    private long lost(Loss loss) {
        return read(shared.losses()).sum(1, loss.field());
    }

    private Counters.Reader read(Counters counters) {
        return counters.read(machine, KernelMap.buffer(counters.map().valueBytes()));
    }

    @Test
    void whatIsNotForAListenerGoesToTheHost() throws IOException {
        listen(ServiceEntry.IN_TURN);
        byte[] syn = Frame.tcp(CLIENT, LISTENER, SYN).bytes();

        assertThat(verdict(Frame.tcp(CLIENT, "10.71.100.100:81", SYN))).isEqualTo(Verdict.NEXT.number());
        assertThat(verdict(Frame.udp(CLIENT, LISTENER))).isEqualTo(Verdict.NEXT.number());
        assertThat(machine.run(syn, 1, skb -> skb.putInt(4, 3)).verdict()).isEqualTo(Verdict.NEXT.number());
        assertThat(machine.run(syn, 1, skb -> skb.putInt(20, 1)).verdict()).isEqualTo(Verdict.NEXT.number());
        byte[] fragment = syn.clone();
        fragment[21] = 1;
        assertThat(machine.run(fragment).verdict()).isEqualTo(Verdict.NEXT.number());
        byte[] options = syn.clone();
        options[14] = 0x46;
        assertThat(machine.run(options).verdict()).isEqualTo(Verdict.NEXT.number());
        assertThat(machine.entries(v4.begun())).isEmpty();
    }
}
