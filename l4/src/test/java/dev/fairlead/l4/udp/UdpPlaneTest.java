package dev.fairlead.l4.udp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.AccessLogSpec;
import dev.fairlead.config.Address;
import dev.fairlead.config.AddressRange;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.Carrier;
import dev.fairlead.config.Cidr;
import dev.fairlead.config.EndpointAddress;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.HashKeySpec;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.QuicSpec;
import dev.fairlead.config.UdpClientsSpec;
import dev.fairlead.config.UdpListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.Loops;
import dev.fairlead.net.Transport;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.FlowOrder;
import dev.fairlead.upstream.FlowQuestion;
import dev.fairlead.upstream.Manual;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import dev.fairlead.upstream.health.Health;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
@Timeout(60)
final class UdpPlaneTest {
    private static final int DISCARD = 9;
    private static final AtomicInteger NEXT = new AtomicInteger(10_000 + new Random().nextInt(20_000));
    private static final BalancerSpec BY_CLIENT = new BalancerSpec(
            BalancerSpec.Algorithm.MAGLEV,
            new HashKeySpec(HashKeySpec.Part.SOURCE_ADDRESS_AND_PORT, null, null, null),
            0);

    @TempDir
    private Path folder;

    private final Metrics metrics = new Metrics();
    private final Upstreams upstreams = new Upstreams(metrics);
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private Loops loops;
    private AccessLog log;
    private Path logFile;
    private UdpPlane plane;

    // what a test asks of its listener
    private InetAddress address = InetAddress.getLoopbackAddress();
    private BalancerSpec balancer = BalancerSpec.ROUND_ROBIN;
    private int maxFlows = 1000;
    private int perClient = 0;
    private Duration idle = Duration.ofMinutes(1);
    private int requests = 0;
    private int responses = 0;
    private Duration responseTimeout = Duration.ofSeconds(5);
    private int maxRate = 0;
    private @Nullable QuicSpec quic;
    private @Nullable UdpClientsSpec clients;
    private List<String> source = List.of();

    @BeforeEach
    void open() throws IOException {
        loops = new Loops(2);
        logFile = folder.resolve("access.log");
        log = AccessLog.open(new AccessLogSpec(logFile.toString(), AccessLogSpec.Format.JSON), metrics);
    }

    @AfterEach
    void everythingIsGivenBack() throws Exception {
        if (plane != null) {
            plane.close();
            until(() -> plane.open() == 0);
            until(() -> plane.clients().size() == 0);
        }
        for (Upstream upstream : upstreams.all()) {
            until(() -> upstream.endpoints().stream()
                    .allMatch(endpoint -> endpoint.active() == 0 && endpoint.connections() == 0));
        }
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
        log.close();
        loops.close();
    }

    @Test
    void relaysBothWays() throws Exception {
        start(endpoint(peer(UdpPeer.echo())));
        try (Client client = client()) {
            for (int i = 0; i < 100; i++) {
                assertThat(client.ask("line " + i)).isEqualTo("line " + i);
            }
        }
        assertThat(plane.open()).isEqualTo(1);
        assertThat(metrics.counter(Metric.FLOW_BYTES, "dns", "in").value()).isEqualTo(690);
        assertThat(metrics.counter(Metric.FLOW_BYTES, "dns", "out").value()).isEqualTo(690);
        assertThat(metrics.counter(Metric.UDP_DATAGRAMS, "dns", "in").value()).isEqualTo(100);
        assertThat(only().bytes().in().value()).isEqualTo(690);
        assertThat(only().bytes().out().value()).isEqualTo(690);
        assertThat(metrics.histogram(Metric.UDP_RESPONSE_SECONDS, "dns").count())
                .isEqualTo(1);
    }

    /// 65507 is the most that IPv4 takes; the content tells whether a piece of the memory was used twice.
    @ParameterizedTest
    @ValueSource(ints = {1, 1200, 1473, 9000, 65_507})
    void relaysDatagramsOfEverySize(int bytes) throws Exception {
        start(endpoint(peer(UdpPeer.echo())));
        Random random = new Random(bytes);
        try (Client client = client()) {
            for (int i = 0; i < 50; i++) {
                byte[] content = new byte[bytes];
                random.nextBytes(content);
                client.send(content);
                assertThat(client.receive()).isEqualTo(content);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.2", "127.9.9.9", "::1"})
    void answersFromTheAddressThatWasAsked(String asked) throws Exception {
        address = InetAddress.ofLiteral("0.0.0.0");
        start(endpoint(peer(UdpPeer.echo())));
        var to = new InetSocketAddress(
                InetAddress.ofLiteral(asked), plane.boundAddress().getPort());
        // Connected, it hears nobody else, and the kernel would choose the address that it comes from itself.
        try (Client client = new Client(InetAddress.ofLiteral(asked.equals("::1") ? asked : "127.0.0.1"), to)) {
            assertThat(client.ask("here?")).isEqualTo("here?");
            assertThat(client.ask("still?")).isEqualTo("still?");
        }
    }

    /// Datagrams that a client sends by one call, and those that a busy endpoint sends so.
    @ParameterizedTest
    @ValueSource(ints = {0, 1_000_000})
    void passesTrainsOnInEveryDatagramOfThem(int rate) throws Exception {
        maxRate = rate;
        UdpPeer echo = peer(UdpPeer.echo());
        start(endpoint(echo));
        try (var client = new TrainClient(plane.boundAddress())) {
            for (int round = 1; round <= 10; round++) {
                client.send(10, 1000, 7);
                for (int i = 0; i < 10; i++) {
                    assertThat(client.receive()).isEqualTo(i < 9 ? 1000 : 7);
                }
                assertThat(echo.received()).isEqualTo(round * 10);
            }
        }
        assertThat(metrics.counter(Metric.UDP_DATAGRAMS, "dns", "in").value()).isEqualTo(100);
        assertThat(metrics.counter(Metric.UDP_DATAGRAMS, "dns", "out").value()).isEqualTo(100);
        assertThat(only().bytes().in().value()).isEqualTo(90_070);
    }

    @Test
    void anEndpointsTrainsArriveWhole() throws Exception {
        var endpoint = new TrainClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9));
        toClose.add(endpoint);
        start(endpoint(endpoint.address()));
        try (Client client = client()) {
            client.send("q".getBytes(US_ASCII));
            endpoint.turnToSender();
            for (int round = 0; round < 20; round++) {
                endpoint.send(10, 1000, 7);
                for (int i = 0; i < 10; i++) {
                    assertThat(client.receive()).hasSize(i < 9 ? 1000 : 7);
                }
            }
        }
        assertThat(metrics.counter(Metric.UDP_DATAGRAMS, "dns", "out").value()).isEqualTo(200);
    }

    @Test
    void servesWithoutEpoll() throws Exception {
        loops.close();
        loops = new Loops(2, Transport.NIO);
        balancer = new BalancerSpec(BalancerSpec.Algorithm.FIRST, null, 0);
        start(endpoint(dead()), endpoint(peer(UdpPeer.named("alive"))));
        try (Client client = client()) {
            client.send("lost".getBytes(US_ASCII));
            untilEnded("unreachable", 1);
            for (int i = 0; i < 10; i++) {
                assertThat(client.ask("q")).isEqualTo("alive");
            }
        }
        plane.cut(endpoints().getLast());
        untilEnded("drained", 1);
    }

    /// The JDK sends such a datagram only from a socket that is not connected.
    @Test
    void relaysDatagramsWithoutContent() throws Exception {
        UdpPeer echo = peer(UdpPeer.echo());
        start(endpoint(echo));
        try (DatagramSocket client = new DatagramSocket(new InetSocketAddress(address, 0))) {
            client.setSoTimeout(20_000);
            for (int i = 0; i < 3; i++) {
                client.send(new DatagramPacket(new byte[0], 0, plane.boundAddress()));
                DatagramPacket answer = new DatagramPacket(new byte[10], 10);
                client.receive(answer);
                assertThat(answer.getLength()).isZero();
            }
        }
        assertThat(echo.received()).isEqualTo(3);
        assertThat(metrics.counter(Metric.UDP_DATAGRAMS, "dns", "out").value()).isEqualTo(3);
    }

    @Test
    void servesThousandsOfClientsAtOnce() throws Exception {
        maxFlows = 5000;
        UdpPeer echo = peer(UdpPeer.echo());
        start(endpoint(echo));
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 3000; i++) {
                Client client = client();
                clients.add(client);
                client.send(("client " + i).getBytes(US_ASCII));
                if (i % 50 == 49) {
                    for (int j = i - 49; j <= i; j++) {
                        assertThat(clients.get(j).text()).isEqualTo("client " + j);
                    }
                }
            }
            // Once more, each through the association that it has.
            for (int i = 0; i < 3000; i++) {
                assertThat(clients.get(i).ask("again " + i)).isEqualTo("again " + i);
            }
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
        assertThat(echo.clients()).isEqualTo(3000);
        assertThat(plane.open()).isEqualTo(3000);
    }

    /// A burst, so that batches are read and written.
    @Test
    void keepsTheOrderOfABurst() throws Exception {
        start(endpoint(peer(UdpPeer.echo())));
        try (Client client = client()) {
            for (int round = 0; round < 20; round++) {
                for (int i = 0; i < 100; i++) {
                    client.send((round + "/" + i).getBytes(US_ASCII));
                }
                for (int i = 0; i < 100; i++) {
                    assertThat(client.text()).isEqualTo(round + "/" + i);
                }
            }
        }
    }

    @Test
    void readsManyAnswersInBatches() throws Exception {
        start(endpoint(peer(new UdpPeer((content, answers) -> {
            for (int i = 0; i < 200; i++) {
                answers.send((new String(content, US_ASCII) + i).getBytes(US_ASCII));
            }
        }))));
        try (Client client = client()) {
            for (int round = 0; round < 5; round++) {
                client.send("answer ".getBytes(US_ASCII));
                for (int i = 0; i < 200; i++) {
                    assertThat(client.text()).isEqualTo("answer " + i);
                }
            }
        }
    }

    /// They have one batch for what goes out.
    @Test
    void listenersOfOneLoopDoNotMixTheirAnswers() throws Exception {
        loops.close();
        loops = new Loops(1);
        start(endpoint(peer(UdpPeer.echo())));
        UdpPlane second = new UdpPlane(spec(), loops, upstreams, metrics, log);
        second.start();
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Client client = new Client((i % 2 == 0 ? plane : second).boundAddress());
            toClose.add(client);
            clients.add(client);
        }
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 20; i++) {
                for (int j = 0; j < 10; j++) {
                    clients.get(i).send((i + "/" + j).getBytes(US_ASCII));
                }
            }
            for (int i = 0; i < 20; i++) {
                for (int j = 0; j < 10; j++) {
                    assertThat(clients.get(i).text()).isEqualTo(i + "/" + j);
                }
            }
        }
        // What is open of it would be waited for until it is idle.
        second.close();
    }

    @Test
    void aClientStaysWithItsEndpoint() throws Exception {
        start(endpoint(peer(UdpPeer.named("one"))), endpoint(peer(UdpPeer.named("two"))));
        try (Client first = client();
                Client second = client()) {
            String one = first.ask("?");
            String two = second.ask("?");

            assertThat(one).isNotEqualTo(two);
            for (int i = 0; i < 20; i++) {
                assertThat(first.ask("?")).isEqualTo(one);
                assertThat(second.ask("?")).isEqualTo(two);
            }
        }
    }

    @Test
    void aFlowWithItsAnswerIsOver() throws Exception {
        responses = 1;
        UdpPeer echo = peer(UdpPeer.echo());
        start(endpoint(echo));
        try (Client client = client()) {
            for (int i = 1; i <= 20; i++) {
                assertThat(client.ask("q")).isEqualTo("q");
                untilEnded("answered", i);
            }
        }
        until(() -> plane.open() == 0);
        // A port may come twice.
        assertThat(echo.clients()).isBetween(18, 20);
        assertThat(only().latency().count()).isEqualTo(20);
    }

    /// Two questions are open, so two answers are waited for.
    @Test
    void waitsForAnAnswerToEachQuestion() throws Exception {
        responses = 2;
        start(endpoint(peer(new UdpPeer((content, answers) -> {
            answers.send(content);
            answers.send(content);
        }))));
        try (Client client = client()) {
            client.send("a".getBytes(US_ASCII));
            client.send("b".getBytes(US_ASCII));
            assertThat(List.of(client.text(), client.text(), client.text(), client.text()))
                    .containsExactlyInAnyOrder("a", "a", "b", "b");
            until(() -> plane.open() == 0);
        }
    }

    @Test
    void anAnswerThatDoesNotComeIsAFaultOfTheEndpoint() throws Exception {
        responses = 1;
        responseTimeout = Duration.ofMillis(100);
        start(endpoint(peer(UdpPeer.silent())));
        try (Client client = client()) {
            client.send("q".getBytes(US_ASCII));
            untilEnded("unanswered", 1);
        }
        until(() -> plane.open() == 0);
    }

    @Test
    void eachRequestMayGoElsewhere() throws Exception {
        requests = 1;
        responses = 1;
        start(endpoint(peer(UdpPeer.named("one"))), endpoint(peer(UdpPeer.named("two"))));
        try (Client client = client()) {
            List<String> heard = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                client.send("q".getBytes(US_ASCII));
            }
            for (int i = 0; i < 10; i++) {
                heard.add(client.text());
            }
            assertThat(heard).filteredOn("one"::equals).hasSize(5);
            assertThat(heard).filteredOn("two"::equals).hasSize(5);
        }
        untilEnded("answered", 10);
    }

    @Test
    void endsAFlowThatIsIdle() throws Exception {
        idle = Duration.ofSeconds(1);
        start(endpoint(peer(UdpPeer.echo())));
        try (Client client = client()) {
            assertThat(client.ask("q")).isEqualTo("q");
            untilEnded("idle", 1);
            until(() -> plane.open() == 0);
            assertThat(client.ask("again")).isEqualTo("again");
        }
    }

    @Test
    void anEndpointThatTakesNothingFailsAndTheNextDatagramGoesElsewhere() throws Exception {
        balancer = new BalancerSpec(BalancerSpec.Algorithm.FIRST, null, 0);
        Address dead = dead();
        start(endpoint(dead), endpoint(peer(UdpPeer.named("alive"))));
        try (Client client = client()) {
            client.send("lost".getBytes(US_ASCII));
            untilEnded("unreachable", 1);
            assertThat(client.ask("q")).isEqualTo("alive");
        }
        assertThat(endpoints().getFirst().connectFailures()).isEqualTo(1);
    }

    @Test
    void comesBackToTheOnlyEndpointThatThereIs() throws Exception {
        Address place = free().first();
        UdpPeer first = new UdpPeer(place.socketAddress(), (_, answers) -> answers.send("first".getBytes(US_ASCII)));
        start(endpoint(place));
        try (Client client = client()) {
            assertThat(client.ask("q")).isEqualTo("first");
            first.close();
            // The first few may still find the socket there: its thread is only just leaving it.
            until(() -> {
                client.send("lost".getBytes(US_ASCII));
                return metrics.counter(Metric.FLOWS, "dns", "unreachable").value() > 0;
            });
            peer(new UdpPeer(place.socketAddress(), (_, answers) -> answers.send("second".getBytes(US_ASCII))));
            assertThat(client.ask("q")).isEqualTo("second");
        }
    }

    @Test
    void leavesAnEndpointThatIsDownButNotOneThatDrains() throws Exception {
        start(endpoint(peer(UdpPeer.named("one"))), endpoint(peer(UdpPeer.named("two"))));
        try (Client client = client()) {
            String first = client.ask("?");
            Endpoint its = endpoints().get(first.equals("one") ? 0 : 1);
            upstream().manual(its, Manual.DRAIN);
            assertThat(client.ask("?")).isEqualTo(first);
            upstream().manual(its, Manual.AUTO);
            upstream().health(its, Health.DOWN);
            assertThat(client.ask("?")).isNotEqualTo(first);
            untilEnded("down", 1);
        }
    }

    @Test
    void staysWhereItIsWhenAllAreDown() throws Exception {
        start(endpoint(peer(UdpPeer.named("one"))), endpoint(peer(UdpPeer.named("two"))));
        try (Client client = client()) {
            String first = client.ask("?");
            endpoints().forEach(each -> upstream().health(each, Health.DOWN));
            for (int i = 0; i < 10; i++) {
                assertThat(client.ask("?")).isEqualTo(first);
            }
        }
    }

    @Test
    void theOldestGivesItsPlaceOnceItHasBeenSilentForASecond() throws Exception {
        // One loop: which of two has the oldest is not for a test to know.
        loops.close();
        loops = new Loops(1);
        maxFlows = 2;
        start(endpoint(peer(UdpPeer.echo())));
        try (Client first = client();
                Client second = client();
                Client third = client()) {
            first.ask("1");
            second.ask("2");
            third.send("too early".getBytes(US_ASCII));
            untilDropped("max-flows", 1);
            assertThat(plane.open()).isEqualTo(2);

            until(() -> {
                second.ask("I am here");
                third.send("3".getBytes(US_ASCII));
                return third.hasHeard();
            });
            assertThat(metrics.counter(Metric.UDP_FLOWS_EVICTED, "dns").value()).isEqualTo(1);
            assertThat(metrics.counter(Metric.FLOWS, "dns", "evicted").value()).isEqualTo(1);
            assertThat(plane.open()).isEqualTo(2);
        }
    }

    @Test
    void oneClientCannotHaveAllFlows() throws Exception {
        perClient = 3;
        start(endpoint(peer(UdpPeer.echo())));
        for (int i = 0; i < 3; i++) {
            client().ask("q");
        }
        client().send("one too many".getBytes(US_ASCII));
        untilDropped("max-flows-per-client", 1);
        assertThat(plane.open()).isEqualTo(3);
    }

    @Test
    void listsDecideWhoBeginsAFlowAndAFlowThatIsThereGoesOn() throws Exception {
        start(endpoint(peer(UdpPeer.echo())));
        Client before = client();
        before.ask("q");
        clients = new UdpClientsSpec(List.of(cidr("127.0.0.0", 8)), List.of(cidr("127.0.0.1", 32)));
        plane.update(spec());
        client().send("denied".getBytes(US_ASCII));
        untilDropped("denied", 1);
        assertThat(before.ask("still here")).isEqualTo("still here");
        clients = new UdpClientsSpec(List.of(cidr("10.0.0.0", 8)), List.of());
        plane.update(spec());
        client().send("not allowed".getBytes(US_ASCII));
        untilDropped("denied", 2);
        clients = new UdpClientsSpec(List.of(cidr("127.0.0.1", 32)), List.of());
        plane.update(spec());
        assertThat(client().ask("allowed")).isEqualTo("allowed");
    }

    @Test
    void showsTheGreatestFlows() throws Exception {
        start(endpoint(peer(UdpPeer.echo())));
        Client great = client();
        for (int i = 0; i < 5; i++) {
            client().ask("little");
        }
        great.ask("a datagram of more bytes than all of the others");

        assertThat(plane.flows(new FlowQuestion(FlowOrder.BYTES, 3, null)).get())
                .hasSize(3);
        assertThat(plane.flows(new FlowQuestion(FlowOrder.BYTES, 1, null)).get())
                .singleElement()
                .satisfies(flow -> {
                    assertThat(flow.listener()).isEqualTo("dns");
                    assertThat(flow.client()).isEqualTo(great.address());
                    assertThat(flow.upstream()).isEqualTo("servers");
                    assertThat(flow.endpoint()).isEqualTo(only().name());
                    assertThat(flow.bytesIn()).isEqualTo(47);
                    assertThat(flow.bytesOut()).isEqualTo(47);
                });
    }

    /// Though others are greater: they are let go before they are counted.
    @Test
    void showsTheFlowsOfOneClient() throws Exception {
        start(endpoint(peer(UdpPeer.echo())));
        Client little = client();
        little.ask("little");
        client().ask("a datagram of more bytes");
        Address itself = Objects.requireNonNull(Address.ofClient(little.address()));

        assertThat(plane.flows(new FlowQuestion(FlowOrder.BYTES, 1, itself)).get())
                .singleElement()
                .satisfies(flow -> assertThat(flow.client()).isEqualTo(little.address()));
        assertThat(plane.flows(new FlowQuestion(FlowOrder.BYTES, 1, new Address(itself.ip(), 0)))
                        .get())
                .hasSize(1);
        assertThat(plane.flows(new FlowQuestion(FlowOrder.BYTES, 3, new Address(itself.ip(), 0)))
                        .get())
                .hasSize(2);
    }

    @Test
    void dropsWhatIsTooFast() throws Exception {
        maxRate = 5;
        start(endpoint(peer(UdpPeer.echo())));
        try (Client client = client()) {
            for (int i = 0; i < 30; i++) {
                client.send("q".getBytes(US_ASCII));
            }
            until(() -> dropped("max-rate") > 0
                    && dropped("max-rate")
                                    + metrics.counter(Metric.UDP_DATAGRAMS, "dns", "in")
                                            .value()
                            == 30);
            assertThat(metrics.counter(Metric.UDP_DATAGRAMS, "dns", "in").value())
                    .isBetween(5L, 15L);
        }
    }

    @Test
    void doesNotGoBeyondWhatAnEndpointMayHave() throws Exception {
        start(new EndpointSpec(peer(UdpPeer.echo()).address(), 1, 0, 1, 0, null));
        client().ask("q");
        client().send("no room".getBytes(US_ASCII));
        untilDropped("full", 1);
    }

    @Test
    void withoutEpollCountsADatagramWithoutContent() throws Exception {
        loops.close();
        loops = new Loops(2, Transport.NIO);
        start(endpoint(peer(UdpPeer.echo())));
        try (Client client = client()) {
            try (DatagramSocket other = new DatagramSocket()) {
                other.send(new DatagramPacket(new byte[0], 0, plane.boundAddress()));
            }
            untilDropped("empty", 1);
            assertThat(client.ask("q")).isEqualTo("q");
        }
    }

    @Test
    void drainsByLettingFlowsGoOnUntilTheyAreSilent() throws Exception {
        start(endpoint(peer(UdpPeer.echo())));
        try (Client old = client();
                Client late = client()) {
            old.ask("q");
            plane.drain();
            late.send("too late".getBytes(US_ASCII));
            untilDropped("draining", 1);
            assertThat(old.ask("still here")).isEqualTo("still here");
            until(() -> plane.open() == 0);
            assertThat(metrics.counter(Metric.FLOWS, "dns", "drained").value()).isEqualTo(1);
        }
    }

    @Test
    void aDrainOfAnEndpointThatHasLastedItsTimeCutsItsFlowsAlone() throws Exception {
        start(endpoint(peer(UdpPeer.named("one"))), endpoint(peer(UdpPeer.named("two"))));
        try (Client first = client();
                Client second = client()) {
            String one = first.ask("?");
            String two = second.ask("?");
            Endpoint its = endpoints().get(one.equals("one") ? 0 : 1);
            upstream().manual(its, Manual.DRAIN);
            plane.cut(its);
            untilEnded("drained", 1);
            until(() -> plane.open() == 1);
            assertThat(first.ask("?")).isEqualTo(two);
            assertThat(second.ask("?")).isEqualTo(two);
        }
    }

    @Test
    void closingCutsWhatIsThere() throws Exception {
        start(endpoint(peer(UdpPeer.echo())));
        client().ask("q");
        client().ask("q");

        assertThat(plane.close()).isEqualTo(2);
        until(() -> plane.open() == 0);
    }

    @Test
    void aReloadDropsNothing() throws Exception {
        UdpPeer echo = peer(UdpPeer.echo());
        start(endpoint(echo));
        try (Client client = client()) {
            client.ask("q");
            maxFlows = 1;
            plane.update(spec());
            assertThat(client.ask("q")).isEqualTo("q");
            assertThat(echo.clients()).isEqualTo(1);
            client().send("one too many".getBytes(US_ASCII));
            untilDropped("max-flows", 1);

            idle = Duration.ofMillis(200);
            plane.update(spec());
            untilEnded("idle", 1);
        }
    }

    @Test
    void speaksFromItsSources() throws Exception {
        source = List.of("127.0.0.5", "127.0.0.6", "::1");
        UdpPeer peer = UdpPeer.echo();
        start(endpoint(peer(peer)));
        for (int i = 0; i < 40; i++) {
            // It stays open: nobody else gets its port while its flow lives.
            Client client = client();
            assertThat(client.ask("line " + i)).isEqualTo("line " + i);
            assertThat(client.ask("more")).isEqualTo("more");
        }

        assertThat(peer.clientAddresses()).containsExactly("127.0.0.5", "127.0.0.6");
        assertThat(peer.clients()).as("a flow keeps its own").isEqualTo(40);
        assertThat(metrics.counter(Metric.FLOW_SOURCE_FAILURES, "dns").value()).isZero();
    }

    @Test
    void passesOverASourceThatCannotBeUsed() throws Exception {
        // 192.0.2.0/24 is no address of any machine (RFC 5737).
        source = List.of("192.0.2.1", "127.0.0.6");
        UdpPeer peer = UdpPeer.echo();
        start(endpoint(peer(peer)));
        for (int i = 0; i < 20; i++) {
            try (Client client = client()) {
                assertThat(client.ask("line " + i)).isEqualTo("line " + i);
            }
        }

        assertThat(peer.clientAddresses()).containsExactly("127.0.0.6");
        assertThat(metrics.counter(Metric.FLOW_SOURCE_FAILURES, "dns").value()).isPositive();
        assertThat(dropped("no-socket")).isZero();
    }

    @Test
    void doesSoWithoutEpollToo() throws Exception {
        loops.close();
        loops = new Loops(2, Transport.NIO);
        passesOverASourceThatCannotBeUsed();
    }

    @Test
    void withoutASourceThatCanBeUsedNothingIsSentAndTheEndpointIsNotBlamed() throws Exception {
        // Neither is 203.0.113.0/24.
        source = List.of("192.0.2.1", "203.0.113.1");
        UdpPeer peer = UdpPeer.echo();
        start(endpoint(peer(peer)));
        try (Client client = client()) {
            client.send("lost".getBytes(US_ASCII));
            untilDropped("no-socket", 1);
        }

        assertThat(metrics.counter(Metric.FLOW_SOURCE_FAILURES, "dns").value()).isEqualTo(2);
        assertThat(only().connectFailures()).isZero();
        assertThat(peer.received()).isZero();
    }

    @Test
    void speaksIpv6() throws Exception {
        address = InetAddress.ofLiteral("::1");
        start(endpoint(
                peer(new UdpPeer(new InetSocketAddress(address, 0), (content, answers) -> answers.send(content)))));
        try (Client client = client()) {
            assertThat(client.ask("six")).isEqualTo("six");
        }
    }

    @Test
    void writesOneLineAboutAFlow() throws Exception {
        responses = 1;
        UdpPeer echo = peer(UdpPeer.echo());
        start(endpoint(echo));
        client().ask("q");
        untilEnded("answered", 1);
        log.close();
        assertThat(Files.readAllLines(logFile))
                .singleElement()
                .asString()
                .startsWith("{\"time\":\"20")
                .contains("\"listener\":\"dns\",\"client\":\"127.0.0.1:")
                .contains("\"upstream\":\"servers\",\"endpoint\":\"" + echo.address() + "\",\"durationMillis\":")
                .endsWith(
                        "\"datagramsIn\":1,\"datagramsOut\":1,\"bytesIn\":1,\"bytesOut\":1,\"outcome\":\"answered\"}");
    }

    @Test
    void doesNotShareItsPort() throws Exception {
        try (DatagramSocket other = new DatagramSocket(new InetSocketAddress(address, 0))) {
            upstreams.put(upstream(endpoint(dead())));
            UdpPlane second = new UdpPlane(spec(other.getLocalPort()), loops, upstreams, metrics, log);
            org.assertj.core.api.Assertions.assertThatThrownBy(second::start).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aServerIdInTheConnectionIdTellsTheEndpoint() throws Exception {
        quic = new QuicSpec(4, 2, 0, 8, null);
        balancer = BY_CLIENT;
        List<EndpointSpec> endpoints = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            endpoints.add(endpoint(peer(UdpPeer.named("server " + i)).address(), "0000000" + i));
        }
        start(endpoints.toArray(EndpointSpec[]::new));
        for (int i = 0; i < 8; i++) {
            byte[] id = QuicPackets.hex("4b" + "0000000" + i + "deadbeefcafe");
            for (int j = 0; j < 5; j++) {
                assertThat(client().ask(QuicPackets.shortHeader(id))).isEqualTo("server " + i);
            }
            assertThat(client().ask(QuicPackets.longHeader(QuicPackets.HANDSHAKE, id, new byte[4])))
                    .isEqualTo("server " + i);
        }
        assertThat(metrics.counter(Metric.QUIC_ROUTED, "dns", "server-id").value())
                .isEqualTo(48);
    }

    /// The first example of encrypted ids in appendix B of draft-ietf-quic-load-balancers.
    @Test
    void aServerIdThatIsEncryptedTellsTheEndpoint() throws Exception {
        Path key = Files.writeString(folder.resolve("quic.key"), "8f95f09245765f80256934e50c66207f\n");
        quic = new QuicSpec(3, 0, 0, 4, key.toString());
        balancer = BY_CLIENT;
        start(
                endpoint(peer(UdpPeer.named("another")).address(), "ed793b"),
                endpoint(peer(UdpPeer.named("it")).address(), "ed793a"),
                endpoint(peer(UdpPeer.named("a third")).address(), "20b1d0"));
        for (int i = 0; i < 5; i++) {
            assertThat(client().ask(QuicPackets.shortHeader(QuicPackets.hex("0720b1d07b359d3c"))))
                    .isEqualTo("it");
        }
        assertThat(metrics.counter(Metric.QUIC_ROUTED, "dns", "server-id").value())
                .isEqualTo(5);
    }

    @Test
    void anIdOfAnotherRotationOrOfTheClientIsNotRead() throws Exception {
        quic = new QuicSpec(4, 2, 0, 8, null);
        balancer = BY_CLIENT;
        start(endpoint(peer(UdpPeer.named("a")).address(), "00000001"));
        client().ask(QuicPackets.shortHeader(QuicPackets.hex("2b00000001deadbeef")));
        client().ask(QuicPackets.longHeader(QuicPackets.INITIAL, QuicPackets.hex("4b00000001deadbeef"), new byte[4]));
        client().ask(QuicPackets.shortHeader(QuicPackets.hex("4b00000009deadbeef")));
        client().ask(new byte[] {1});

        assertThat(metrics.counter(Metric.QUIC_ROUTED, "dns", "server-id").value())
                .isZero();
    }

    @Test
    void aClientWhoseAddressChangesKeepsItsServerByAnIdThatWasLearned() throws Exception {
        quic = new QuicSpec(0, 0, 100, 8, null);
        List<UdpPeer> peers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            byte[] own = QuicPackets.hex("a0a1a2a3a4a5a60" + i);
            byte[] name = ("server " + i).getBytes(US_ASCII);
            peers.add(peer(new UdpPeer((content, answers) -> answers.send(
                    content[0] < 0 ? QuicPackets.longHeader(QuicPackets.INITIAL, new byte[0], own) : name))));
        }
        start(peers.stream().map(UdpPlaneTest::endpoint).toArray(EndpointSpec[]::new));
        for (int i = 0; i < 8; i++) {
            // It stays open: nobody else gets its port while its flow lives.
            Client client = client();
            client.send(QuicPackets.longHeader(QuicPackets.INITIAL, new byte[8], new byte[8]));
            byte[] id = Arrays.copyOfRange(client.receive(), 7, 15);
            for (int j = 0; j < 4; j++) {
                assertThat(client().ask(QuicPackets.shortHeader(id))).isEqualTo("server " + id[7]);
            }
        }
        assertThat(metrics.counter(Metric.QUIC_ROUTED, "dns", "learned").value())
                .isEqualTo(32);
    }

    @Test
    void learnsNoMoreThanItMayAndForgetsWithTheFlow() throws Exception {
        quic = new QuicSpec(0, 0, 2, 8, null);
        idle = Duration.ofSeconds(2);
        Random random = new Random(1);
        start(endpoint(peer(new UdpPeer((_, answers) -> {
            byte[] own = new byte[8];
            random.nextBytes(own);
            answers.send(QuicPackets.longHeader(QuicPackets.INITIAL, new byte[0], own));
        }))));
        for (int i = 0; i < 5; i++) {
            Client client = client();
            client.send(QuicPackets.longHeader(QuicPackets.INITIAL, new byte[8], new byte[8]));
            client.receive();
        }
        assertThat(plane.learned()).isEqualTo(2);
        untilEnded("idle", 5);
        assertThat(plane.learned()).isZero();
    }

    private UdpListenerSpec at(AddressRange... addresses) {
        return new UdpListenerSpec(
                "dns",
                List.of(addresses),
                "servers",
                maxFlows,
                perClient,
                idle,
                requests,
                responses,
                responseTimeout,
                maxRate,
                quic,
                Carrier.SOCKET,
                clients,
                source);
    }

    /// Below those that Linux gives to whoever asks for any.
    private AddressRange free() throws IOException {
        while (true) {
            int port = NEXT.getAndIncrement();
            try (DatagramSocket _ = new DatagramSocket(new InetSocketAddress(address, port))) {
                return new AddressRange(address, port, port);
            } catch (BindException taken) {
                // By another program: the next one.
            }
        }
    }

    private static String ask(DatagramSocket client, AddressRange to, String question) throws IOException {
        client.send(new DatagramPacket(
                question.getBytes(), question.length(), to.first().socketAddress()));
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        client.receive(answer);
        assertThat(answer.getSocketAddress()).isEqualTo(to.first().socketAddress());
        return new String(answer.getData(), 0, answer.getLength());
    }

    @Test
    void answersFromTheAddressThatWasAskedWhenOneClientAsksSeveral() throws Exception {
        AddressRange first = free();
        AddressRange second = free();
        upstreams.put(upstream(endpoint(peer(UdpPeer.echo()))));
        plane = new UdpPlane(at(first), loops, upstreams, metrics, log);
        plane.start();
        try (DatagramSocket client = new DatagramSocket(new InetSocketAddress(first.ip(), 0))) {
            client.setSoTimeout(10_000);
            assertThat(ask(client, first, "one")).isEqualTo("one");
            plane.widen(at(first, second));
            plane.update(at(first, second));
            assertThat(ask(client, second, "two")).isEqualTo("two");
            assertThat(ask(client, first, "three")).isEqualTo("three");
            assertThat(plane.open()).isEqualTo(2);

            plane.update(at(second));
            untilEnded("drained", 1);
            assertThat(ask(client, second, "four")).isEqualTo("four");
            until(() -> plane.open() == 1);
        }
    }

    private void start(EndpointSpec... endpoints) throws IOException {
        upstreams.put(upstream(endpoints));
        plane = new UdpPlane(spec(), loops, upstreams, metrics, log);
        plane.start();
    }

    private UdpListenerSpec spec() {
        return spec(0);
    }

    private UdpListenerSpec spec(int port) {
        return at(new AddressRange(address, port, port));
    }

    private UpstreamSpec upstream(EndpointSpec... endpoints) {
        return new UpstreamSpec(
                "servers",
                List.of(endpoints),
                balancer,
                null,
                new UpstreamTimeouts(Duration.ofMillis(300), Duration.ofSeconds(10), Duration.ofSeconds(10)),
                new PoolSpec(0, Duration.ofSeconds(1)),
                3);
    }

    private Upstream upstream() {
        return upstreams.get("servers");
    }

    private List<Endpoint> endpoints() {
        return upstream().endpoints();
    }

    private Endpoint only() {
        return endpoints().getFirst();
    }

    private static EndpointSpec endpoint(UdpPeer peer) {
        return endpoint(peer.address());
    }

    private static EndpointSpec endpoint(Address address) {
        return new EndpointSpec(address, 1, 0);
    }

    private static EndpointSpec endpoint(EndpointAddress address, String serverId) {
        return new EndpointSpec(address, 1, 0, 0, 0, null, false, Map.of(), serverId);
    }

    private static Cidr cidr(String network, int length) {
        return new Cidr(InetAddress.ofLiteral(network), length);
    }

    private UdpPeer peer(UdpPeer peer) {
        toClose.add(peer);
        return peer;
    }

    /// An address at which nobody receives, and nobody will: a socket has it that listens to another place alone.
    private Address dead() throws IOException {
        DatagramSocket held = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        toClose.add(held);
        held.connect(InetAddress.getLoopbackAddress(), DISCARD);
        return new Address(InetAddress.getLoopbackAddress(), held.getLocalPort());
    }

    private Client client() throws IOException {
        Client client = new Client(plane.boundAddress());
        toClose.add(client);
        return client;
    }

    private long dropped(String reason) {
        return metrics.counter(Metric.UDP_DROPPED, "dns", reason).value();
    }

    private void untilDropped(String reason, long count) {
        until(() -> dropped(reason) >= count);
    }

    private void untilEnded(String outcome, long count) {
        until(() -> metrics.counter(Metric.FLOWS, "dns", outcome).value() >= count);
    }

    /// The class's time-out ends it.
    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(1_000_000);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    /// A client with a socket of its own.
    private static final class Client implements AutoCloseable {
        private final DatagramSocket socket;

        Client(InetSocketAddress to) throws IOException {
            this(to.getAddress(), to);
        }

        Client(InetAddress from, InetSocketAddress to) throws IOException {
            socket = new DatagramSocket(null);
            socket.bind(new InetSocketAddress(from, 0));
            socket.connect(to);
            socket.setSoTimeout(20_000);
        }

        void send(byte[] content) {
            try {
                socket.send(new DatagramPacket(content, content.length));
            } catch (IOException failed) {
                throw new java.io.UncheckedIOException(failed);
            }
        }

        byte[] receive() {
            byte[] space = new byte[65_536];
            DatagramPacket packet = new DatagramPacket(space, space.length);
            try {
                socket.receive(packet);
            } catch (IOException failed) {
                throw new java.io.UncheckedIOException(failed);
            }
            return Arrays.copyOf(space, packet.getLength());
        }

        boolean hasHeard() {
            try {
                socket.setSoTimeout(20);
                socket.receive(new DatagramPacket(new byte[100], 100));
                return true;
            } catch (SocketTimeoutException notYet) {
                return false;
            } catch (IOException failed) {
                throw new java.io.UncheckedIOException(failed);
            }
        }

        String address() {
            return new Address(socket.getLocalAddress(), socket.getLocalPort()).toString();
        }

        String text() {
            return new String(receive(), US_ASCII);
        }

        String ask(String question) {
            return ask(question.getBytes(US_ASCII));
        }

        String ask(byte[] question) {
            send(question);
            return text();
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
