package dev.fairlead.net.probe;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Address;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.HttpProbeSpec;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.ProbePace;
import dev.fairlead.config.ProbeSpec;
import dev.fairlead.config.StatusRange;
import dev.fairlead.config.TcpProbeSpec;
import dev.fairlead.config.TlsProbeSpec;
import dev.fairlead.config.TlsTrust;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.Loops;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.Upstreams;
import dev.fairlead.upstream.health.Health;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
@Timeout(60)
final class ProbesTest {
    private static final TcpProbeSpec TCP = new TcpProbeSpec(0, pace(30, 5_000, 2));

    private final Metrics metrics = new Metrics();
    private final Upstreams upstreams = new Upstreams(metrics);
    private final Loops loops = new Loops(2);
    private final ExecutorService control = Executors.newSingleThreadExecutor();
    private final Probes probes = new Probes(loops, metrics, control);
    private volatile String answer = "HTTP/1.1 200 OK\r\n\r\n";
    private volatile String lastRequest = "";

    @AfterEach
    void close() throws Exception {
        control.submit(probes::close).get();
        control.shutdown();
        loops.close();
    }

    @Test
    void tellsALiveEndpointFromADeadOne() throws Exception {
        Address dead;
        try (ServerSocket alive = http();
                ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            dead = addressOf(gone);
            gone.close();
            Upstream upstream = watch(TCP, addressOf(alive), dead);
            until(() -> upstream.endpoints().get(0).health() == Health.UP);
            until(() -> upstream.endpoints().get(1).health() == Health.DOWN);
            assertThat(probesOf(upstream.endpoints().get(1), "bad")).isPositive();
        }
    }

    @Test
    void bringsAnEndpointDownAndUpAgain() throws Exception {
        try (ServerSocket server = http()) {
            Upstream upstream = watch(http("200"), addressOf(server));
            Endpoint endpoint = upstream.endpoints().getFirst();
            until(() -> endpoint.health() == Health.UP);
            answer = "HTTP/1.1 503 Service Unavailable\r\n\r\n";
            until(() -> endpoint.health() == Health.DOWN);
            assertThat(probesOf(endpoint, "bad")).isGreaterThanOrEqualTo(2);
            answer = "HTTP/1.1 200 OK\r\n\r\n";
            until(() -> endpoint.health() == Health.UP);
        }
    }

    @Test
    void asksAsItWasTold() throws Exception {
        try (ServerSocket server = http()) {
            Upstream upstream = watch(http("200"), addressOf(server));
            until(() -> upstream.endpoints().getFirst().health() == Health.UP);
            assertThat(lastRequest).startsWith("GET /healthz?full HTTP/1.1\r\nHost: app.example\r\n");
            assertThat(lastRequest).contains("\r\nConnection: close\r\n");
        }
    }

    @Test
    void takesAnAnswerThatIsNotHttpForABadOne() throws Exception {
        answer = "220 mail.example ESMTP\r\n";
        try (ServerSocket server = http()) {
            Upstream upstream = watch(http("200"), addressOf(server));
            until(() -> upstream.endpoints().getFirst().health() == Health.DOWN);
        }
    }

    @Test
    void takesSilenceForABadAnswer() throws Exception {
        answer = "";
        try (ServerSocket server = http()) {
            Upstream upstream =
                    watch(Probed.http("GET", "/", null, false, TlsTrust.STRICT, pace(30, 60, 1)), addressOf(server));
            until(() -> upstream.endpoints().getFirst().health() == Health.DOWN);
        }
    }

    /// The server answers only when told to; meanwhile many intervals pass.
    @Test
    void neverProbesAnEndpointTwiceAtOnce() throws Exception {
        var open = new AtomicInteger();
        var most = new AtomicInteger();
        var mayAnswer = new CountDownLatch(1);
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                ServerSocket other = http()) {
            serve(server, socket -> {
                most.accumulateAndGet(open.incrementAndGet(), Math::max);
                mayAnswer.await();
                open.decrementAndGet();
                socket.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(US_ASCII));
            });
            Upstream upstream = watch(http("200"), addressOf(server), addressOf(other));
            until(() -> probesOf(upstream.endpoints().get(1), "good") >= 10);
            assertThat(most.get()).isEqualTo(1);
            mayAnswer.countDown();
            until(() -> probesOf(upstream.endpoints().get(0), "good") >= 2);
        }
    }

    @Test
    void keepsWhatItKnowsOfAnEndpointThatStays() throws Exception {
        try (ServerSocket first = http();
                ServerSocket second = http()) {
            Upstream upstream = watch(TCP, addressOf(first));
            Endpoint stays = upstream.endpoints().getFirst();
            until(() -> stays.health() == Health.UP);
            watch(TCP, addressOf(second), addressOf(first));
            assertThat(upstream.endpoints()).contains(stays);
            assertThat(stays.health()).isEqualTo(Health.UP);
            long before = probesOf(stays, "good");
            until(() -> probesOf(stays, "good") > before);
            until(() -> upstream.endpoints().getFirst().health() == Health.UP);
        }
    }

    @Test
    void followsANewSpec() throws Exception {
        answer = "HTTP/1.1 503 No\r\n\r\n";
        try (ServerSocket server = http()) {
            Upstream upstream = watch(TCP, addressOf(server));
            Endpoint endpoint = upstream.endpoints().getFirst();
            until(() -> endpoint.health() == Health.UP);
            watch(http("200"), addressOf(server));
            until(() -> endpoint.health() == Health.DOWN);
            watch(null, addressOf(server));
            assertThat(endpoint.health()).isEqualTo(Health.UNKNOWN);
        }
    }

    @Test
    void endsWhenForgotten() throws Exception {
        try (ServerSocket server = http()) {
            Upstream upstream = watch(http("200"), addressOf(server));
            until(() -> upstream.endpoints().getFirst().health() == Health.UP);
            control.submit(() -> probes.forget("app")).get();
            // Whatever was on its way has been dealt with once each loop has run a task, and the control thread one.
            for (var loop : loops.all()) {
                loop.eventLoop().submit(() -> {}).get();
            }
            control.submit(() -> {}).get();
            answer = "HTTP/1.1 503 No\r\n\r\n";
            long before = probesOf(upstream.endpoints().getFirst(), "bad");
            probeAnother(server);
            assertThat(probesOf(upstream.endpoints().getFirst(), "bad")).isEqualTo(before);
            assertThat(upstream.endpoints().getFirst().health()).isEqualTo(Health.UP);
        }
    }

    /// A probe of the same upstream that cannot be made says nothing of the endpoint, whatever was known before.
    @Test
    void leavesTheTrafficAloneWhereItsCertificatesCannotBeRead() throws Exception {
        try (ServerSocket server = http()) {
            Upstream upstream = watch(http("503"), addressOf(server));
            Endpoint endpoint = upstream.endpoints().getFirst();
            until(() -> endpoint.health() == Health.DOWN);
            watch(
                    new TlsProbeSpec(new TlsTrust(null, true, "/no/such/ca.pem"), 0, pace(30, 5_000, 2)),
                    addressOf(server));
            assertThat(endpoint.health()).isEqualTo(Health.UNKNOWN);
        }
    }

    @Test
    void probesAnotherPortWhereItIsTold() throws Exception {
        try (ServerSocket server = http();
                ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Address traffic = addressOf(gone);
            gone.close();
            Upstream upstream = watch(new TcpProbeSpec(server.getLocalPort(), pace(30, 5_000, 2)), traffic);
            until(() -> upstream.endpoints().getFirst().health() == Health.UP);
        }
    }

    /// All three are down at once. The steady one tells the time; the one whose interval is an hour only while it
    /// is up must keep up with it, the one whose interval is an hour only while it is down must fall silent.
    @Test
    void keepsToAnotherIntervalWhileDown() throws Exception {
        answer = "HTTP/1.1 503 No\r\n\r\n";
        try (ServerSocket server = http()) {
            Endpoint rare =
                    probed("rare", new ProbePace(millis(50), millis(3_600_000), 0, millis(20_000), 1, 1), server);
            Endpoint often =
                    probed("often", new ProbePace(millis(3_600_000), millis(50), 0, millis(20_000), 1, 1), server);
            Endpoint steady = probed("steady", new ProbePace(millis(50), millis(50), 0, millis(20_000), 1, 1), server);
            until(() -> rare.health() == Health.DOWN && often.health() == Health.DOWN);
            // The one that may have been on its way when the first was judged.
            long rareBefore = probesOf(rare, "bad") + 1;
            long steadyBefore = probesOf(steady, "bad");
            until(() -> probesOf(steady, "bad") >= steadyBefore + 20 && probesOf(often, "bad") >= 10);
            assertThat(probesOf(rare, "bad")).isLessThanOrEqualTo(rareBefore);
        }
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }

    private Endpoint probed(String name, ProbePace pace, ServerSocket server) throws Exception {
        return control.submit(() -> {
                    ProbeSpec spec = Probed.http("GET", "/", null, false, TlsTrust.STRICT, pace);
                    Upstream upstream = upstreams.put(spec(name, spec, addressOf(server)));
                    probes.watch(upstream);
                    return upstream.endpoints().getFirst();
                })
                .get();
    }

    /// Answers by turns good and bad: with two in a row wanted, nothing is ever decided after the first.
    @Test
    void isNotMovedByAServerThatFlaps() throws Exception {
        var turn = new AtomicInteger();
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            serve(server, socket -> {
                socket.getInputStream().readNBytes(1);
                int status = turn.getAndIncrement() % 2 == 0 ? 200 : 503;
                socket.getOutputStream().write(("HTTP/1.1 " + status + " X\r\n\r\n").getBytes(US_ASCII));
                socket.getInputStream().readNBytes(4096);
            });
            Upstream upstream = watch(http("200"), addressOf(server));
            Endpoint endpoint = upstream.endpoints().getFirst();
            until(() -> probesOf(endpoint, "good") >= 1);
            until(() -> endpoint.health() == Health.UP);
            until(() -> {
                assertThat(endpoint.health()).isEqualTo(Health.UP);
                return probesOf(endpoint, "bad") >= 6;
            });
        }
    }

    /// Long enough for the forgotten one to be probed several times, were it not forgotten.
    private void probeAnother(ServerSocket server) throws Exception {
        Upstream another = control.submit(() -> {
                    Upstream upstream = upstreams.put(spec("another", http("503"), addressOf(server)));
                    probes.watch(upstream);
                    return upstream;
                })
                .get();
        until(() -> probesOf(another.endpoints().getFirst(), "good") >= 5);
    }

    /// A certificate is renewed under the same file name; a file that cannot be used changes nothing.
    @Test
    void readsCertificatesAgain(@TempDir Path folder) throws Exception {
        Identity valid = Identity.valid(folder);
        Path ca = folder.resolve("ca.crt");
        Files.copy(Identity.expired(folder).certificate(), ca);
        try (ServerSocket server = tls(valid)) {
            TlsTrust trust = new TlsTrust("app.example", true, ca.toString());
            Upstream upstream = watch(new TlsProbeSpec(trust, 0, pace(30, 5_000, 1)), addressOf(server));
            Endpoint endpoint = upstream.endpoints().getFirst();
            until(() -> endpoint.health() == Health.DOWN);
            Files.copy(valid.certificate(), ca, StandardCopyOption.REPLACE_EXISTING);
            control.submit(probes::readFiles).get();
            until(() -> endpoint.health() == Health.UP);
            Files.writeString(ca, "none");
            control.submit(probes::readFiles).get();
            long before = probesOf(endpoint, "good");
            until(() -> probesOf(endpoint, "good") > before + 2);
        }
    }

    private static ServerSocket tls(Identity identity) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(identity.keys().getKeyManagers(), null, null);
        ServerSocket server =
                context.getServerSocketFactory().createServerSocket(0, 100, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    ((SSLSocket) socket).startHandshake();
                    socket.getInputStream().read();
                } catch (IOException left) {
                    // The probe went, or the test is over.
                }
            }
        });
        return server;
    }

    private Upstream watch(@Nullable ProbeSpec probe, Address... endpoints) throws Exception {
        return control.submit(() -> {
                    Upstream upstream = upstreams.put(spec("app", probe, endpoints));
                    probes.watch(upstream);
                    return upstream;
                })
                .get();
    }

    private static UpstreamSpec spec(String name, @Nullable ProbeSpec probe, Address... endpoints) {
        return new UpstreamSpec(
                name,
                List.of(endpoints).stream()
                        .map(address -> new EndpointSpec(address, 1, 0))
                        .toList(),
                BalancerSpec.ROUND_ROBIN,
                probe,
                new UpstreamTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1)),
                new PoolSpec(0, Duration.ofSeconds(1)),
                3);
    }

    private static HttpProbeSpec http(String status) {
        int expected = Integer.parseInt(status);
        return new HttpProbeSpec(
                "GET",
                "/healthz?full",
                "app.example",
                List.of(new StatusRange(expected, expected)),
                null,
                false,
                TlsTrust.STRICT,
                0,
                pace(30, 20_000, 2));
    }

    private static ProbePace pace(long intervalMillis, long timeoutMillis, int riseAndFall) {
        return new ProbePace(
                Duration.ofMillis(intervalMillis),
                null,
                10,
                Duration.ofMillis(timeoutMillis),
                riseAndFall,
                riseAndFall);
    }

    private interface Service {
        void serve(Socket socket) throws Exception;
    }

    /// Answers every request with `answer`; with nothing, and an open connection, when that is empty.
    private ServerSocket http() throws IOException {
        ServerSocket server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        serve(server, socket -> {
            var request = new StringBuilder();
            while (request.indexOf("\r\n\r\n") < 0) {
                int next = socket.getInputStream().read();
                if (next < 0) {
                    return;
                }
                request.append((char) next);
            }
            lastRequest = request.toString();
            socket.getOutputStream().write(answer.getBytes(US_ASCII));
            if (answer.isEmpty()) {
                socket.getInputStream().readAllBytes();
            }
        });
        return server;
    }

    private static void serve(ServerSocket server, Service service) {
        Thread.startVirtualThread(() -> {
            try {
                while (true) {
                    Socket socket = server.accept();
                    Thread.startVirtualThread(() -> {
                        try (socket) {
                            service.serve(socket);
                        } catch (Exception _) {
                            // The probe sees it.
                        }
                    });
                }
            } catch (IOException _) {
                // Closed.
            }
        });
    }

    private static Address addressOf(ServerSocket server) {
        return new Address(server.getInetAddress(), server.getLocalPort());
    }

    private long probesOf(Endpoint endpoint, String result) {
        return metrics.counter(Metric.ENDPOINT_PROBES, endpoint.upstream(), endpoint.name(), result)
                .value();
    }

    private static void until(BooleanSupplier holds) {
        long giveUpNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - giveUpNanos).as("time left").isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }
}
