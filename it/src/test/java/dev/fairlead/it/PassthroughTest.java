package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// TLS that Fairlead routes and never opens: two nginx with a certificate each, and clients of others.
class PassthroughTest {
    @TempDir
    private static Path folder;

    private static Server nginx;
    private static Fairlead fairlead;
    private static int port;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        int one = Repository.freePort();
        int two = Repository.freePort();
        nginx = Server.nginx(server("one.example", one) + server("two.example", two), one, two);
        port = Repository.freePort();
        fairlead = Fairlead.start("""
                listeners:
                  tls:
                    protocol: tcp
                    address: "127.0.0.1:%d"
                    routes:
                      - {match: {sni: one.example}, upstream: one}
                      - {match: {sni: "*.two.example"}, upstream: two}
                      - {match: {alpn: h2, client: 127.0.0.0/30}, upstream: two}
                upstreams:
                  one: {endpoints: ["127.0.0.1:%d"]}
                  two: {endpoints: ["127.0.0.1:%d"]}
                """.formatted(port, one, two));
    }

    private static String server(String name, int port) throws IOException, InterruptedException {
        Certificate certificate = Certificate.of(folder, name);
        return "server { listen 127.0.0.1:%d ssl http2; ssl_certificate %s; ssl_certificate_key %s; return 200 \"%s $ssl_server_name $http2\"; }\n"
                .formatted(port, certificate.file(), certificate.key(), name);
    }

    @AfterAll
    static void stop() throws Exception {
        fairlead.close();
        nginx.close();
    }

    @Test
    void curlMeetsTheServerThatItNames() throws Exception {
        assertThat(curl("one.example", "--http1.1")).isEqualTo("one.example one.example ");
        assertThat(curl("www.two.example", "--http2")).isEqualTo("two.example www.two.example h2");
    }

    @Test
    void theCertificateIsThatOfTheServer() throws Exception {
        assertThat(openssl("-servername", "one.example")).contains("CN = one.example");
        assertThat(openssl("-servername", "a.two.example", "-tls1_2")).contains("CN = two.example");
        assertThat(openssl("-noservername", "-alpn", "h2")).contains("CN = two.example");
    }

    @Test
    void whatNoRouteTakesGetsNoCertificate() throws Exception {
        double before = fairlead.metric("fairlead_listener_greetings_total", "no-route");
        assertThat(openssl("-servername", "three.example")).doesNotContain("CN = ");
        assertThat(fairlead.metric("fairlead_listener_greetings_total", "no-route"))
                .isEqualTo(before + 1);
    }

    @Test
    void whatIsNoTlsIsClosed() throws Exception {
        Child.Result plain = Curl.run("http://127.0.0.1:" + port + "/");
        assertThat(plain.status()).isNotZero();
        assertThat(fairlead.metric("fairlead_listener_greetings_total", "not-tls"))
                .isEqualTo(1);
    }

    private static String curl(String name, String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of("-k", "--connect-to", name + ":443:127.0.0.1:" + port, "https://" + name + "/"));
        Child.Result result = Curl.run(all.toArray(String[]::new));
        assertThat(result.status()).as(result.errors()).isZero();
        return result.text();
    }

    private static String openssl(String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port));
        all.addAll(List.of(options));
        Child.Result result = Child.run(folder, all.toArray(String[]::new));
        return result.text() + result.errors();
    }
}
