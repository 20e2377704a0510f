package dev.fairlead.l4;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.Cidr;
import dev.fairlead.config.ClientHelloSpec;
import dev.fairlead.config.ClientLimits;
import dev.fairlead.config.ClientsSpec;
import dev.fairlead.config.ProxyProtocolInSpec;
import dev.fairlead.config.ProxyProtocolOutSpec;
import dev.fairlead.config.ProxyVersion;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.net.proxyprotocol.ProxyHeader;
import dev.fairlead.net.proxyprotocol.ProxyHeaderReader;
import dev.fairlead.net.proxyprotocol.ProxyHeaderWriter;
import dev.fairlead.net.proxyprotocol.Tlvs;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// From accept to the endpoint: PROXY headers, hellos, routes, lists and bounds, over sockets.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class ArrivalTest {
    private static final byte[] LINE = "PROXY TCP4 192.0.2.7 198.51.100.1 4000 443\r\n".getBytes(US_ASCII);

    private final List<Peer> peers = new ArrayList<>();
    private Door door;

    @BeforeEach
    void make() throws IOException {
        door = new Door();
    }

    @AfterEach
    void close() throws IOException {
        door.close();
        for (Peer peer : peers) {
            peer.close();
        }
    }

    // ---- PROXY protocol in ----

    @Test
    void knowsTheClientByTheHeaderOfABelievedProxy() throws Exception {
        believe("127.0.0.0/8");
        door.upstream("a", named("a")).fallback("a").open();
        try (Socket client = door.connect()) {
            client.getOutputStream().write(Hellos.join(LINE, "hi".getBytes(US_ASCII)));
            assertThat(text(client, 4)).isEqualTo("a:hi");
        }
        until(() -> door.ended() == 1);
        assertThat(door.count(Metric.LISTENER_PROXY_HEADERS, "v1")).isEqualTo(1);
        assertThat(door.log()).contains("\"client\":\"192.0.2.7:4000\"");
    }

    @Test
    void readsAHeaderThatComesByteByByteWithWhatFollows() throws Exception {
        believe("127.0.0.0/8");
        door.upstream("a", named("a")).fallback("a").open();
        ByteBuf header = new ProxyHeaderWriter(ProxyVersion.V2)
                .write(
                        new InetSocketAddress("::1", 1),
                        new InetSocketAddress("::1", 2),
                        true,
                        ByteBufAllocator.DEFAULT);
        byte[] bytes = ByteBufUtil.getBytes(header);
        header.release();
        try (Socket client = door.connect()) {
            client.setTcpNoDelay(true);
            for (byte each : bytes) {
                client.getOutputStream().write(each);
                client.getOutputStream().flush();
            }
            client.getOutputStream().write("hi".getBytes(US_ASCII));
            assertThat(text(client, 4)).isEqualTo("a:hi");
        }
        assertThat(door.count(Metric.LISTENER_PROXY_HEADERS, "v2")).isEqualTo(1);
    }

    @Test
    void closesAConnectionWithoutAHeaderOrWithAMalformedOne() throws Exception {
        believe("127.0.0.0/8");
        Peer peer = named("a");
        door.upstream("a", peer).fallback("a").open();
        for (String first : List.of("GET / HTTP/1.1\r\n\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 99999\r\n")) {
            try (Socket client = door.connect()) {
                client.getOutputStream().write(first.getBytes(US_ASCII));
                assertReset(client);
            }
        }
        assertThat(door.count(Metric.LISTENER_PROXY_HEADERS, "malformed")).isEqualTo(2);
        assertThat(peer.accepted()).isZero();
    }

    @Test
    void doesNotWaitLongForAHeader() throws Exception {
        door.proxied = new ProxyProtocolInSpec(
                List.of(Door.cidr("127.0.0.0/8")), Duration.ofMillis(50), ProxyProtocolInSpec.Others.REFUSE, 4096);
        door.upstream("a", named("a")).fallback("a").open();
        try (Socket client = door.connect()) {
            client.getOutputStream().write(LINE, 0, 10);
            assertReset(client);
        } catch (SocketException _) {
            // On a busy machine the write is the late one.
        }
        until(() -> door.count(Metric.LISTENER_PROXY_HEADERS, "timeout") == 1);
    }

    @Test
    void refusesWhoComesAroundTheProxy() throws Exception {
        believe("127.0.0.2/32");
        door.upstream("a", named("a")).fallback("a").open();
        try (Socket client = door.connect("127.0.0.3")) {
            assertReset(client);
        }
        try (Socket client = door.connect("127.0.0.2")) {
            client.getOutputStream().write(Hellos.join(LINE, "hi".getBytes(US_ASCII)));
            assertThat(text(client, 4)).isEqualTo("a:hi");
        }
        assertThat(door.count(Metric.LISTENER_REFUSALS, "no-proxy")).isEqualTo(1);
    }

    @Test
    void letsOthersInAsTheyAreWhenTold() throws Exception {
        door.proxied = new ProxyProtocolInSpec(
                List.of(Door.cidr("127.0.0.2/32")), Duration.ofSeconds(20), ProxyProtocolInSpec.Others.PLAIN, 4096);
        door.upstream("a", named("a")).fallback("a").open();
        try (Socket client = door.connect("127.0.0.3")) {
            // What looks like a header is content: it was not asked for.
            client.getOutputStream().write(LINE);
            assertThat(text(client, 2 + LINE.length)).isEqualTo("a:" + new String(LINE, US_ASCII));
        }
        until(() -> door.ended() == 1);
        assertThat(door.log()).contains("\"client\":\"127.0.0.3:");
    }

    // ---- PROXY protocol out ----

    @Test
    void tellsTheEndpointWhoTheClientIs() throws Exception {
        door.upstream("a", named("a"), new ProxyProtocolOutSpec(ProxyVersion.V1, false, false))
                .fallback("a")
                .open();
        try (Socket client = door.connect("127.0.0.9")) {
            String expected =
                    "a:PROXY TCP4 127.0.0.9 127.0.0.1 " + client.getLocalPort() + " " + client.getPort() + "\r\n";
            assertThat(text(client, expected.length())).isEqualTo(expected);
        }
    }

    @Test
    void passesOnWhatTheProxyInFrontSaidAndAddsWhatItKnows() throws Exception {
        believe("127.0.0.0/8");
        door.upstream("a", named("a"), new ProxyProtocolOutSpec(ProxyVersion.V2, true, true))
                .route("a", "shop.example", List.of())
                .open();
        byte[] ssl = {1, 0, 0, 0, 0};
        ByteBuf header = new ProxyHeaderWriter(ProxyVersion.V2)
                .add(Tlvs.SSL, ssl)
                .write(
                        new InetSocketAddress("192.0.2.7", 4000),
                        new InetSocketAddress("198.51.100.1", 443),
                        true,
                        ByteBufAllocator.DEFAULT);
        byte[] hello = Hellos.jdk("shop.example", "h2");
        byte[] first = ByteBufUtil.getBytes(header);
        header.release();
        String id;
        try (Socket client = door.connect()) {
            client.getOutputStream().write(Hellos.join(first, hello));
            client.shutdownOutput();
            byte[] got = client.getInputStream().readAllBytes();
            ByteBuf in = Unpooled.wrappedBuffer(got, 2, got.length - 2);
            ProxyHeader told = new ProxyHeaderReader(4096).read(in);
            assertThat(told.source()).isEqualTo(new InetSocketAddress("192.0.2.7", 4000));
            assertThat(told.destination()).isEqualTo(new InetSocketAddress("198.51.100.1", 443));
            assertThat(told.tlvs().value(Tlvs.SSL)).isEqualTo(ssl);
            assertThat(told.tlvs().authority()).isEqualTo("shop.example");
            assertThat(told.tlvs().value(Tlvs.ALPN)).isEqualTo("h2".getBytes(US_ASCII));
            assertThat(told.tlvs().value(Tlvs.UNIQUE_ID)).hasSize(32);
            assertThat(told.tlvs().value(Tlvs.CRC32C)).hasSize(4);
            assertThat(ByteBufUtil.getBytes(in)).isEqualTo(hello);
            id = new String(told.tlvs().value(Tlvs.UNIQUE_ID), US_ASCII);
        }
        until(() -> door.ended() == 1);
        assertThat(door.log()).contains("\"uniqueId\":\"" + id + "\"");
    }

    // ---- routes ----

    @Test
    void routesByNameAndPassesTheHelloOnAsItCame() throws Exception {
        door.upstream("a", named("a")).upstream("b", named("b")).upstream("c", named("c"));
        door.route("a", "a.example", List.of())
                .route("b", "*.example", List.of())
                .fallback("c");
        door.open();
        assertLeadsTo("a", Hellos.jdk("a.example"));
        assertLeadsTo("b", Hellos.jdk("x.a.example"));
        assertLeadsTo("b", Hellos.inRecords(Hellos.message(Hellos.sni("y.example")), 3));
        assertLeadsTo("c", Hellos.jdk("other.test"));
        assertThat(door.count(Metric.LISTENER_GREETINGS, "routed")).isEqualTo(4);
    }

    @Test
    void routesAHelloThatIsCutAnywhere() throws Exception {
        door.upstream("a", named("a")).route("a", "a.example", List.of()).open();
        byte[] hello = Hellos.inRecords(Hellos.message(Hellos.sni("a.example"), Hellos.alpn("h2")), 40);
        for (int cut = 1; cut < hello.length; cut++) {
            try (Socket client = door.connect()) {
                client.setTcpNoDelay(true);
                client.getOutputStream().write(hello, 0, cut);
                client.getOutputStream().flush();
                client.getOutputStream().write(hello, cut, hello.length - cut);
                client.shutdownOutput();
                assertThat(client.getInputStream().readAllBytes())
                        .isEqualTo(Hellos.join("a:".getBytes(US_ASCII), hello));
            }
        }
    }

    @Test
    void passesOnAHelloOfManyPackets() throws Exception {
        door.upstream("a", named("a")).route("a", "big.example", List.of()).open();
        assertLeadsTo(
                "a",
                Hellos.inRecords(
                        Hellos.message(Hellos.extension(21, new byte[60_000]), Hellos.sni("big.example")), 16384));
    }

    @Test
    void closesWhatNoRouteTakes() throws Exception {
        door.upstream("a", named("a")).route("a", "a.example", List.of("h2")).open();
        assertClosed(Hellos.jdk("a.example", "http/1.1"));
        assertClosed("GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
        assertClosed(new byte[] {22, 3, 1, 0, 0});
        assertThat(door.count(Metric.LISTENER_GREETINGS, "no-route")).isEqualTo(1);
        assertThat(door.count(Metric.LISTENER_GREETINGS, "not-tls")).isEqualTo(1);
        assertThat(door.count(Metric.LISTENER_GREETINGS, "malformed")).isEqualTo(1);
    }

    @Test
    void routesWhatIsNoTlsWhenTold() throws Exception {
        door.hello = new ClientHelloSpec(Duration.ofSeconds(20), 1 << 16, ClientHelloSpec.NotTls.ROUTE);
        door.upstream("a", named("a")).upstream("b", named("b"));
        door.route("a", "a.example", List.of()).fallback("b").open();
        assertLeadsTo("b", "SSH-2.0-x\r\n".getBytes(US_ASCII));
    }

    @Test
    void doesNotWaitLongForAHello() throws Exception {
        door.hello = new ClientHelloSpec(Duration.ofMillis(50), 1 << 16, ClientHelloSpec.NotTls.CLOSE);
        door.upstream("a", named("a")).route("a", "a.example", List.of()).open();
        try (Socket client = door.connect()) {
            client.getOutputStream().write(Hellos.jdk("a.example"), 0, 5);
            assertReset(client);
        } catch (SocketException _) {
            // On a busy machine the write is the late one.
        }
        until(() -> door.count(Metric.LISTENER_GREETINGS, "timeout") == 1);
    }

    @Test
    void routesByClientAlone() throws Exception {
        believe("127.0.0.2/32");
        door.proxied = new ProxyProtocolInSpec(
                List.of(Door.cidr("127.0.0.2/32")), Duration.ofSeconds(20), ProxyProtocolInSpec.Others.PLAIN, 4096);
        door.upstream("a", named("a")).upstream("b", named("b"));
        door.route("a", null, List.of(), "192.0.2.0/24").fallback("b").open();
        assertLeadsTo("b", "hi".getBytes(US_ASCII));
        try (Socket client = door.connect("127.0.0.2")) {
            client.getOutputStream().write(Hellos.join(LINE, "hi".getBytes(US_ASCII)));
            assertThat(text(client, 4)).isEqualTo("a:hi");
        }
    }

    // ---- protection ----

    @Test
    void refusesWhoIsDeniedAndWhoIsNotAllowed() throws Exception {
        door.clients = clients(List.of("127.0.0.0/29"), List.of("127.0.0.3/32"), new ClientLimits(0, 0, 0));
        door.upstream("a", named("a")).fallback("a").open();
        assertIn("127.0.0.2");
        for (String from : List.of("127.0.0.3", "127.0.0.9")) {
            try (Socket client = door.connect(from)) {
                assertReset(client);
            }
        }
        assertThat(door.count(Metric.LISTENER_REFUSALS, "denied")).isEqualTo(2);
    }

    @Test
    void refusesTheClientThatTheProxyNames() throws Exception {
        believe("127.0.0.0/8");
        door.clients = clients(List.of(), List.of("192.0.2.0/24"), new ClientLimits(0, 0, 0));
        door.upstream("a", named("a")).fallback("a").open();
        try (Socket client = door.connect()) {
            client.getOutputStream().write(LINE);
            assertReset(client);
        }
        try (Socket client = door.connect()) {
            // A proxy that speaks for itself is no client.
            ByteBuf local = ProxyHeaderWriter.local(ProxyVersion.V2, ByteBufAllocator.DEFAULT);
            client.getOutputStream().write(ByteBufUtil.getBytes(local));
            local.release();
            client.getOutputStream().write("hi".getBytes(US_ASCII));
            assertThat(text(client, 4)).isEqualTo("a:hi");
        }
        assertThat(door.count(Metric.LISTENER_REFUSALS, "denied")).isEqualTo(1);
        assertThat(door.count(Metric.LISTENER_PROXY_HEADERS, "local")).isEqualTo(1);
    }

    @Test
    void boundsTheConnectionsOfOneAddressOverAllLoops() throws Exception {
        door.clients = clients(List.of(), List.of(), new ClientLimits(5, 0, 0));
        door.upstream("a", named("a")).fallback("a").open();
        List<Socket> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            knock("127.0.0.2").ifPresent(all::add);
        }
        assertIn("127.0.0.3");
        until(() -> door.count(Metric.LISTENER_REFUSALS, "address-connections") == 35);
        until(() -> door.connections() == 5);
        for (Socket each : all) {
            each.close();
        }
        until(() -> door.connections() == 0);
        assertIn("127.0.0.2");
    }

    @Test
    void boundsTheRateOfOnePrefix() throws Exception {
        door.clients = new ClientsSpec(
                List.of(), List.of(), new ClientLimits(0, 0, 0), new ClientLimits(0, 1, 3), 24, 64, 1024);
        door.upstream("a", named("a")).fallback("a").open();
        for (int i = 1; i <= 20; i++) {
            Optional<Socket> client = knock("127.0.7." + i);
            if (client.isPresent()) {
                client.get().close();
            }
        }
        assertIn("127.0.8.1");
        // Seventeen, and fewer by what the time it took brings in.
        until(() -> door.count(Metric.LISTENER_REFUSALS, "prefix-rate") >= 5);
        assertThat(door.count(Metric.LISTENER_REFUSALS, "prefix-rate")).isLessThanOrEqualTo(17);
    }

    @Test
    void keepsCountingWhenTheBoundsChange() throws Exception {
        door.clients = clients(List.of(), List.of(), new ClientLimits(1, 0, 0));
        door.upstream("a", named("a")).fallback("a").open();
        try (Socket held = door.connect("127.0.0.2")) {
            assertThat(text(held, 2)).isEqualTo("a:");
            door.clients = clients(List.of(), List.of(), new ClientLimits(2, 0, 0));
            door.update();
            try (Socket second = door.connect("127.0.0.2")) {
                assertThat(text(second, 2)).isEqualTo("a:");
                try (Socket third = door.connect("127.0.0.2")) {
                    assertReset(third);
                }
            }
        }
    }

    private void believe(String block) throws IOException {
        door.proxied = new ProxyProtocolInSpec(
                List.of(Door.cidr(block)), Duration.ofSeconds(20), ProxyProtocolInSpec.Others.REFUSE, 4096);
    }

    private static ClientsSpec clients(List<String> allow, List<String> deny, ClientLimits perAddress)
            throws IOException {
        List<Cidr> allowed = new ArrayList<>();
        List<Cidr> denied = new ArrayList<>();
        for (String each : allow) {
            allowed.add(Door.cidr(each));
        }
        for (String each : deny) {
            denied.add(Door.cidr(each));
        }
        return new ClientsSpec(allowed, denied, perAddress, new ClientLimits(0, 0, 0), 24, 64, 1024);
    }

    /// Says its name, and then what it hears.
    private Peer named(String name) throws IOException {
        Peer peer = new Peer(socket -> {
            socket.getOutputStream().write((name + ":").getBytes(US_ASCII));
            socket.getInputStream().transferTo(socket.getOutputStream());
            socket.shutdownOutput();
        });
        peers.add(peer);
        return peer;
    }

    private void assertLeadsTo(String name, byte[] sent) throws IOException {
        try (Socket client = door.connect()) {
            client.getOutputStream().write(sent);
            client.shutdownOutput();
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            expected.writeBytes((name + ":").getBytes(US_ASCII));
            expected.writeBytes(sent);
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(expected.toByteArray());
        }
    }

    private void assertIn(String from) throws IOException {
        try (Socket client = door.connect(from)) {
            assertThat(text(client, 2)).isEqualTo("a:");
        }
    }

    private void assertClosed(byte[] sent) throws IOException {
        try (Socket client = door.connect()) {
            client.getOutputStream().write(sent);
            assertReset(client);
        }
    }

    /// Nothing when it was turned away before its connect returned.
    private Optional<Socket> knock(String from) throws IOException {
        try {
            return Optional.of(door.connect(from));
        } catch (ConnectException nobodyListens) {
            throw nobodyListens;
        } catch (SocketException reset) {
            return Optional.empty();
        }
    }

    private static void assertReset(Socket client) {
        assertThatThrownBy(() -> {
                    InputStream in = client.getInputStream();
                    assertThat(in.read()).as("a byte").isNegative();
                    throw new AssertionError("an end in good order");
                })
                .isInstanceOf(SocketException.class);
    }

    private static String text(Socket socket, int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), US_ASCII);
    }

    private static void until(BooleanSupplier holds) {
        long giveUpNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - giveUpNanos).as("time left").isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }
}
