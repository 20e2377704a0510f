package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Datagrams through the real program: a real DNS server with real questions, and a client that stays where it was
/// when the program is started anew.
class UdpPlaneTest {
    private static final String NAMED = """
            listeners:
              names: {protocol: udp, address: "127.0.0.1:%d", upstream: names}
            upstreams:
              names: {endpoints: ["%s", "%s", "%s"]}
            """;

    /// Answers every datagram with its own address.
    private static final class NameServer implements AutoCloseable {
        private final DatagramSocket socket;

        NameServer() throws IOException {
            socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Thread.ofPlatform().daemon().start(this::serve);
        }

        private void serve() {
            try {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
                    socket.receive(packet);
                    packet.setData(address().getBytes(US_ASCII));
                    socket.send(packet);
                }
            } catch (IOException closed) {
                // The test is over, or has killed it.
            }
        }

        String address() {
            return "127.0.0.1:" + socket.getLocalPort();
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    private static String ask(DatagramSocket client, int port) {
        try {
            client.setSoTimeout(60_000);
            client.send(new DatagramPacket(
                    new byte[] {'?'}, 1, new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
            DatagramPacket answer = new DatagramPacket(new byte[1500], 1500);
            client.receive(answer);
            return new String(answer.getData(), 0, answer.getLength(), US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void answersRealQuestions() throws IOException, InterruptedException {
        int port = Dnsmasq.freePort();
        try (Dnsmasq one = Dnsmasq.start(new String[0]);
                Dnsmasq two = Dnsmasq.start(new String[0])) {
            one.hosts("192.0.2.7 web.example");
            two.hosts("192.0.2.7 web.example");
            try (Fairlead fairlead = Fairlead.start("""
                    listeners:
                      dns: {protocol: udp, address: "127.0.0.1:%d", upstream: dns, responses: 1}
                    upstreams:
                      dns: {endpoints: ["%s", "%s"]}
                    """.formatted(port, one.address(), two.address()))) {
                await().until(() -> dig(fairlead, port).equals("192.0.2.7"));
                for (int i = 0; i < 10; i++) {
                    assertThat(dig(fairlead, port)).isEqualTo("192.0.2.7");
                }

                assertThat(fairlead.metric("fairlead_flows_total", "outcome=\"answered\""))
                        .isGreaterThanOrEqualTo(11);
                assertThat(fairlead.metric("fairlead_udp_flows_open")).isZero();
                assertThat(fairlead.command(0, "show")).contains("udp");
            }
        }
    }

    private static String dig(Fairlead fairlead, int port) throws IOException, InterruptedException {
        return Child.run(fairlead.home(), "dig", "+short", "@127.0.0.1", "-p", "" + port, "web.example")
                .text()
                .strip();
    }

    @Test
    void aRestartMovesNoClient() throws IOException, InterruptedException {
        int port = Dnsmasq.freePort();
        List<DatagramSocket> clients = new ArrayList<>();
        try (NameServer one = new NameServer();
                NameServer two = new NameServer();
                NameServer three = new NameServer()) {
            String yaml = NAMED.formatted(port, one.address(), two.address(), three.address());
            for (int i = 0; i < 60; i++) {
                clients.add(new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
            }
            List<String> before;
            try (Fairlead fairlead = Fairlead.start(yaml)) {
                before = clients.stream().map(client -> ask(client, port)).toList();
                assertThat(fairlead.metric("fairlead_udp_flows_open")).isEqualTo(60);
            }
            try (Fairlead fairlead = Fairlead.start(yaml)) {
                assertThat(clients.stream().map(client -> ask(client, port)).toList())
                        .isEqualTo(before);
                assertThat(fairlead.admin("/config")).contains("source-address-and-port");
            }
            assertThat(Set.copyOf(before)).hasSize(3);
        } finally {
            clients.forEach(DatagramSocket::close);
        }
    }

    @Test
    void aDeadServerIsLeft() throws IOException, InterruptedException {
        int port = Dnsmasq.freePort();
        try (NameServer one = new NameServer();
                NameServer two = new NameServer();
                NameServer three = new NameServer();
                DatagramSocket client = new DatagramSocket();
                Fairlead fairlead =
                        Fairlead.start(NAMED.formatted(port, one.address(), two.address(), three.address()))) {
            String its = ask(client, port);
            List.of(one, two, three).stream()
                    .filter(server -> server.address().equals(its))
                    .forEach(NameServer::close);
            // The first few may still find the socket there: its thread is only just leaving it.
            await().atMost(Duration.ofMinutes(1)).until(() -> {
                client.send(new DatagramPacket(
                        new byte[] {'?'}, 1, new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
                return fairlead.metric("fairlead_flows_total", "outcome=\"unreachable\"") >= 1;
            });

            assertThat(ask(client, port)).isNotEqualTo(its);
        }
    }
}
