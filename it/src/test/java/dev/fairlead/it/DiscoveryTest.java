package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Endpoints come and go with what a real DNS server says, and nobody who asks for a page notices.
class DiscoveryTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private static final int PORT = Repository.freePort();

    private Dnsmasq dns;
    private NginxBackend one;
    private NginxBackend two;

    @BeforeEach
    void start() throws IOException {
        one = NginxBackend.start("one");
        two = NginxBackend.start("two");
        dns = Dnsmasq.start(
                "_http._tcp.app.example,one.example," + one.port() + ",0,5",
                "_http._tcp.app.example,two.example," + two.port() + ",0,5");
    }

    @AfterEach
    void stop() {
        dns.close();
        one.close();
        two.close();
    }

    private Fairlead fairlead(String upstream) throws IOException {
        return Fairlead.start("""
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                upstreams:
                  app: %s
                resolver: {servers: ["%s"], timeout: 500ms, ttl-min: 100ms, retry: 100ms, keep: 1s}
                """.formatted(Repository.freePort(), upstream, dns.address()));
    }

    private static void awaitEndpoints(Fairlead fairlead, int count) {
        await().atMost(SOON).until(() -> fairlead.metric("fairlead_discovery_endpoints") == count);
    }

    @Test
    void followsNamesThatAppearChangeAndVanishWithoutAFailure() throws Exception {
        dns.hosts("127.0.0.1 one.example");
        try (Fairlead fairlead = fairlead("{discover: {dns-srv: _http._tcp.app.example}}")) {
            fairlead.awaitEndpoint(one.address(), true);
            Load load = Load.on(fairlead.port("web"), 4);
            try (load) {
                await().until(() -> load.answered() > 200);
                dns.hosts("127.0.0.1 one.example", "127.0.0.1 two.example");
                awaitEndpoints(fairlead, 2);
                fairlead.awaitEndpoint(two.address(), true);
                long seen = load.answered();
                await().until(() -> load.answered() > seen + 200);
                dns.hosts("127.0.0.1 one.example", "127.0.0.9 two.example");
                await().atMost(SOON).until(() -> !fairlead.admin("/upstreams").contains(two.address()));
                dns.hosts("127.0.0.1 one.example", "127.0.0.1 two.example");
                fairlead.awaitEndpoint(two.address(), true);
                dns.stop();
                await().atMost(SOON)
                        .until(() -> fairlead.metric("fairlead_discovery_lookups_total", "result=\"failed\"") > 1);
                long without = load.answered();
                await().until(() -> load.answered() > without + 200);
                assertThat(fairlead.metric("fairlead_discovery_endpoints")).isEqualTo(2);
            }

            assertThat(load.failures()).isEmpty();
            assertThat(load.refused()).isZero();
            assertThat(fairlead.metric("fairlead_endpoint_picks_total", two.address()))
                    .isPositive();
            assertThat(fairlead.log().split("discovery failed", -1))
                    .as("told once, not at every try")
                    .hasSizeBetween(2, 4);
        }
    }

    @Test
    void asksEndpointsByTheNameThatTheyWereFoundBy() throws Exception {
        dns.hosts("127.0.0.1 one.example");
        try (ScriptedBackend backend = ScriptedBackend.answering(_ -> ScriptedBackend.ok("well"));
                Fairlead fairlead = Fairlead.start("""
                        listeners:
                          web:
                            protocol: http
                            address: "127.0.0.1:%1$d"
                            routes:
                              - {match: {path: /name}, upstream: name, rewrite: {endpoint-host: true}}
                              - {match: {path: /ip}, upstream: ip, rewrite: {endpoint-host: true}}
                              - {match: {path: /srv}, upstream: srv, rewrite: {endpoint-host: true}}
                        upstreams:
                          name: {endpoints: ["one.example:%2$d"]}
                          ip: {endpoints: ["127.0.0.1:%2$d"]}
                          srv: {discover: {dns-srv: _http._tcp.app.example}}
                        resolver: {servers: ["%3$s"], timeout: 500ms, ttl-min: 100ms, retry: 100ms, keep: 1s}
                        """.formatted(PORT, backend.port(), dns.address()))) {
            await().atMost(SOON)
                    .until(() -> fairlead.metric("fairlead_discovery_endpoints", "dns-srv") == 1
                            && fairlead.metric("fairlead_discovery_endpoints", "one.example") == 1);
            try (Wire wire = Wire.to(PORT)) {
                wire.get("/name");
                wire.get("/ip");
            }
            assertThat(backend.requests().stream().map(each -> each.all("Host")).toList())
                    .containsExactly(
                            java.util.List.of("one.example:" + backend.port()), java.util.List.of(backend.address()));
            assertThat(fairlead.command(0, "explain", "http://127.0.0.1:" + PORT + "/srv"))
                    .contains("Host: one.example:" + one.port());
        }
    }

    @Test
    void startsWithANameThatDoesNotResolveAndUsesItOnceItDoes() throws Exception {
        try (Fairlead fairlead = fairlead("{endpoints: [\"late.example:" + one.port() + "\"]}")) {
            try (Wire wire = Wire.to(fairlead.port("web"))) {
                Message refused = wire.get("/name");
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.all("Proxy-Status").toString()).contains("destination_unavailable");
            }
            dns.hosts("127.0.0.1 late.example");
            fairlead.awaitEndpoint(one.address(), true);

            try (Wire wire = Wire.to(fairlead.port("web"))) {
                assertThat(wire.get("/name").text()).isEqualTo("one");
            }
        }
    }

    @Test
    void endpointsOfANameThatDnsDeniesGo() throws Exception {
        dns.hosts("127.0.0.1 one.example");
        String app = "{endpoints: [\"one.example:%d\", \"%s\"]}".formatted(one.port(), two.address());
        try (Fairlead fairlead = fairlead(app)) {
            fairlead.awaitEndpoint(one.address(), true);
            assertThat(fairlead.admin("/upstreams"))
                    .contains("\"from\" : \"dns one.example:" + one.port() + "\"")
                    .contains("\"from\" : \"config\"");
            dns.hosts("127.0.0.1 other.example");
            await().atMost(SOON).until(() -> fairlead.log().contains("one.example does not exist (NXDOMAIN)"));
            await().atMost(SOON).until(() -> !fairlead.admin("/upstreams").contains(one.address()));

            assertThat(fairlead.log()).contains("DNS has said for too long that the name is not there");
            try (Wire wire = Wire.to(fairlead.port("web"))) {
                assertThat(wire.get("/name").text()).isEqualTo("two");
            }
        }
    }

    @Test
    void startsWithoutADnsServerThatAnswers() throws Exception {
        dns.stop();
        try (Fairlead fairlead = fairlead("{endpoints: [\"app.example:1\", \"" + one.address() + "\"]}");
                Wire wire = Wire.to(fairlead.port("web"))) {
            assertThat(wire.get("/name").text()).isEqualTo("one");
        }
    }

    @Test
    void followsAFileWithoutAFailure() throws Exception {
        Path home = Files.createTempDirectory("fairlead-list");
        Path file = home.resolve("app.yaml");
        write(file, "[\"" + one.address() + "\"]");
        try (Fairlead fairlead = fairlead("{discover: {file: " + file + "}}")) {
            Load load = Load.on(fairlead.port("web"), 4);
            try (load) {
                await().until(() -> load.answered() > 100);
                write(file, "- " + two.address() + "\n");
                fairlead.awaitEndpoint(two.address(), true);
                await().atMost(SOON).until(() -> !fairlead.admin("/upstreams").contains(one.address()));
                Files.writeString(file, "- 127.0.0.1\n");
                await().atMost(SOON).until(() -> fairlead.log().contains(file + ":1:3: error:"));
                long seen = load.answered();
                await().until(() -> load.answered() > seen + 100);
            }

            assertThat(load.failures()).isEmpty();
            assertThat(fairlead.metric("fairlead_endpoint_up", two.address())).isEqualTo(1);
        } finally {
            NginxBackend.delete(home);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Path next = Files.writeString(file.resolveSibling("next"), text);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
