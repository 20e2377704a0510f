package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// TLS towards clients that Fairlead's makers did not write: curl and openssl.
@Timeout(120)
class TlsTest {
    @TempDir
    private static Path folder;

    private static NginxBackend nginx;
    private static Fairlead fairlead;
    private static Certificate one;
    private static Certificate two;
    private static Server server;
    private static int port;
    private static int toTls;
    private static int who;
    private static Certificate ann;
    private static int toAnother;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        nginx = NginxBackend.start("tls");
        one = Certificate.of(folder, "one.example");
        two = Certificate.of(folder, "two.example");
        port = Repository.freePort();
        ann = ann();
        who = Repository.freePort();
        int secure = Repository.freePort();
        toTls = Repository.freePort();
        toAnother = Repository.freePort();
        server = Server.nginx(
                "server { listen 127.0.0.1:%d ssl; ssl_certificate %s; ssl_certificate_key %s; ssl_protocols TLSv1.3; return 200 \"$ssl_server_name $ssl_protocol|$http_x_who\"; }\n"
                        .formatted(secure, one.file(), one.key()),
                secure);
        fairlead = Fairlead.start("""
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%d"
                    upstream: app
                    tls:
                      certificates:
                        - {certificate: %s, key: %s}
                        - {certificate: %s, key: %s}
                  who:
                    protocol: http
                    address: "127.0.0.1:%10$d"
                    upstream: secure
                    tls:
                      certificates: [{certificate: %2$s, key: %3$s}]
                      client-certificates: {mode: optional, ca: %11$s}
                    request-headers: {set: {X-Who: "{sni} {tls-version} {client-subject} {client-names}"}}
                    routes:
                      - {match: {path: /route, client-subject: ".*CN=Ann.*"}, respond: {status: 200, body: ann}}
                      - {match: {path: /route, sni: "*.example"}, respond: {status: 200, body: example}}
                      - {match: {path: /route}, respond: {status: 200, body: anybody}}
                  toTls: {protocol: http, address: "127.0.0.1:%6$d", upstream: secure}
                  toAnother: {protocol: http, address: "127.0.0.1:%7$d", upstream: another}
                upstreams:
                  app: {endpoints: ["127.0.0.1:%9$d"]}
                  secure: {endpoints: ["127.0.0.1:%8$d"], tls: {server-name: one.example, ca: %2$s}}
                  another: {endpoints: ["127.0.0.1:%8$d"], tls: {server-name: two.example, ca: %2$s}}
                """.formatted(
                        port,
                        one.file(),
                        one.key(),
                        two.file(),
                        two.key(),
                        toTls,
                        toAnother,
                        secure,
                        nginx.port(),
                        who,
                        ann.file()));
    }

    @AfterAll
    static void stop() throws Exception {
        fairlead.close();
        nginx.close();
        server.close();
    }

    /// Of a client, with marks in its names that mean something elsewhere.
    private static Certificate ann() throws IOException, InterruptedException {
        Path file = folder.resolve("ann.pem");
        Path key = folder.resolve("ann.key");
        List<String> command = new ArrayList<>(List.of("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"));
        command.addAll(List.of("-utf8", "-subj", "/CN=Ann, 50%/O=Test", "-days", "1"));
        command.addAll(List.of(
                "-addext", "subjectAltName=DNS:ann.example,email:ann@example.com,URI:spiffe://a/b%2C,IP:192.0.2.1"));
        command.addAll(List.of("-keyout", key.toString(), "-out", file.toString()));
        Child.Result made = Child.run(folder, command.toArray(String[]::new));
        assertThat(made.status()).as(made.errors()).isZero();
        return new Certificate(file, key);
    }

    private static String told(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "--cacert",
                one.file().toString(),
                "--resolve",
                "one.example:" + who + ":127.0.0.1",
                "-H",
                "X-Who: CN=root"));
        arguments.addAll(List.of(more));
        arguments.add("https://one.example:" + who + "/");
        Child.Result result = Curl.run(arguments.toArray(String[]::new));
        return result.text() + result.errors();
    }

    @Test
    void anEndpointIsToldWhoTheClientIs() throws Exception {
        assertThat(told("--cert", ann.file().toString(), "--key", ann.key().toString()))
                .isEqualTo("one.example TLSv1.3|one.example TLSv1.3 O=Test,CN=Ann\\, 50%25"
                        + " DNS:ann.example,email:ann@example.com,URI:spiffe://a/b%252C,IP:192.0.2.1");
        assertThat(told()).isEqualTo("one.example TLSv1.3|one.example TLSv1.3");
    }

    @Test
    void routesKnowTheHandshake() throws Exception {
        String[] asAnn = {"--cert", ann.file().toString(), "--key", ann.key().toString()};
        assertThat(routed("one.example", asAnn)).isEqualTo("ann");
        assertThat(routed("one.example")).isEqualTo("example");
        assertThat(routed("127.0.0.1")).as("no name is sent for an address").isEqualTo("anybody");
    }

    private static String routed(String host, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("-k", "--resolve", host + ":" + who + ":127.0.0.1"));
        arguments.addAll(List.of(more));
        arguments.add("https://" + host + ":" + who + "/route");
        Child.Result result = Curl.run(arguments.toArray(String[]::new));
        return result.text() + result.errors();
    }

    @Test
    void nginxIsBelievedByItsName() throws Exception {
        assertThat(Curl.run("http://127.0.0.1:" + toTls + "/").text()).isEqualTo("one.example TLSv1.3|");
        assertThat(Curl.run("-i", "http://127.0.0.1:" + toAnother + "/").text())
                .contains("HTTP/1.1 502", "error=tls_certificate_error");
    }

    private static Child.Result curl(Certificate trusted, String host, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(
                List.of("--cacert", trusted.file().toString(), "--resolve", host + ":" + port + ":127.0.0.1"));
        arguments.addAll(List.of(more));
        arguments.add("https://" + host + ":" + port + "/name");
        return Curl.run(arguments.toArray(String[]::new));
    }

    private static String openssl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port));
        command.addAll(List.of(arguments));
        Child.Result result = Child.run(folder, command.toArray(String[]::new));
        return result.text() + result.errors();
    }

    @Test
    void curlBelievesTheCertificateOfTheNameItAsksFor() throws Exception {
        Child.Result first = curl(one, "one.example");
        assertThat(first.status()).as(first.errors()).isZero();
        assertThat(curl(two, "two.example", "--tls-max", "1.2").status()).isZero();
        assertThat(curl(one, "two.example").status()).isNotZero();
    }

    @Test
    void opensslAgreesOnWhatThePolicyHas() throws Exception {
        assertThat(openssl("-servername", "one.example")).contains("TLSv1.3", "CN = one.example");
        assertThat(openssl("-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"))
                .contains("TLSv1.2");
        assertThat(openssl("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA")).contains("handshake failure");
        assertThat(openssl("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")).contains("protocol version");
        assertThat(openssl("-alpn", "http/1.1")).contains("ALPN protocol: http/1.1");
    }

    @Test
    void opensslResumesItsSession() throws Exception {
        openssl("-tls1_2", "-sess_out", "session");
        assertThat(openssl("-tls1_2", "-sess_in", "session")).contains("Reused, TLSv1.2");
    }

    @Test
    void aRenewedCertificateIsServedWithoutAReload() throws Exception {
        Path renewed = Files.createDirectory(folder.resolve("renewed"));
        Certificate next = Certificate.of(renewed, "two.example");
        Files.move(next.key(), two.key(), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(next.file(), two.file(), StandardCopyOption.REPLACE_EXISTING);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(curl(next, "two.example").status()).isZero());
    }

    @Test
    void aCertificateThatRunsOutSoonIsTold() {
        assertThat(fairlead.log()).contains("the certificate in `" + one.file() + "` runs out at");
        assertThat(fairlead.metric(
                        "fairlead_tls_certificate_expiry_timestamp_seconds",
                        "listener=\"web\"",
                        "certificate=\"" + one.file() + "\""))
                .isBetween(
                        System.currentTimeMillis() / 1e3,
                        System.currentTimeMillis() / 1e3 + Duration.ofDays(3).toSeconds());
    }

    @Test
    void noKeyIsShown() throws Exception {
        curl(one, "one.example");
        List<String> said = new ArrayList<>(List.of(fairlead.log(), fairlead.admin("/metrics")));
        for (String page : List.of("/config", "/listeners", "/upstreams", "/flows", "/cache")) {
            said.add(fairlead.admin(page));
        }
        said.add(fairlead.command(0, "explain", "https://one.example:" + port + "/name"));
        said.add(fairlead.command(0, "show"));

        assertThat(said).anySatisfy(page -> assertThat(page).contains(one.key().toString()));
        assertThat(said).anySatisfy(page -> assertThat(page).contains("fairlead_tls_certificate_expiry"));
        List<String> secrets = Files.readString(one.key())
                .lines()
                .filter(line -> !line.startsWith("-----"))
                .toList();
        for (String page : said) {
            assertThat(page).doesNotContain("PRIVATE KEY").doesNotContain(secrets);
        }
    }
}
