package dev.fairlead.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The PROXY protocol with HAProxy in front and behind, nginx behind, and curl.
class ProxyProtocolTest {
    @TempDir
    private static Path folder;

    private static ScriptedBackend echo;
    private static Server haproxy;
    private static Server nginx;
    private static Fairlead fairlead;
    private static Path log;
    private static int http;
    private static int toHaproxy;
    private static int toNginx;
    private static int frontV1;
    private static int frontV2;
    private static int frontChain;

    @BeforeAll
    static void start() throws IOException {
        echo = ScriptedBackend.answering(request -> ScriptedBackend.ok(request.first("x-forwarded-for")
                        .orElse("none") + " " + request.first("forwarded").orElse("none")));
        http = Repository.freePort();
        toHaproxy = Repository.freePort();
        toNginx = Repository.freePort();
        frontV1 = Repository.freePort();
        frontV2 = Repository.freePort();
        frontChain = Repository.freePort();
        int behindHaproxy = Repository.freePort();
        int behindNginx = Repository.freePort();
        int chain = Repository.freePort();
        haproxy = Server.haproxy(
                """
                global
                    stats timeout 30s
                defaults
                    timeout connect 5s
                    timeout client 20s
                    timeout server 20s
                frontend v1
                    mode tcp
                    bind 127.0.0.1:%1$d
                    default_backend v1
                backend v1
                    mode tcp
                    server fairlead 127.0.0.1:%4$d send-proxy
                frontend v2
                    mode tcp
                    bind 127.0.0.1:%2$d
                    default_backend v2
                backend v2
                    mode tcp
                    server fairlead 127.0.0.1:%4$d send-proxy-v2 proxy-v2-options crc32c,unique-id check
                frontend chain
                    mode tcp
                    bind 127.0.0.1:%3$d
                    unique-id-format %%[uuid]
                    default_backend chain
                backend chain
                    mode tcp
                    server fairlead 127.0.0.1:%5$d send-proxy-v2 proxy-v2-options crc32c,unique-id
                frontend behind
                    mode http
                    bind 127.0.0.1:%6$d accept-proxy
                    http-request return status 200 content-type text/plain lf-string "%%[src] id=%%[fc_pp_unique_id]"
                """.formatted(frontV1, frontV2, frontChain, http, chain, behindHaproxy), frontV1, frontV2, frontChain);
        nginx = Server.nginx(
                "server { listen 127.0.0.1:%d proxy_protocol; return 200 \"$proxy_protocol_addr $proxy_protocol_server_port\"; }"
                        .formatted(behindNginx),
                behindNginx);
        log = folder.resolve("access.log");
        fairlead = Fairlead.start(
                """
                access-log: {path: %s}
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%d"
                    upstream: echo
                    proxy-protocol: {from: 127.0.0.0/29, others: plain}
                  chain:
                    protocol: tcp
                    address: "127.0.0.1:%d"
                    upstream: haproxy
                    proxy-protocol: {from: 127.0.0.1}
                  to-haproxy: {protocol: tcp, address: "127.0.0.1:%d", upstream: haproxy}
                  to-nginx: {protocol: tcp, address: "127.0.0.1:%d", upstream: nginx}
                upstreams:
                  echo: {endpoints: ["%s"]}
                  haproxy:
                    endpoints: ["127.0.0.1:%d"]
                    probe: {protocol: http, path: /, interval: 500ms, rise: 1}
                    proxy-protocol: {version: v2, unique-id: true, crc32c: true}
                  nginx:
                    endpoints: ["127.0.0.1:%d"]
                    probe: {protocol: http, path: /, interval: 500ms, rise: 1}
                    proxy-protocol: v1
                """.formatted(log, http, chain, toHaproxy, toNginx, echo.address(), behindHaproxy, behindNginx));
        // While the program warms up on a busy machine an answer may be late, and the endpoint down for it.
        await().until(() -> fairlead.metric("fairlead_endpoint_probes_total", "haproxy", "good") > 2);
        await().until(() -> fairlead.metric("fairlead_endpoint_probes_total", "nginx", "good") > 2);
    }

    @AfterAll
    static void stop() throws Exception {
        fairlead.close();
        haproxy.close();
        nginx.close();
        echo.close();
    }

    @Test
    void haproxyInFrontTellsTheClientToLayer7() throws Exception {
        assertThat(curl("127.0.0.17", frontV1))
                .isEqualTo("127.0.0.17 for=127.0.0.17;host=\"127.0.0.1:" + frontV1 + "\";proto=http");
        assertThat(curl("127.0.0.18", frontV2)).startsWith("127.0.0.18 for=127.0.0.18;");
        await().untilAsserted(() -> assertThat(Files.readString(log))
                .contains("\"client\":\"127.0.0.17\"")
                .contains("\"client\":\"127.0.0.18\""));
        assertThat(fairlead.metric("fairlead_listener_proxy_headers_total", "web", "v1"))
                .isPositive();
        assertThat(fairlead.metric("fairlead_listener_proxy_headers_total", "web", "v2"))
                .isPositive();
    }

    @Test
    void haproxysChecksSpeakForThemselves() {
        await().until(() -> fairlead.metric("fairlead_listener_proxy_headers_total", "web", "local") > 1);
    }

    @Test
    void curlSendsAHeaderOfItsOwn() throws Exception {
        assertThat(curl("127.0.0.5", http, "--haproxy-protocol")).startsWith("127.0.0.5 ");
    }

    @Test
    void whoIsNotBelievedIsNoProxy() throws Exception {
        assertThat(curl("127.0.0.40", http)).startsWith("127.0.0.40 ");
        Child.Result forged = Curl.run(
                "--interface", "127.0.0.40", "--haproxy-protocol", "-o", "/dev/null", "-w", "%{http_code}", url(http));
        assertThat(forged.text()).isEqualTo("400");
    }

    @Test
    void haproxyBehindIsToldTheClientAndANumber() throws Exception {
        assertThat(curl("127.0.0.19", toHaproxy)).matches("127\\.0\\.0\\.19 id=[0-9a-f]{32}");
    }

    @Test
    void aNumberThatCameFromTheFrontGoesThrough() throws Exception {
        assertThat(curl("127.0.0.20", frontChain))
                .matches("127\\.0\\.0\\.20 id=[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    }

    @Test
    void nginxBehindIsToldTheClient() throws Exception {
        assertThat(curl("127.0.0.21", toNginx)).isEqualTo("127.0.0.21 " + toNginx);
    }

    /// Without a header none would be.
    @Test
    void probesOfSuchEndpointsAreAnswered() {
        double haproxyBefore = fairlead.metric("fairlead_endpoint_probes_total", "haproxy", "good");
        double nginxBefore = fairlead.metric("fairlead_endpoint_probes_total", "nginx", "good");
        await().until(() -> fairlead.metric("fairlead_endpoint_probes_total", "haproxy", "good") > haproxyBefore);
        await().until(() -> fairlead.metric("fairlead_endpoint_probes_total", "nginx", "good") > nginxBefore);
    }

    @Test
    void aMalformedHeaderIsTheEndOfTheConnection() throws Exception {
        double before = fairlead.metric("fairlead_listener_proxy_headers_total", "malformed");
        for (String first : new String[] {"GET / HTTP/1.1\r\n\r\n", "PROXY TCP4 1.2.3.4\r\n", "\r\n\r\n\0\r\nQUIX\n"}) {
            try (Socket socket = new Socket("127.0.0.1", http, InetAddress.getByName("127.0.0.2"), 0)) {
                socket.setSoTimeout(10_000);
                socket.getOutputStream().write(first.getBytes(ISO_8859_1));
                int heard;
                try {
                    heard = socket.getInputStream().read();
                } catch (SocketException reset) {
                    heard = -1;
                }
                assertThat(heard).isNegative();
            }
        }
        assertThat(fairlead.metric("fairlead_listener_proxy_headers_total", "malformed"))
                .isEqualTo(before + 3);
    }

    private static String curl(String from, int port, String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of("--interface", from, url(port)));
        Child.Result result = Curl.run(all.toArray(String[]::new));
        assertThat(result.status()).as(result.errors()).isZero();
        return result.text();
    }

    private static String url(int port) {
        return "http://127.0.0.1:" + port + "/";
    }
}
