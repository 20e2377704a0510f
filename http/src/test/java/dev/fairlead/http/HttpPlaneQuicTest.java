package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.AddressRange;
import dev.fairlead.config.CertificateSpec;
import dev.fairlead.config.ClientCertificatesSpec;
import dev.fairlead.config.ClientCertificatesSpec.Mode;
import dev.fairlead.config.ClientLimits;
import dev.fairlead.config.ClientsSpec;
import dev.fairlead.config.Http3Spec;
import dev.fairlead.config.TicketsSpec;
import dev.fairlead.config.TlsPolicy;
import dev.fairlead.config.TlsSpec;
import dev.fairlead.config.TlsSpec.HostAgreement;
import dev.fairlead.config.TlsSpec.UnknownName;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What stands below HTTP/3: handshakes, addresses, and the loops that share a UDP port.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneQuicTest {
    @TempDir
    static Path folder;

    private static Certified certified;
    private static CertificateSpec one;
    private static CertificateSpec other;

    @RegisterExtension
    final RunningPlane plane = new RunningPlane(3);

    /// What stands in its place after a restart.
    @RegisterExtension
    final RunningPlane next = new RunningPlane(3);

    @BeforeAll
    static void certify() throws Exception {
        certified = new Certified(folder);
        one = certified.ec("one", "a.example");
        other = certified.rsa("other", "other.example", "*.wild.example");
        certified.ec("joe", "joe.example");
    }

    @BeforeEach
    void speakIt() {
        plane.tls = tls(null, UnknownName.DEFAULT_CERTIFICATE);
        plane.http3 = http3(256);
    }

    private static Http3Spec http3(int retryAbove) {
        return new Http3Spec(100, 128 << 10, Duration.ofHours(24), 443, retryAbove);
    }

    private static TlsSpec tls(ClientCertificatesSpec clients, UnknownName unknown) {
        return new TlsSpec(
                List.of(one, other),
                TlsPolicy.INTERMEDIATE,
                clients,
                unknown,
                HostAgreement.NOTHING,
                Duration.ofSeconds(10),
                64 << 10,
                new TicketsSpec(true, Duration.ofHours(12), null));
    }

    private static Http3Spec resetting(int retryAbove, String key) throws IOException {
        Path file = Files.writeString(folder.resolve(key + ".reset"), key.repeat(32));
        return new Http3Spec(100, 128 << 10, Duration.ofHours(24), 443, retryAbove, file.toString());
    }

    private void startBoth(int retryAbove, String key, String nextKey) throws Exception {
        plane.http3 = resetting(retryAbove, key);
        next.http3 = resetting(retryAbove, nextKey);
        next.tls = plane.tls;
        plane.start(Backend.echo());
        next.start(Backend.echo());
    }

    private long resets(RunningPlane of, String result) {
        return of.metrics.counter(Metric.HTTP3_STATELESS_RESETS, "web", result).value();
    }

    private H3Client connect(String sni) throws Exception {
        return new H3Client(plane.plane().boundAddress(), sni);
    }

    private String shown(String sni) throws Exception {
        try (H3Client client = connect(sni)) {
            assertThat(client.get("/").answer().status()).isEqualTo(200);
            return client.shown();
        }
    }

    @Test
    void choosesTheCertificateByName() throws Exception {
        plane.start(Backend.echo());

        assertThat(shown("a.example")).contains("CN=one");
        assertThat(shown("other.example")).contains("CN=other");
        assertThat(shown("x.wild.example")).contains("CN=other");
        assertThat(shown("unknown.example")).contains("CN=one");
        assertThat(shown("localhost")).contains("CN=one");
    }

    @Test
    void refusesANameThatItDoesNotHave() throws Exception {
        plane.tls = tls(null, UnknownName.REFUSE);
        plane.start(Backend.echo());

        assertThat(shown("a.example")).contains("CN=one");
        assertThatThrownBy(() -> {
            try (H3Client client = connect("unknown.example")) {
                client.get("/").answer();
            }
        });
    }

    @Test
    void asksForTheClientsCertificate() throws Exception {
        var required = new ClientCertificatesSpec(Mode.REQUIRED, certified.at("ca.pem"), null);
        plane.tls = tls(required, UnknownName.DEFAULT_CERTIFICATE);
        plane.start(Backend.echo());

        try (H3Client client =
                new H3Client(plane.plane().boundAddress(), "a.example", certified.keys("joe"), 1 << 20)) {
            assertThat(client.get("/").answer().status()).isEqualTo(200);
        }
        assertThatThrownBy(() -> {
            try (H3Client client = connect("a.example")) {
                client.get("/").answer();
            }
        });
    }

    @Test
    void sharesItsPortBetweenTheLoops() throws Exception {
        plane.start(Backend.echo());

        List<H3Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 12; i++) {
                clients.add(connect("a.example"));
            }
            for (H3Client client : clients) {
                assertThat(client.get("/x").answer().text()).isEqualTo("/x");
            }
            assertThat(plane.plane().open()).isEqualTo(12);
        } finally {
            for (H3Client client : clients) {
                client.close();
            }
        }
        RunningPlane.until("all have left", () -> plane.plane().open() == 0);
    }

    @Test
    void goesOnWithAClientThatComesFromElsewhere() throws Exception {
        plane.start(Backend.echo());

        try (var translator = new Rebinding(plane.plane().boundAddress());
                H3Client client = new H3Client(translator.address(), "a.example")) {
            // Of three loops: the odds that all come to the one where the connection lives are one to 180,000.
            for (int i = 0; i < 12; i++) {
                assertThat(client.get("/" + i).answer().text()).isEqualTo("/" + i);
                translator.rebind();
            }
            assertThat(client.get("/end").answer().text()).isEqualTo("/end");
        }

        assertThat(plane.metrics.counter(Metric.HTTP3_MIGRATIONS, "web").value())
                .isPositive();
    }

    @Test
    void asksForAProofOfTheAddressUnderLoad() throws Exception {
        plane.http3 = http3(0);
        plane.start(Backend.echo());

        assertThat(shown("a.example")).contains("CN=one");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 256})
    void aClientLearnsAtOnceThatItsConnectionDiedWithTheProcess(int retryAbove) throws Exception {
        startBoth(retryAbove, "a", "a");

        try (var road = new Rebinding(plane.plane().boundAddress());
                H3Client client = new H3Client(road.address(), "a.example")) {
            assertThat(client.get("/").answer().status()).isEqualTo(200);
            road.lead(next.plane().boundAddress());
            H3Client.Stream asked = client.get("/lost");

            assertIsGone(client);
            RunningPlane.until("the request is given up", asked::isOver);
        }
        assertThat(resets(next, "sent")).isPositive();
        assertThat(resets(plane, "sent")).isZero();
    }

    @Test
    void aConnectionOutlivesAResetByWhoHasNotTheKey() throws Exception {
        startBoth(256, "a", "b");

        try (var road = new Rebinding(plane.plane().boundAddress());
                H3Client client = new H3Client(road.address(), "a.example")) {
            assertThat(client.get("/").answer().status()).isEqualTo(200);
            road.lead(next.plane().boundAddress());
            H3Client.Stream asked = client.get("/late");
            RunningPlane.until("reset", () -> resets(next, "sent") > 0);
            road.lead(plane.plane().boundAddress());

            assertThat(asked.answer().text()).isEqualTo("/late");
        }
    }

    @Test
    void aResetIsOfUseForOneConnectionOnly() throws Exception {
        startBoth(256, "a", "a");

        try (var oneRoad = new Rebinding(plane.plane().boundAddress());
                H3Client client = new H3Client(oneRoad.address(), "a.example");
                var otherRoad = new Rebinding(plane.plane().boundAddress());
                H3Client stranger = new H3Client(otherRoad.address(), "a.example")) {
            assertThat(client.get("/").answer().status()).isEqualTo(200);
            assertThat(stranger.get("/").answer().status()).isEqualTo(200);
            byte[] asked = shortPacket(idOf(client), 60);
            byte[] reset = answer(next, asked);

            assertThat(reset).hasSizeLessThan(asked.length);
            assertThat(reset[0] & 0xc0).as("a short header").isEqualTo(0x40);
            assertThat(answer(next, shortPacket(idOf(client), 25))).hasSize(24);
            assertThat(answer(next, shortPacket(idOf(client), 21)))
                    .as("too short for one that is shorter")
                    .isNull();
            assertThat(answer(plane, asked)).as("the connection lives there").isNull();

            otherRoad.forge(reset);
            assertThat(stranger.get("/on").answer().text()).isEqualTo("/on");
            assertThat(client.get("/on").answer().text()).isEqualTo("/on");
            oneRoad.forge(reset);
            assertIsGone(client);
        }
    }

    /// In less time than anything else would take that ends a connection here.
    private static void assertIsGone(H3Client client) throws InterruptedException {
        assertThat(client.channel().closeFuture().await(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void resetsNoMoreThanSoManyASecond() throws Exception {
        startBoth(256, "a", "a");
        byte[] id = new byte[20];

        try (var flood = new DatagramSocket()) {
            RunningPlane.until("held back", () -> {
                byte[] packet = shortPacket(id, 40);
                try {
                    for (int i = 0; i < 100; i++) {
                        flood.send(new DatagramPacket(
                                packet, packet.length, plane.plane().boundAddress()));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return resets(plane, "held") > 0;
            });
        }
        assertThat(resets(plane, "sent")).isPositive();
    }

    /// The id by which the client calls the server.
    private static byte[] idOf(H3Client client) {
        String text = client.channel().remoteAddress().toString();
        return HexFormat.of().parseHex(text.replaceAll(".*connId=([0-9a-f]*).*", "$1"));
    }

    private static byte[] shortPacket(byte[] id, int length) {
        byte[] packet = new byte[length];
        ThreadLocalRandom.current().nextBytes(packet);
        packet[0] = 0x41;
        System.arraycopy(id, 0, packet, 1, id.length);
        return packet;
    }

    /// What comes back; null: nothing.
    private static byte[] answer(RunningPlane from, byte[] packet) throws Exception {
        try (var socket = new DatagramSocket()) {
            socket.setSoTimeout(1000);
            socket.send(new DatagramPacket(packet, packet.length, from.plane().boundAddress()));
            var answer = new DatagramPacket(new byte[1500], 1500);
            socket.receive(answer);
            return Arrays.copyOf(answer.getData(), answer.getLength());
        } catch (SocketTimeoutException silent) {
            return null;
        }
    }

    /// A client's first packet as whoever forges its address sends it: without a handshake in it. Whether the answer
    /// is a Retry.
    private boolean isAskedForProof() throws Exception {
        ByteBuffer packet = ByteBuffer.allocate(1200)
                .put((byte) 0xc3)
                .putInt(1)
                .put((byte) 8)
                .putLong(ThreadLocalRandom.current().nextLong())
                .put((byte) 8)
                .putLong(1)
                .put((byte) 0);
        packet.putShort((short) (0x4000 | packet.remaining() - Short.BYTES));
        try (var socket = new DatagramSocket()) {
            socket.setSoTimeout(3000);
            socket.send(new DatagramPacket(packet.array(), 1200, plane.plane().boundAddress()));
            var answer = new DatagramPacket(new byte[1500], 1500);
            socket.receive(answer);
            return (answer.getData()[0] & 0xf0) == 0xf0;
        } catch (SocketTimeoutException silent) {
            return false;
        }
    }

    @Test
    void holdsNothingAgainstAnAddressThatWasNotShown() throws Exception {
        plane.clients = new ClientsSpec(
                List.of(), List.of(), new ClientLimits(2, 0, 0), new ClientLimits(0, 0, 0), 24, 64, 1024);
        plane.start(Backend.echo());

        for (int i = 0; i < 4; i++) {
            assertThat(isAskedForProof()).isTrue();
        }
        assertThat(plane.plane().open()).isZero();
        assertThat(shown("a.example")).contains("CN=one");
    }

    @Test
    void asksForAProofOnlyWhileManyHandshakesAreUnderWay() throws Exception {
        plane.http3 = http3(2);
        plane.start(Backend.echo());

        try (var first = new Rebinding(plane.plane().boundAddress()).deaf(true);
                var second = new Rebinding(plane.plane().boundAddress()).deaf(true);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<H3Client> one = clients.submit(() -> new H3Client(first.address(), "a.example"));
            Future<H3Client> other = clients.submit(() -> new H3Client(second.address(), "a.example"));
            RunningPlane.until("two have begun", () -> plane.plane().open() == 2);

            assertThat(isAskedForProof()).isTrue();
            assertThat(plane.plane().open()).isEqualTo(2);
            assertThat(shown("a.example")).contains("CN=one");

            first.deaf(false);
            second.deaf(false);
            one.get(30, TimeUnit.SECONDS).close();
            other.get(30, TimeUnit.SECONDS).close();
            RunningPlane.until("all have left", () -> plane.plane().open() == 0);
        }
        assertThat(isAskedForProof()).isFalse();
    }

    @Test
    void keepsItsLastPlacesForThoseWhoShowTheirAddress() throws Exception {
        plane.maxConnections = 3;
        plane.start(Backend.echo());

        try (H3Client first = connect("a.example")) {
            assertThat(first.get("/").answer().status()).isEqualTo(200);
            try (H3Client second = connect("a.example")) {
                assertThat(second.get("/").answer().status()).isEqualTo(200);
                assertThat(isAskedForProof()).isTrue();
                assertThat(plane.plane().open()).isEqualTo(2);
                assertThat(shown("a.example")).contains("CN=one");
            }
            RunningPlane.until("two have left", () -> plane.plane().open() == 1);
            assertThat(isAskedForProof()).isFalse();
        }
    }

    @Test
    void tellsClientsOfHttp1ThatItIsThere() throws Exception {
        plane.start(Backend.of("HTTP/1.1 200 OK\r\nAlt-Svc: h3=\":9\"\r\nContent-Length: 0\r\n\r\n"));

        try (Wire wire =
                new Wire(Certified.connect(certified.client(null), plane.plane().boundAddress(), "a.example"))) {
            Wire.Message answer =
                    wire.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n").response();
            assertThat(answer.field("alt-svc")).isEqualTo("h3=\":443\"; ma=86400");
        }
        try (H3Client client = connect("a.example")) {
            assertThat(client.get("/").answer().field("alt-svc")).isNull();
        }
    }

    /// Without HTTP/3 of ours, clients would go to a port where nobody listens.
    @Test
    void passesOnNothingThatAnEndpointSaysOfItsOwnPorts() throws Exception {
        plane.http3 = null;
        plane.start(Backend.of("HTTP/1.1 200 OK\r\nAlt-Svc: h3=\":9\"\r\nContent-Length: 0\r\n\r\n"));

        try (Wire wire =
                new Wire(Certified.connect(certified.client(null), plane.plane().boundAddress(), "a.example"))) {
            Wire.Message answer =
                    wire.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n").response();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.field("alt-svc")).isNull();
        }
    }

    @Test
    void isTurnedOffAndOnAgain() throws Exception {
        plane.start(Backend.echo());

        try (H3Client client = connect("a.example")) {
            assertThat(client.get("/").answer().status()).isEqualTo(200);
            plane.http3 = null;
            plane.update();
            assertThat(client.goAway()).isPositive();
            assertThat(client.closed()).isEqualTo(0x100);
        }
        plane.http3 = http3(256);
        plane.update();
        assertThat(shown("a.example")).contains("CN=one");
    }

    @Test
    void anAddressComesAndGoesWhileConnectionsOfOthersStay() throws Exception {
        AddressRange first = plane.addresses.getFirst();
        AddressRange second = AddressRange.of(new InetSocketAddress("127.0.0.2", 0));
        plane.start(Backend.echo());
        try (H3Client stays = connect("a.example")) {
            plane.moveTo(List.of(first, second));
            InetSocketAddress fresh =
                    plane.plane().boundAddresses().get(1).first().socketAddress();
            assertThat(fresh.getHostString()).isEqualTo("127.0.0.2");
            try (H3Client came = new H3Client(fresh, "other.example")) {
                assertThat(came.get("/").answer().status()).isEqualTo(200);
                assertThat(stays.get("/").answer().status()).isEqualTo(200);
                plane.moveTo(List.of(first));
            }

            RunningPlane.until("nobody is at " + fresh, () -> isNobodyAt(fresh));
            assertThat(stays.get("/").answer().status()).isEqualTo(200);
            assertThat(shown("a.example")).contains("CN=one");
        }
    }

    private static boolean isNobodyAt(InetSocketAddress address) {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(address);
            socket.setSoTimeout(100);
            socket.send(new DatagramPacket(new byte[1], 1));
            socket.receive(new DatagramPacket(new byte[1], 1));
            return false;
        } catch (PortUnreachableException nobody) {
            return true;
        } catch (SocketTimeoutException silent) {
            return false;
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
