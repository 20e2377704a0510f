package dev.fairlead.l4;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.AccessLogSpec;
import dev.fairlead.config.Address;
import dev.fairlead.config.AddressRange;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.Carrier;
import dev.fairlead.config.ClientHelloSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.FlowSpec;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.TcpListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.AddressTaken;
import dev.fairlead.net.Loops;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
@Timeout(60)
final class TcpPlaneTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path folder;

    private final Metrics metrics = new Metrics();
    private final Upstreams upstreams = new Upstreams(metrics);
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private Loops loops;
    private AccessLog log;
    private Path logFile;
    private TcpPlane plane;
    private Duration idle = Duration.ofMinutes(1);
    private int maxConnections = 1000;
    private FlowSpec flows = FlowSpec.DEFAULT;

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

    /// The client says nothing until it has been greeted, and the handshake with the server waits for no byte of it.
    @Test
    void letsTheServerSpeakFirst() throws Exception {
        Peer server = new Peer(socket -> {
            socket.getOutputStream().write("220 ready".getBytes(US_ASCII));
            socket.getInputStream().transferTo(socket.getOutputStream());
        });
        toClose.add(server);
        start(endpoint(server));
        for (int i = 0; i < 20; i++) {
            try (Socket client = connect()) {
                assertThat(client.getInputStream().readNBytes(9))
                        .asString(US_ASCII)
                        .isEqualTo("220 ready");
                client.getOutputStream().write("EHLO".getBytes(US_ASCII));
                assertThat(client.getInputStream().readNBytes(4))
                        .asString(US_ASCII)
                        .isEqualTo("EHLO");
            }
        }
        untilEnded("client-fin", 20);
    }

    /// Nobody has to close a half by itself: who closes with the last of the answer is not told of the server's end
    /// by a reset, and neither is the server.
    @Test
    void endsWithoutAResetWhenBothClose() throws Exception {
        Peer server = new Peer(socket -> {
            socket.getInputStream().readNBytes(4);
            socket.getOutputStream().write("all!".getBytes(US_ASCII));
        });
        toClose.add(server);
        start(endpoint(server));
        for (int i = 0; i < 50; i++) {
            try (Socket client = connect()) {
                client.getOutputStream().write("give".getBytes(US_ASCII));
                assertThat(client.getInputStream().readNBytes(4))
                        .asString(US_ASCII)
                        .isEqualTo("all!");
            }
        }
        until(() -> plane.open() == 0);
        assertThat(metrics.counter(Metric.FLOWS, "db", "client-reset").value()).isZero();
        assertThat(metrics.counter(Metric.FLOWS, "db", "server-reset").value()).isZero();
    }

    @Test
    void relaysBothWays() throws Exception {
        start(endpoint(echo()));
        try (Socket client = connect()) {
            for (int i = 0; i < 100; i++) {
                byte[] line = ("line " + i).getBytes(US_ASCII);
                client.getOutputStream().write(line);
                assertThat(client.getInputStream().readNBytes(line.length)).isEqualTo(line);
            }
        }
        untilEnded("client-fin", 1);
        assertThat(metrics.counter(Metric.FLOW_BYTES, "db", "in").value()).isEqualTo(690);
        assertThat(metrics.counter(Metric.FLOW_BYTES, "db", "out").value()).isEqualTo(690);
        assertThat(metrics.histogram(Metric.FLOW_CONNECT_SECONDS, "db").count()).isEqualTo(1);
        Endpoint endpoint = upstreams.get("databases").endpoints().getFirst();
        assertThat(endpoint.bytes().in().value()).isEqualTo(690);
        assertThat(endpoint.bytes().out().value()).isEqualTo(690);
    }

    @Test
    void carriesTheClientsHalfCloseThrough() throws Exception {
        byte[] sent = bytes(3 * MIB);
        start(endpoint(peer(socket -> {
            byte[] all = socket.getInputStream().readAllBytes();
            socket.getOutputStream().write(all);
        })));
        try (Socket client = connect()) {
            client.getOutputStream().write(sent);
            client.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(sent);
        }
        untilEnded("client-fin", 1);
    }

    @Test
    void carriesTheEndpointsHalfCloseThrough() throws Exception {
        byte[] sent = bytes(3 * MIB);
        var got = new CompletableFuture<byte[]>();
        start(endpoint(peer(socket -> {
            socket.getOutputStream().write(sent);
            socket.shutdownOutput();
            got.complete(socket.getInputStream().readAllBytes());
        })));
        try (Socket client = connect()) {
            byte[] received = client.getInputStream().readAllBytes();
            client.getOutputStream().write(received);
            client.shutdownOutput();
            assertThat(got.get(30, TimeUnit.SECONDS)).isEqualTo(sent);
        }
        untilEnded("server-fin", 1);
    }

    @Test
    void splicesBulkAndKeepsEveryByteInOrder() throws Exception {
        byte[] sent = bytes(48 * MIB);
        start(endpoint(echo()));
        try (Socket client = connect()) {
            Thread writer = Thread.ofVirtual().start(() -> write(client, sent));
            assertThat(Arrays.equals(client.getInputStream().readNBytes(sent.length), sent))
                    .isTrue();
            writer.join();
            // Small messages after the bulk, by copy again.
            for (int i = 0; i < 200; i++) {
                assertEchoes(client);
            }
            client.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        untilEnded("client-fin", 1);
        assertThat(metrics.counter(Metric.FLOW_SPLICED_BYTES, "db").value()).isPositive();
        assertThat(metrics.counter(Metric.FLOW_BYTES, "db", "out").value()).isEqualTo(sent.length + 200);
    }

    @Test
    void closesAHalfClosedFlowThatLingers() throws Exception {
        flows = new FlowSpec(Duration.ofMillis(200), null, null, null, List.of());
        start(endpoint(peer(socket -> new CountDownLatch(1).await())));
        try (Socket client = connect()) {
            client.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        untilEnded("fin-timeout", 1);
    }

    @Test
    void endsAFlowThatHasLastedItsLongest() throws Exception {
        flows = new FlowSpec(Duration.ofMinutes(1), Duration.ofSeconds(1), null, null, List.of());
        start(endpoint(echo()));
        try (Socket client = connect()) {
            int read;
            do {
                client.getOutputStream().write(1);
                read = client.getInputStream().read();
            } while (read == 1);
            assertThat(read).isEqualTo(-1);
        } catch (IOException _) {
            // It wrote into the end.
        }
        untilEnded("max-lifetime", 1);
    }

    @Test
    void comesFromItsSources() throws Exception {
        flows = new FlowSpec(Duration.ofMinutes(1), null, null, null, List.of("127.0.0.5", "127.0.0.6"));
        var seen = new ConcurrentSkipListSet<String>();
        start(endpoint(peer(socket -> seen.add(socket.getInetAddress().getHostAddress()))));
        for (int i = 0; i < 40; i++) {
            try (Socket client = connect()) {
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
        }
        assertThat(seen).containsExactly("127.0.0.5", "127.0.0.6");
    }

    @Test
    void passesOverASourceThatCannotBeUsed() throws Exception {
        // 192.0.2.0/24 is no address of any machine (RFC 5737).
        flows = new FlowSpec(Duration.ofMinutes(1), null, null, null, List.of("192.0.2.1", "127.0.0.6"));
        start(endpoint(echo()));
        for (int i = 0; i < 20; i++) {
            assertEchoes();
        }
        assertThat(metrics.counter(Metric.FLOW_SOURCE_FAILURES, "db").value()).isPositive();
        assertThat(upstreams.get("databases").endpoints().getFirst().connectFailures())
                .isZero();
    }

    @Test
    void comesFromTheClientsAddressWhereItMay() throws Exception {
        flows = new FlowSpec(Duration.ofMinutes(1), null, null, null, List.of(FlowSpec.CLIENT));
        var seen = new CompletableFuture<String>();
        EndpointSpec endpoint = endpoint(peer(socket -> {
            seen.complete(socket.getInetAddress().getHostAddress());
            socket.getInputStream().transferTo(socket.getOutputStream());
        }));
        if (!"root".equals(System.getProperty("user.name"))) {
            assertThatThrownBy(() -> start(endpoint)).hasMessageContaining("CAP_NET_ADMIN");
            return;
        }
        start(endpoint);
        try (Socket client = new Socket()) {
            client.bind(new InetSocketAddress("127.0.0.77", 0));
            client.connect(plane.boundAddress());
            assertEchoes(client);
        }
        assertThat(seen.get(20, TimeUnit.SECONDS)).isEqualTo("127.0.0.77");
    }

    @Test
    void passesAClientsResetOn() throws Exception {
        var ended = new CompletableFuture<String>();
        start(endpoint(peer(socket -> {
            socket.getOutputStream().write(1);
            try {
                ended.complete("read " + socket.getInputStream().read());
            } catch (IOException reset) {
                ended.complete("reset");
            }
        })));
        Socket client = connect();
        assertThat(client.getInputStream().read()).isEqualTo(1);
        client.setSoLinger(true, 0);
        client.close();
        assertThat(ended.get(20, TimeUnit.SECONDS)).isEqualTo("reset");
        untilEnded("client-reset", 1);
    }

    @Test
    void takesAClientThatHasClosedItsHalfBeforeAnEndpointWasConnected() throws Exception {
        start(endpoint(echo()));
        byte[] sent = bytes(20_000);
        for (int i = 0; i < 200; i++) {
            try (Socket client = connect()) {
                client.getOutputStream().write(sent);
                client.shutdownOutput();
                assertThat(client.getInputStream().readAllBytes()).isEqualTo(sent);
            }
        }
        untilEnded("client-fin", 200);
    }

    @Test
    void triesTheNextEndpointWhenOneRefuses() throws Exception {
        start(endpoint(Peer.dead()), endpoint(echo()));
        for (int i = 0; i < 10; i++) {
            assertEchoes();
        }
        untilEnded("client-fin", 10);
        assertThat(upstreams.get("databases").endpoints().getFirst().connectFailures())
                .isPositive();
    }

    @Test
    void triesTheNextEndpointWhenOneDoesNotAnswer() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<SocketChannel> inQueue = fill(full);
            start(endpoint(new Address(full.getInetAddress(), full.getLocalPort())), endpoint(echo()));
            assertEchoes();
            assertEchoes();
            assertThat(upstreams.get("databases").endpoints().getFirst().connectFailures())
                    .isEqualTo(1);
            for (SocketChannel one : inQueue) {
                one.close();
            }
        }
    }

    @Test
    void resetsTheClientWhenNoEndpointCanBeConnected() throws Exception {
        start(endpoint(Peer.dead()), endpoint(Peer.dead()));
        try (Socket client = connect()) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        }
        untilEnded("refused", 1);
    }

    @Test
    void asksNoMoreEndpointsThanAttempts() throws Exception {
        start(endpoint(Peer.dead()), endpoint(Peer.dead()), endpoint(Peer.dead()), endpoint(Peer.dead()));
        try (Socket client = connect()) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        }
        long failures = upstreams.get("databases").endpoints().stream()
                .mapToLong(endpoint -> endpoint.connectFailures())
                .sum();
        assertThat(failures).isEqualTo(3);
    }

    @Test
    void closesAnIdleFlow() throws Exception {
        idle = Duration.ofSeconds(1);
        start(endpoint(echo()));
        try (Socket client = connect()) {
            client.getOutputStream().write(1);
            assertThat(client.getInputStream().read()).isEqualTo(1);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        untilEnded("idle", 1);
    }

    @Test
    void letsInNoMoreThanMaxConnections() throws Exception {
        maxConnections = 2;
        Peer echo = echo();
        start(endpoint(echo));
        Socket first = connect();
        Socket second = connect();
        assertEchoes(first);
        assertEchoes(second);
        try (Socket third = connect()) {
            third.getOutputStream().write(7);
            assertEchoes(first);
            assertThat(plane.open()).isEqualTo(2);
            assertThat(echo.accepted()).isEqualTo(2);
            first.close();
            assertThat(third.getInputStream().read()).isEqualTo(7);
        }
        second.close();
    }

    @Test
    void passesOverAnEndpointThatIsFull() throws Exception {
        Peer small = echo();
        Peer large = echo();
        start(new EndpointSpec(small.address(), 1, 1), endpoint(large));
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Socket client = connect();
            assertEchoes(client);
            clients.add(client);
        }
        assertThat(small.accepted()).isEqualTo(1);
        assertThat(large.accepted()).isEqualTo(5);
        for (Socket client : clients) {
            client.close();
        }
    }

    @Test
    void resetsTheClientWhenAllEndpointsAreFull() throws Exception {
        start(new EndpointSpec(echo().address(), 1, 1));
        try (Socket first = connect();
                Socket second = connect()) {
            // On two loops either may come first.
            assertThat(canEcho(first) ^ canEcho(second)).isTrue();
        }
        untilEnded("full", 1);
    }

    @Test
    void stopsAClientWhoseEndpointDoesNotRead() throws Exception {
        var mayRead = new CountDownLatch(1);
        var received = new CompletableFuture<Long>();
        Peer stuck = new Peer(
                socket -> {
                    mayRead.await();
                    received.complete(count(socket.getInputStream()));
                },
                64 << 10);
        toClose.add(stuck);
        start(endpoint(stuck));
        long sent;
        try (SocketChannel client = SocketChannel.open()) {
            client.setOption(StandardSocketOptions.SO_SNDBUF, 64 << 10);
            client.connect(plane.boundAddress());
            client.configureBlocking(false);
            sent = writeUntilStopped(client, 256L * MIB);
            assertThat(sent).isBetween(1L, 64L * MIB);
            assertThat(Loops.bufferBytes()).isLessThan(64L * MIB);
            mayRead.countDown();
            client.shutdownOutput();
            assertThat(received.get(30, TimeUnit.SECONDS)).isEqualTo(sent);
        }
    }

    @Test
    void stopsAnEndpointWhoseClientDoesNotRead() throws Exception {
        try (ServerSocketChannel sender = ServerSocketChannel.open()) {
            sender.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            var address = (InetSocketAddress) sender.getLocalAddress();
            start(endpoint(new Address(address.getAddress(), address.getPort())));
            try (Socket client = new Socket()) {
                client.setReceiveBufferSize(64 << 10);
                client.connect(plane.boundAddress());
                try (SocketChannel one = sender.accept()) {
                    one.configureBlocking(false);
                    long sent = writeUntilStopped(one, 256L * MIB);
                    one.shutdownOutput();
                    assertThat(sent).isBetween(1L, 64L * MIB);
                    assertThat(count(client.getInputStream())).isEqualTo(sent);
                }
            }
        }
    }

    /// Once, what an endpoint had sent before it closed was read all at once, as much as the kernel held, whatever the
    /// client took: when direct memory ran out by that, a slow reader's flow was reset, and the rest was lost.
    @Test
    void keepsWhatAnEndpointLeftBehindOutOfMemory() throws Exception {
        try (ServerSocketChannel sender = ServerSocketChannel.open()) {
            sender.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            var address = (InetSocketAddress) sender.getLocalAddress();
            start(endpoint(new Address(address.getAddress(), address.getPort())));
            try (Socket client = new Socket()) {
                client.setReceiveBufferSize(8 << 10);
                client.connect(plane.boundAddress());
                long sent;
                try (SocketChannel one = sender.accept()) {
                    one.configureBlocking(false);
                    sent = writeUntilStopped(one, 256L * MIB);
                }
                long before = Loops.bufferBytes();
                long most = 0;
                long count = 0;
                byte[] piece = new byte[8 << 10];
                InputStream in = client.getInputStream();
                for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                    count += read;
                    most = Math.max(most, Loops.bufferBytes());
                }
                assertThat(count).isEqualTo(sent);
                assertThat(most - before).isLessThan(8L * MIB);
            }
        }
    }

    @Test
    void letsFlowsGoOnWhileItDrains() throws Exception {
        start(endpoint(echo()));
        try (Socket client = connect()) {
            assertEchoes(client);
            plane.drain();
            until(() -> !canConnect());
            assertEchoes(client);
            // Besides it, the last call counts as one for a moment.
            until(() -> plane.open() == 1);
            assertEchoes(client);
        }
        until(() -> plane.open() == 0);
    }

    @Test
    void cutsWhatIsOpenWhenItCloses() throws Exception {
        start(endpoint(echo()));
        try (Socket first = connect();
                Socket second = connect()) {
            assertEchoes(first);
            assertEchoes(second);
            assertThat(plane.close()).isEqualTo(2);
            assertThatThrownBy(() -> first.getInputStream().read()).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> second.getInputStream().read()).isInstanceOf(IOException.class);
        }
        untilEnded("drained", 2);
    }

    @Test
    void passesAResetOn() throws Exception {
        start(endpoint(peer(socket -> {
            socket.getOutputStream().write(1);
            socket.getInputStream().read();
            socket.setSoLinger(true, 0);
        })));
        try (Socket client = connect()) {
            assertThat(client.getInputStream().read()).isEqualTo(1);
            client.getOutputStream().write(1);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        }
        untilEnded("server-reset", 1);
    }

    @Test
    void sharesFlowsByWeight() throws Exception {
        Peer light = echo();
        Peer heavy = echo();
        Peer none = echo();
        start(
                new EndpointSpec(light.address(), 1, 0),
                new EndpointSpec(heavy.address(), 3, 0),
                new EndpointSpec(none.address(), 0, 0));
        for (int i = 0; i < 40; i++) {
            assertEchoes();
        }
        assertThat(light.accepted()).isEqualTo(10);
        assertThat(heavy.accepted()).isEqualTo(30);
        assertThat(none.accepted()).isZero();
    }

    @Test
    void keepsAFlowOnAnEndpointThatLeft() throws Exception {
        Peer before = echo();
        Peer after = echo();
        start(endpoint(before));
        try (Socket client = connect()) {
            assertEchoes(client);
            upstreams.put(upstream(endpoint(after)));
            assertEchoes(client);
            assertEchoes();
        }
        assertThat(before.accepted()).isEqualTo(1);
        assertThat(after.accepted()).isEqualTo(1);
    }

    @Test
    void followsANewSpecWithNewFlows() throws Exception {
        start(endpoint(echo()));
        Peer other = echo();
        upstreams.put(new UpstreamSpec(
                "others",
                List.of(endpoint(other)),
                BalancerSpec.ROUND_ROBIN,
                null,
                timeouts(),
                new PoolSpec(0, Duration.ofSeconds(1)),
                1));
        TcpListenerSpec spec = (TcpListenerSpec) plane.spec();
        plane.update(new TcpListenerSpec(
                spec.name(), spec.addresses().getFirst().first(), "others", spec.maxConnections(), spec.idleTimeout()));
        assertEchoes();
        assertThat(other.accepted()).isEqualTo(1);
    }

    /// As many ports of this machine, in a row, that nobody has.
    private static AddressRange freeRange(int count) throws IOException {
        while (true) {
            int first = 10_000 + new Random().nextInt(20_000);
            List<ServerSocket> taken = new ArrayList<>();
            try {
                for (int i = 0; i < count; i++) {
                    taken.add(new ServerSocket(first + i, 1, InetAddress.getLoopbackAddress()));
                }
                return new AddressRange(InetAddress.getLoopbackAddress(), first, first + count - 1);
            } catch (IOException somebodyHasOne) {
                // Another place, then.
            } finally {
                for (ServerSocket each : taken) {
                    each.close();
                }
            }
        }
    }

    private TcpListenerSpec at(AddressRange... addresses) {
        return new TcpListenerSpec(
                "db",
                List.of(addresses),
                "databases",
                maxConnections,
                idle,
                flows,
                List.of(),
                new ClientHelloSpec(Duration.ofSeconds(5), 1 << 16, ClientHelloSpec.NotTls.CLOSE),
                null,
                null,
                Carrier.SOCKET);
    }

    private void assertEchoesAt(Address address) throws IOException {
        try (Socket socket = new Socket(address.ip(), address.port())) {
            socket.getOutputStream().write(7);
            assertThat(socket.getInputStream().read()).isEqualTo(7);
        }
    }

    @Test
    void acceptsOnEachOfItsAddresses() throws Exception {
        start(at(freeRange(3), new AddressRange(InetAddress.getLoopbackAddress(), 0, 0)), endpoint(echo()));

        for (AddressRange range : plane.boundAddresses()) {
            for (Address each : range.each()) {
                assertEchoesAt(each);
            }
        }
        assertThat(plane.boundAddresses().getLast().firstPort()).isPositive();
    }

    @Test
    void takesAnAddressAndLeavesOneWhileFlowsOnBothGoOn() throws Exception {
        AddressRange all = freeRange(2);
        AddressRange first = AddressRange.of(all.first());
        AddressRange second = AddressRange.of(all.each().getLast());
        start(at(first), endpoint(echo()));
        try (Socket held = connect()) {
            plane.widen(at(first, second));
            plane.update(at(first, second));
            assertEchoesAt(second.first());
            try (Socket other = new Socket(second.ip(), second.firstPort())) {
                plane.update(at(second));
                for (Socket each : List.of(held, other)) {
                    each.getOutputStream().write(1);
                    assertThat(each.getInputStream().read()).isEqualTo(1);
                }
            }
            until(() -> {
                try (Socket _ = new Socket(first.ip(), first.firstPort())) {
                    return false;
                } catch (IOException refused) {
                    return true;
                }
            });
            assertEchoesAt(second.first());
        }
    }

    @Test
    void isAsBeforeWhenOneOfItsNewAddressesIsTaken() throws Exception {
        AddressRange all = freeRange(3);
        AddressRange first = AddressRange.of(all.first());
        start(at(first), endpoint(echo()));
        try (ServerSocket _ = new ServerSocket(all.lastPort(), 1, all.ip())) {
            assertThatThrownBy(() -> plane.widen(at(all)))
                    .isInstanceOf(AddressTaken.class)
                    .satisfies(taken -> assertThat(((AddressTaken) taken).address())
                            .isEqualTo(all.each().getLast()));
        }
        assertEchoesAt(first.first());
        assertThat(plane.boundAddresses()).containsExactly(first);
        // The sockets that were bound before the last one was asked for are closed by their loops.
        until(() -> {
            try {
                plane.widen(at(all));
                return true;
            } catch (IOException notYet) {
                return false;
            }
        });
        assertEchoesAt(all.each().getLast());
    }

    @Test
    void writesOneLineAboutAFlow() throws Exception {
        Peer echo = echo();
        start(endpoint(echo));
        assertEchoes();
        untilEnded("client-fin", 1);
        log.close();
        assertThat(Files.readAllLines(logFile))
                .singleElement()
                .asString()
                .startsWith("{\"time\":\"20")
                .contains("\"listener\":\"db\",\"client\":\"127.0.0.1:")
                .contains("\"upstream\":\"databases\",\"endpoint\":\"" + echo.address() + "\",\"connectMillis\":")
                .endsWith("\"bytesIn\":1,\"bytesOut\":1,\"attempts\":1,\"outcome\":\"client-fin\"}");
    }

    private static void write(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void start(EndpointSpec... endpoints) throws IOException {
        start(at(new AddressRange(InetAddress.getLoopbackAddress(), 0, 0)), endpoints);
    }

    private void start(TcpListenerSpec spec, EndpointSpec... endpoints) throws IOException {
        upstreams.put(upstream(endpoints));
        plane = new TcpPlane(spec, loops, upstreams, metrics, log);
        plane.start();
    }

    private static UpstreamSpec upstream(EndpointSpec... endpoints) {
        return new UpstreamSpec(
                "databases",
                List.of(endpoints),
                BalancerSpec.ROUND_ROBIN,
                null,
                timeouts(),
                new PoolSpec(0, Duration.ofSeconds(1)),
                3);
    }

    private static UpstreamTimeouts timeouts() {
        return new UpstreamTimeouts(Duration.ofMillis(300), Duration.ofSeconds(10), Duration.ofSeconds(10));
    }

    private static EndpointSpec endpoint(Peer peer) {
        return endpoint(peer.address());
    }

    private static EndpointSpec endpoint(Address address) {
        return new EndpointSpec(address, 1, 0);
    }

    private Peer echo() throws IOException {
        Peer peer = Peer.echo();
        toClose.add(peer);
        return peer;
    }

    private Peer peer(Peer.Service service) throws IOException {
        Peer peer = new Peer(service);
        toClose.add(peer);
        return peer;
    }

    private Socket connect() throws IOException {
        return new Socket(
                plane.boundAddress().getAddress(), plane.boundAddress().getPort());
    }

    private boolean canConnect() {
        try (Socket _ = connect()) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private void assertEchoes() throws IOException {
        try (Socket client = connect()) {
            assertEchoes(client);
        }
    }

    private static void assertEchoes(Socket client) throws IOException {
        client.getOutputStream().write(42);
        assertThat(client.getInputStream().read()).isEqualTo(42);
    }

    private static boolean canEcho(Socket client) {
        try {
            client.getOutputStream().write(42);
            return client.getInputStream().read() == 42;
        } catch (IOException _) {
            return false;
        }
    }

    private void untilEnded(String outcome, long count) {
        until(() -> metrics.counter(Metric.FLOWS, "db", outcome).value() == count);
    }

    private static void until(BooleanSupplier holds) {
        long giveUpNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - giveUpNanos).as("time left").isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(4).nextBytes(bytes);
        return bytes;
    }

    private static long count(InputStream input) throws IOException {
        long count = 0;
        byte[] buffer = new byte[64 << 10];
        for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
            count += read;
        }
        return count;
    }

    /// Returns how much could be written until nothing more went for a second, or `max`.
    private static long writeUntilStopped(SocketChannel channel, long max) throws IOException {
        long sent = 0;
        ByteBuffer piece = ByteBuffer.allocateDirect(64 << 10);
        try (Selector selector = Selector.open()) {
            channel.register(selector, SelectionKey.OP_WRITE);
            while (sent < max && selector.select(1000) > 0) {
                selector.selectedKeys().clear();
                piece.clear();
                sent += channel.write(piece);
            }
        }
        return sent;
    }

    /// Fills the accept queue, so that the kernel answers no further SYN.
    private static List<SocketChannel> fill(ServerSocket server) throws IOException {
        List<SocketChannel> clients = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            int connected;
            do {
                SocketChannel client = SocketChannel.open();
                clients.add(client);
                client.configureBlocking(false);
                client.connect(server.getLocalSocketAddress());
                client.register(selector, SelectionKey.OP_CONNECT);
                connected = selector.select(200);
                for (SelectionKey key : selector.selectedKeys()) {
                    ((SocketChannel) key.channel()).finishConnect();
                    key.cancel();
                }
                selector.selectedKeys().clear();
            } while (connected > 0);
        }
        return clients;
    }
}
