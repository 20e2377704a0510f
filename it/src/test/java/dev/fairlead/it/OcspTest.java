package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Stapling between openssl's responder and openssl's client.
@Timeout(200)
class OcspTest {
    @TempDir
    private static Path folder;

    private static Child responder;
    private static Fairlead fairlead;
    private static int silent;

    @BeforeAll
    static void start() throws Exception {
        int asked = Repository.freePort();
        silent = Repository.freePort();
        Files.writeString(folder.resolve("index"), "");
        Files.writeString(folder.resolve("ca.conf"), "[ca]\ndefault_ca=a\n[a]\ndatabase=index\ndefault_md=sha256\n");
        openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=authority -days 9"
                + " -keyout ca.key -out ca.pem");
        sign("good", asked);
        sign("revoked", asked);
        sign("silent", silent);
        openssl("ca -config ca.conf -cert ca.pem -keyfile ca.key -valid good.pem");
        openssl("ca -config ca.conf -cert ca.pem -keyfile ca.key -revoke revoked.pem");
        List<String> command = new ArrayList<>(List.of("openssl", "ocsp", "-port", String.valueOf(asked)));
        command.addAll(List.of("-index", "index", "-CA", "ca.pem", "-rsigner", "ca.pem", "-rkey", "ca.key"));
        command.addAll(List.of("-nmin", "60"));
        responder = Child.start(folder, command);
        await().until(() -> responder.output().contains("waiting"));
        fairlead = Fairlead.start("""
                listeners:
                  good: {protocol: http, address: "127.0.0.1:%d", routes: [{respond: {status: 200}}], tls: {certificates: [%s], ocsp: staple}}
                  revoked: {protocol: http, address: "127.0.0.1:%d", routes: [{respond: {status: 200}}], tls: {certificates: [%s], ocsp: staple}}
                  silent: {protocol: http, address: "127.0.0.1:%d", routes: [{respond: {status: 200}}], tls: {certificates: [%s], ocsp: staple}}
                  unasked: {protocol: http, address: "127.0.0.1:%d", routes: [{respond: {status: 200}}], tls: {certificates: [%s]}}
                """.formatted(
                        Repository.freePort(),
                        served("good"),
                        Repository.freePort(),
                        served("revoked"),
                        Repository.freePort(),
                        served("silent"),
                        Repository.freePort(),
                        served("good")));
    }

    private static String served(String name) {
        return "{certificate: %s, key: %s}".formatted(folder.resolve(name + ".chain"), folder.resolve(name + ".key"));
    }

    @AfterAll
    static void stop() throws Exception {
        fairlead.close();
        responder.close();
    }

    private static void sign(String name, int responder) throws Exception {
        openssl("req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=" + name + " -keyout "
                + name + ".key -out " + name + ".csr");
        Files.writeString(
                folder.resolve("ext"),
                "subjectAltName=DNS:one.example\nauthorityInfoAccess=OCSP;URI:http://127.0.0.1:" + responder + "/");
        openssl("x509 -req -in " + name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile ext -out "
                + name + ".pem");
        Files.writeString(
                folder.resolve(name + ".chain"),
                Files.readString(folder.resolve(name + ".pem")) + Files.readString(folder.resolve("ca.pem")));
    }

    private static String openssl(String arguments) throws Exception {
        Child.Result result = Child.run(folder, ("openssl " + arguments).split(" "));
        assertThat(result.status()).as(result.errors()).isZero();
        return result.text();
    }

    /// What a client is told that asks for it and believes the authority.
    private static String shown(String listener, String... more) throws Exception {
        return openssl("s_client -status -CAfile ca.pem -servername one.example -connect 127.0.0.1:"
                + fairlead.port(listener) + String.join("", more));
    }

    private static void awaitFetch(String listener, String result) {
        await().atMost(Duration.ofSeconds(100))
                .until(() -> fairlead.metric(
                                "fairlead_tls_ocsp_fetches_total",
                                "listener=\"" + listener + "\"",
                                "result=\"" + result + "\"")
                        > 0);
    }

    @Test
    void aClientIsToldThatTheCertificateIsGood() throws Exception {
        awaitFetch("good", "good");

        for (String version : List.of(" -tls1_3", " -tls1_2")) {
            assertThat(shown("good", version))
                    .contains("OCSP Response Status: successful", "Cert Status: good", "Verify return code: 0");
        }
        assertThat(fairlead.metric("fairlead_tls_ocsp_expiry_timestamp_seconds", "listener=\"good\""))
                .isGreaterThan(System.currentTimeMillis() / 1e3 + 3000);
    }

    @Test
    void whoDoesNotAskIsToldNothing() throws Exception {
        awaitFetch("good", "good");

        assertThat(openssl("s_client -connect 127.0.0.1:" + fairlead.port("good")))
                .doesNotContain("OCSP Response Status");
        assertThat(shown("unasked")).contains("OCSP response: no response sent");
    }

    @Test
    void handshakesGoOnWhenNobodyAnswers() throws Exception {
        awaitFetch("silent", "failed");

        assertThat(shown("silent")).contains("OCSP response: no response sent", "Verify return code: 0");
        assertThat(fairlead.log()).contains("no OCSP response could be had", "http://127.0.0.1:" + silent + "/");
        assertThat(fairlead.metric("fairlead_tls_ocsp_expiry_timestamp_seconds", "listener=\"silent\""))
                .isZero();
    }

    @Test
    void aRevokedCertificateIsTold() throws Exception {
        awaitFetch("revoked", "revoked");

        assertThat(shown("revoked")).contains("OCSP response: no response sent");
        assertThat(fairlead.log()).contains("the certificate is revoked, says its authority");
    }
}
