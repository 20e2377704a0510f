package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Floods: of one client, of one network, and of more connections than there are descriptors.
class ProtectionTest {
    @Test
    void oneClientThatFloodsKeepsNobodyElseOut() throws Exception {
        try (ScriptedBackend echo = ScriptedBackend.playing(connection -> {
            connection.send("hello");
            connection.awaitEnd();
        })) {
            int port = Repository.freePort();
            List<Socket> flood = new ArrayList<>();
            try (Fairlead fairlead = Fairlead.start("""
                    listeners:
                      raw:
                        protocol: tcp
                        address: "127.0.0.1:%d"
                        upstream: echo
                        max-connections: 60
                        clients: {per-address: {connections: 10}, per-prefix: {connections: 25}, deny: 127.0.9.0/24}
                    upstreams:
                      echo: {endpoints: ["%s"]}
                    """.formatted(port, echo.address()))) {
                for (int i = 0; i < 200; i++) {
                    flood(flood, "127.0.5." + (1 + i % 4), port);
                }
                for (int i = 0; i < 20; i++) {
                    flood(flood, "127.0.9.1", port);
                }
                assertGreeted("127.0.6.1", port);
                await().until(() -> fairlead.metric("fairlead_listener_refusals_total", "raw", "prefix-connections")
                                + fairlead.metric("fairlead_listener_refusals_total", "raw", "address-connections")
                        == 175);
                await().until(() -> fairlead.metric("fairlead_listener_refusals_total", "raw", "denied") == 20);
                assertThat(fairlead.metric("fairlead_listener_connections_open", "raw"))
                        .isBetween(25.0, 26.0);
                for (Socket each : flood) {
                    each.close();
                }
            }
        }
    }

    /// More clients than the process has descriptors for: it pauses, keeps answering on the admin API, and serves
    /// those who waited once there is room.
    @Test
    void outOfDescriptorsItPausesAndTheAdminStillAnswers() throws Exception {
        try (NginxBackend nginx = NginxBackend.start("one")) {
            int port = Repository.freePort();
            int web = Repository.freePort();
            try (Fairlead fairlead = Fairlead.startWith(
                    List.of("prlimit", "--nofile=400:400"), """
                    listeners:
                      raw: {protocol: tcp, address: "127.0.0.1:%d", upstream: nginx}
                      web: {protocol: http, address: "127.0.0.1:%d", upstream: nginx, timeouts: {head: 20s}}
                    upstreams:
                      nginx: {endpoints: ["%s"]}
                    """.formatted(port, web, nginx.address()))) {
                List<Socket> flood = new ArrayList<>();
                for (int i = 0; i < 500; i++) {
                    flood.add(connect("127.0.0.1", web));
                }
                await().until(() -> fairlead.metric("fairlead_listener_accept_pauses_total", "web", "descriptors") > 2);
                long cpuBefore = cpuMillis(fairlead);
                for (int i = 0; i < 20; i++) {
                    assertThat(fairlead.admin("/readyz")).isNotEmpty();
                }
                double pauses = fairlead.metric("fairlead_listener_accept_pauses_total", "web", "descriptors");
                await().until(() ->
                        fairlead.metric("fairlead_listener_accept_pauses_total", "web", "descriptors") > pauses + 5);
                // Two loops, ten pauses a second each: a loop without a pause would have taken all the time there is.
                assertThat(cpuMillis(fairlead) - cpuBefore).isLessThan(4000);
                for (Socket each : flood) {
                    each.close();
                }
                Child.Result after =
                        Curl.run("--retry", "20", "--retry-all-errors", "http://127.0.0.1:" + web + "/name");
                assertThat(after.text()).isEqualTo("one");
            }
        }
    }

    /// Neither Layer 7 nor Layer 4 opens a connection to an endpoint with one of the last descriptors; probes do.
    @Test
    void connectionsToEndpointsLeaveTheReserveToo() throws Exception {
        try (NginxBackend nginx = NginxBackend.start("one")) {
            int port = Repository.freePort();
            int web = Repository.freePort();
            try (Fairlead fairlead = Fairlead.startWith(
                    List.of("prlimit", "--nofile=400:400"), """
                    listeners:
                      raw:
                        protocol: tcp
                        address: "127.0.0.1:%d"
                        client-hello: {timeout: 1m, not-tls: route}
                        routes: [{match: {sni: a.example}, upstream: nginx}]
                        upstream: nginx
                      web: {protocol: http, address: "127.0.0.1:%d", upstream: nginx, timeouts: {head: 1m}}
                    upstreams:
                      nginx: {endpoints: ["%s"], probe: {protocol: tcp, interval: 100ms, timeout: 1s}}
                    """.formatted(port, web, nginx.address()))) {
                List<Socket> flood = new ArrayList<>();
                try (Wire early = Wire.to(web);
                        Wire raw = Wire.to(port)) {
                    for (int i = 0; i < 500; i++) {
                        flood.add(connect("127.0.0.1", web));
                    }
                    await().until(() ->
                            fairlead.metric("fairlead_listener_accept_pauses_total", "web", "descriptors") > 2);

                    early.send("GET /name HTTP/1.1\r\nHost: a\r\n\r\n");
                    assertThat(early.response().status()).isEqualTo(503);
                    raw.send("no TLS, and so routed\n");
                    await().until(() -> fairlead.metric("fairlead_flows_total", "raw", "\"refused\"") == 1);

                    double probes = fairlead.metric("fairlead_endpoint_probes_total", "result=\"good\"");
                    await().until(() ->
                            fairlead.metric("fairlead_endpoint_probes_total", "result=\"good\"") > probes + 3);
                    assertThat(fairlead.metric("fairlead_endpoint_connect_failures_total"))
                            .isZero();
                } finally {
                    for (Socket each : flood) {
                        each.close();
                    }
                }
            }
        }
    }

    private static long cpuMillis(Fairlead fairlead) {
        return fairlead.cpu().toMillis();
    }

    private static Socket connect(String from, int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.getByName(from), 0);
    }

    /// Who is turned away may be so before its connect returns.
    private static void flood(List<Socket> all, String from, int port) throws IOException {
        try {
            all.add(connect(from, port));
        } catch (ConnectException nobodyListens) {
            throw nobodyListens;
        } catch (SocketException reset) {
            // It was turned away.
        }
    }

    private static void assertGreeted(String from, int port) throws IOException {
        try (Socket socket = connect(from, port)) {
            socket.setSoTimeout(10_000);
            assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
        }
    }
}
