package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Certificates from a real ACME server, pebble, that looks at Fairlead's own listeners.
@Timeout(240)
class AcmeTest {
    private static final Duration LONG = Duration.ofDays(90);

    @TempDir
    private Path folder;

    private static Dnsmasq dns;
    private static NginxBackend nginx;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        dns = Dnsmasq.start(new String[0]);
        dns.hosts("127.0.0.1 app.example", "127.0.0.1 www.example", "127.0.0.1 shop.example");
        nginx = NginxBackend.start("acme");
    }

    @AfterAll
    static void stop() throws Exception {
        nginx.close();
        dns.close();
    }

    private static void until(Callable<Boolean> holds, Fairlead... nodes) {
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(250))
                    .until(holds);
        } catch (RuntimeException late) {
            throw new AssertionError(
                    "it wrote:\n"
                            + String.join(
                                    "\n----\n",
                                    Stream.of(nodes).map(Fairlead::log).toList()),
                    late);
        }
    }

    /// What curl says to a page of the name, which believes the authority only.
    private static String page(Pebble pebble, String name, int port) throws IOException, InterruptedException {
        return Curl.run(
                        "--cacert",
                        pebble.root().toString(),
                        "--resolve",
                        name + ":" + port + ":127.0.0.1",
                        "https://" + name + ":" + port + "/name")
                .text();
    }

    private static String serial(int port, String name) throws IOException, InterruptedException {
        String shown = Child.run(
                        Path.of("/"), "openssl", "s_client", "-connect", "127.0.0.1:" + port, "-servername", name)
                .text();
        Matcher pem = Pattern.compile("-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----")
                .matcher(shown);
        return pem.find() ? pem.group() : "";
    }

    private String acme(Pebble pebble, String more) {
        return """
                acme:
                  directory: %s
                  contact: ops@example.com
                  terms-agreed: true
                  folder: %s
                  ca: %s
                  retry-pause: 1s
                %s
                upstreams:
                  app: {endpoints: ["127.0.0.1:%d"]}
                """.formatted(pebble.directory(), folder.resolve("acme"), pebble.ca(), more, nginx.port());
    }

    private static String secured(int port, String names) {
        return "  web: {protocol: http, address: \"127.0.0.1:%d\", upstream: app, tls: {acme: %s}}\n"
                .formatted(port, names);
    }

    @Test
    void aNameIsProvenByTheTlsListener() throws Exception {
        int port = Repository.freePort();
        try (Pebble pebble = Pebble.start(dns, Repository.freePort(), port, LONG);
                Fairlead fairlead = Fairlead.start(
                        acme(pebble, "listeners:\n" + secured(port, "[[app.example, www.example], shop.example]")))) {
            until(() -> page(pebble, "app.example", port).contains("acme"), fairlead);
            until(() -> page(pebble, "shop.example", port).contains("acme"), fairlead);
            assertThat(page(pebble, "www.example", port)).contains("acme");
            assertThat(pebble.orders()).isEqualTo(2);
            assertThat(fairlead.metric("fairlead_acme_orders_total", "result=\"issued\""))
                    .isEqualTo(2);
            assertThat(fairlead.metric("fairlead_acme_orders_total", "result=\"failed\""))
                    .isZero();
            assertThat(fairlead.metric("fairlead_acme_proofs_total", "tls-alpn-01"))
                    .isPositive();
            assertThat(fairlead.metric("fairlead_acme_next_timestamp_seconds", "certificate=\"app.example\""))
                    .isGreaterThan(System.currentTimeMillis() / 1e3
                            + Duration.ofDays(50).toSeconds());
            assertNoSecret(fairlead);
            // A restart finds what is there, and orders nothing.
            try (Stream<Path> challenges = Files.list(folder.resolve("acme/challenges"))) {
                assertThat(challenges).isEmpty();
            }
        }
    }

    /// Everything is for its owner only, and no key is anywhere else.
    private void assertNoSecret(Fairlead fairlead) throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("acme"))) {
            for (Path each : all.toList()) {
                boolean isLock = each.getParent().endsWith("locks");
                if (!isLock) {
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                            .as(each.toString())
                            .isEqualTo(Files.isDirectory(each) ? "rwx------" : "rw-------");
                }
            }
        }
        String certificate = Files.readString(folder.resolve("acme/certificates/app.example.pem"));
        String secret = certificate.lines().toList().reversed().get(1);
        String account = Files.readString(folder.resolve("acme/account.key"))
                .lines()
                .toList()
                .get(1);
        for (String said : List.of(fairlead.log(), fairlead.admin("/metrics"), fairlead.admin("/config"))) {
            assertThat(said)
                    .doesNotContain("PRIVATE KEY")
                    .doesNotContain(secret)
                    .doesNotContain(account);
        }
    }

    @Test
    void aNameIsProvenByAPlainListenerWhateverItsRoutesSay() throws Exception {
        int plain = Repository.freePort();
        int port = Repository.freePort();
        String listeners = """
                listeners:
                  plain:
                    protocol: http
                    address: "127.0.0.1:%d"
                    routes: [{redirect: {scheme: https}}]
                """.formatted(plain);
        try (Pebble pebble = Pebble.start(dns, plain, Repository.freePort(), LONG);
                Fairlead fairlead = Fairlead.start(
                        acme(pebble, "  challenge: http-01\n" + listeners + secured(port, "app.example")))) {
            until(() -> page(pebble, "app.example", port).contains("acme"), fairlead);
            assertThat(fairlead.metric("fairlead_acme_proofs_total", "http-01")).isPositive();
            Child.Result other = Curl.run(
                    "-o",
                    "/dev/null",
                    "-w",
                    "%{http_code}",
                    "http://127.0.0.1:" + plain + "/.well-known/acme-challenge/none");
            assertThat(other.text())
                    .as("what is not in flight goes the way of all requests")
                    .isEqualTo("307");
        }
    }

    @Test
    void aCertificateIsRenewedInTime() throws Exception {
        int port = Repository.freePort();
        try (Pebble pebble = Pebble.start(dns, Repository.freePort(), port, Duration.ofSeconds(40));
                Fairlead fairlead = Fairlead.start(acme(pebble, "listeners:\n" + secured(port, "app.example")))) {
            until(() -> page(pebble, "app.example", port).contains("acme"), fairlead);
            String first = serial(port, "app.example");

            until(() -> !serial(port, "app.example").equals(first), fairlead);

            assertThat(page(pebble, "app.example", port)).contains("acme");
            assertThat(pebble.orders()).isEqualTo(2);
        }
    }

    /// Pebble looks three times at each name, here through a balancer that goes from one node to the other.
    @Test
    void ofTwoNodesOneOrdersAndBothAnswer() throws Exception {
        int one = Repository.freePort();
        int two = Repository.freePort();
        int both = Repository.freePort();
        String plain = "upstreams: {app: {endpoints: [\"127.0.0.1:%d\"]}}\n".formatted(nginx.port());
        try (Fairlead front = Fairlead.start("""
                        listeners:
                          both: {protocol: tcp, address: "127.0.0.1:%d", upstream: nodes}
                        upstreams:
                          nodes: {endpoints: ["127.0.0.1:%d", "127.0.0.1:%d"], balancer: round-robin}
                        """.formatted(both, one, two));
                Pebble pebble = Pebble.start(dns, Repository.freePort(), both, LONG);
                Fairlead first = Fairlead.start(plain);
                Fairlead second = Fairlead.start(plain)) {
            // An order takes some seconds, and so does a start: both are there before either orders.
            var other = new FutureTask<Void>(() -> {
                second.reload(acme(pebble, "listeners:\n" + secured(two, "app.example")), "done");
                return null;
            });
            Thread.ofPlatform().start(other);
            first.reload(acme(pebble, "listeners:\n" + secured(one, "app.example")), "done");
            other.get();
            until(() -> page(pebble, "app.example", one).contains("acme"), first, second);
            until(() -> page(pebble, "app.example", two).contains("acme"), first, second);

            assertThat(serial(one, "app.example")).isEqualTo(serial(two, "app.example"));
            assertThat(pebble.orders()).isEqualTo(1);
            assertThat(issued(first) + issued(second)).isEqualTo(1);
            for (Fairlead each : List.of(first, second)) {
                assertThat(each.metric("fairlead_acme_proofs_total", "tls-alpn-01"))
                        .isPositive();
            }
            assertThat(front.log()).doesNotContain("acme");
        }
    }

    private static double issued(Fairlead node) {
        return node.metric("fairlead_acme_orders_total", "result=\"issued\"");
    }

    @Test
    void aFailureIsToldAndTriedAgain() throws Exception {
        int port = Repository.freePort();
        try (Dnsmasq late = Dnsmasq.start(new String[0]);
                Pebble pebble = Pebble.start(late, Repository.freePort(), port, LONG);
                Fairlead fairlead = Fairlead.start(acme(pebble, "listeners:\n" + secured(port, "app.example")))) {
            until(() -> fairlead.metric("fairlead_acme_orders_total", "result=\"failed\"") > 0, fairlead);
            until(() -> fairlead.log().contains("no certificate: what there is stays in use"), fairlead);
            assertThat(folder.resolve("acme/pauses/app.example")).exists();
            assertThat(page(pebble, "app.example", port)).isEmpty();

            late.hosts("127.0.0.1 app.example");

            until(() -> page(pebble, "app.example", port).contains("acme"), fairlead);
            assertThat(folder.resolve("acme/pauses/app.example")).doesNotExist();
        }
    }

    @Test
    void aReloadBeginsAndNothingOfItIsLoadedBefore() throws Exception {
        int port = Repository.freePort();
        try (Pebble pebble = Pebble.start(dns, Repository.freePort(), port, LONG);
                Fairlead fairlead =
                        Fairlead.start("upstreams: {app: {endpoints: [\"127.0.0.1:%d\"]}}\n".formatted(nginx.port()))) {
            assertThat(loaded(fairlead)).doesNotContain("dev.fairlead.acme", "bouncycastle", "acme4j");

            fairlead.reload(acme(pebble, "listeners:\n" + secured(port, "app.example")), "done");

            until(() -> page(pebble, "app.example", port).contains("acme"), fairlead);
            assertThat(loaded(fairlead)).contains("dev.fairlead.acme", "bouncycastle", "acme4j");
        }
    }

    private String loaded(Fairlead fairlead) throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        return Child.run(folder, jcmd, Long.toString(fairlead.pid()), "VM.class_hierarchy")
                .text();
    }
}
