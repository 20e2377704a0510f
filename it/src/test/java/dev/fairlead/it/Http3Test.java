package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// HTTP/3 with a client that Fairlead's makers did not write: a browser.
@Timeout(180)
class Http3Test {
    /// Loads itself a few times more, sends and takes a large body, and writes down by which protocol.
    private static final String PAGE =
            "<html><body><script>(async()=>{for(let i=0;i<20;i++)await (await fetch('/asset?'+i)).text();"
                    + "await fetch('/put/large',{method:'PUT',body:new Uint8Array(3000000)});"
                    + "const n=(await (await fetch('/put/large')).arrayBuffer()).byteLength;"
                    + "const p=performance.getEntries().filter(e=>e.nextHopProtocol!==undefined).map(e=>e.nextHopProtocol);"
                    + "await fetch('/told?'+p.length+'-'+n+'-'+[...new Set(p)].join('-'))})()</script></body></html>";

    @TempDir
    private static Path folder;

    private int port;
    private NginxBackend nginx;
    private Certificate certificate;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws Exception {
        port = Repository.freePort();
        nginx = NginxBackend.start("http3");
        certificate = Certificate.of(folder, "one.example");
        fairlead = Fairlead.start(yaml("http3: {}"));
    }

    private String yaml(String http3) {
        return """
                listeners:
                  secure:
                    protocol: http
                    address: "*:%d"
                    upstream: app
                    tls:
                      host-agreement: nothing
                      certificates: [{certificate: %s, key: %s}]
                    %s
                    routes:
                      - match: {path: /page}
                        respond: {status: 200, content-type: text/html, body: "%s"}
                      - {match: {path: /asset}, respond: {status: 200, body: asset}}
                      - {match: {path: /told}, respond: {status: 204}}
                upstreams:
                  app: {endpoints: ["127.0.0.1:%d"]}
                access-log: {path: stderr, format: combined}
                """.formatted(port, certificate.file(), certificate.key(), http3, PAGE, nginx.port());
    }

    @AfterEach
    void stop() throws Exception {
        fairlead.close();
        nginx.close();
    }

    private String announced() throws Exception {
        Child.Result result = Curl.run("-k", "-o", "/dev/null", "-D", "-", "https://127.0.0.1:" + port + "/asset");
        assertThat(result.status()).as(result.errors()).isZero();
        return result.text();
    }

    private String key() throws Exception {
        try (InputStream in = Files.newInputStream(certificate.file())) {
            byte[] key = CertificateFactory.getInstance("X.509")
                    .generateCertificate(in)
                    .getPublicKey()
                    .getEncoded();
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(key));
        }
    }

    @Test
    void aBrowserTellsThatItSpeaksIt() throws Exception {
        String origin = "127.0.0.1:" + port;
        try (Chromium browser = Chromium.openByQuic("https://" + origin + "/page", origin, key())) {
            await().atMost(Duration.ofSeconds(60)).until(() -> fairlead.log().contains("/told?") || !browser.isAlive());

            // Nothing else: not `h3-h2`.
            assertThat(fairlead.log()).containsPattern("\"GET /told\\?2[0-9]-3000000-h3 HTTP/3.0\" 204");
        }
        assertThat(fairlead.metric("fairlead_http3_exchanges_total", "listener=\"secure\""))
                .isGreaterThan(20);
    }

    @Test
    void isAnnouncedWhileItIsSpoken() throws Exception {
        assertThat(announced()).contains("alt-svc: h3=\":" + port + "\"; ma=86400");

        fairlead.reload(yaml("http3: {announce: 1h, announce-port: 443}"), "done");
        assertThat(announced()).contains("alt-svc: h3=\":443\"; ma=3600");

        fairlead.reload(yaml("http3: {announce: 0s}"), "done");
        assertThat(announced()).doesNotContain("alt-svc");

        fairlead.reload(yaml(""), "done");
        assertThat(announced()).doesNotContain("alt-svc");
    }

    @Test
    void goesWithItsAddressToAnotherListener() throws Exception {
        String origin = "127.0.0.1:" + port;
        try (Chromium browser = Chromium.openByQuic("https://" + origin + "/page", origin, key())) {
            await().atMost(Duration.ofSeconds(60)).until(() -> fairlead.log().contains("/told?") || !browser.isAlive());

            // The connection is still there, and UDP has one owner of a port.
            fairlead.reload(yaml("http3: {}").replace("secure:", "other:"), "done");
        }

        try (Chromium browser = Chromium.openByQuic("https://" + origin + "/page", origin, key())) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> fairlead.metric("fairlead_http3_exchanges_total", "listener=\"other\"") > 20
                            || !browser.isAlive());
        }
        assertThat(fairlead.metric("fairlead_http3_exchanges_total", "listener=\"other\""))
                .isGreaterThan(20);
    }

    /// What clients make of it is asked in the room `http`; here, that the key is all that must outlive a process.
    @Test
    void aConnectionThatDiedWithAProcessIsResetByTheNextOne() throws Exception {
        Path key = Files.writeString(folder.resolve("reset.key"), "5e".repeat(16));
        String yaml = yaml("http3: {reset-key-file: " + key + "}");
        fairlead.reload(yaml(""), "done");
        assertThat(reset()).isEmpty();
        fairlead.reload(yaml, "done");
        byte[] before = reset();
        assertThat(before).hasSize(43);

        fairlead.kill();
        fairlead = Fairlead.start(yaml);

        byte[] after = reset();
        assertThat(after).hasSize(43).isNotEqualTo(before);
        assertThat(Arrays.copyOfRange(after, 27, 43)).as("the token").isEqualTo(Arrays.copyOfRange(before, 27, 43));
        assertThat(fairlead.log()).doesNotContain("has no token of stateless reset");
        assertThat(fairlead.metric("fairlead_http3_stateless_resets_total", "result=\"sent\""))
                .isEqualTo(1);
    }

    /// What is answered to a packet of a connection that nobody knows.
    private byte[] reset() throws Exception {
        byte[] packet = new byte[100];
        Arrays.fill(packet, (byte) 0x41);
        try (var socket = new DatagramSocket()) {
            socket.setSoTimeout(5000);
            socket.send(new DatagramPacket(packet, packet.length, InetAddress.getLoopbackAddress(), port));
            var answer = new DatagramPacket(new byte[1500], 1500);
            socket.receive(answer);
            return Arrays.copyOf(answer.getData(), answer.getLength());
        } catch (SocketTimeoutException silent) {
            return new byte[0];
        }
    }

    @Test
    void isTurnedOnByAReload() throws Exception {
        fairlead.reload(yaml(""), "done");
        fairlead.reload(yaml("http3: {}"), "done");

        String origin = "127.0.0.1:" + port;
        try (Chromium browser = Chromium.openByQuic("https://" + origin + "/page", origin, key())) {
            await().atMost(Duration.ofSeconds(60)).until(() -> fairlead.log().contains("/told?") || !browser.isAlive());
            assertThat(fairlead.log()).contains("-h3 HTTP/3.0");
        }
    }

    private String at(String... hosts) {
        String list = Arrays.stream(hosts)
                .map(each -> '"' + each + ":" + port + '"')
                .toList()
                .toString();
        return yaml("http3: {}").replace("\"*:" + port + '"', list);
    }

    /// By which protocols a browser was served at this address, in its own words.
    private void assertBrowserSpeaksItAt(String host) throws Exception {
        int before = fairlead.log().split("/told\\?", -1).length;
        String origin = host + ":" + port;
        try (Chromium browser = Chromium.openByQuic("https://" + origin + "/page", origin, key())) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> fairlead.log().split("/told\\?", -1).length > before || !browser.isAlive());
        }
        assertThat(fairlead.log().split("/told\\?", -1)[before]).startsWith("2").contains("-3000000-h3 HTTP/3.0");
    }

    @Test
    void isSpokenAtEachAddressAsTheyComeAndGo() throws Exception {
        fairlead.close();
        fairlead = Fairlead.start(at("127.0.0.1"));
        fairlead.reload(at("127.0.0.1", "127.0.0.2"), "done");
        assertBrowserSpeaksItAt("127.0.0.2");
        assertBrowserSpeaksItAt("127.0.0.1");

        fairlead.reload(at("127.0.0.2"), "done");
        assertBrowserSpeaksItAt("127.0.0.2");
        await().atMost(Duration.ofSeconds(60)).until(this::isNobodyAtTheFirst);
    }

    private boolean isNobodyAtTheFirst() throws Exception {
        try (var socket = new DatagramSocket()) {
            socket.connect(InetAddress.getByName("127.0.0.1"), port);
            socket.setSoTimeout(100);
            socket.send(new DatagramPacket(new byte[1], 1));
            socket.receive(new DatagramPacket(new byte[1], 1));
            return false;
        } catch (PortUnreachableException nobody) {
            return true;
        } catch (SocketTimeoutException silent) {
            return false;
        }
    }
}
