package dev.fairlead.net.ocsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.pem.Credential;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Questions and answers as openssl understands and makes them.
final class OcspResponseTest {
    private static final String[] OWN = {"-rsigner", "ca.pem", "-rkey", "ca.key"};

    @TempDir
    static Path folder;

    @BeforeAll
    static void certify() throws Exception {
        Files.writeString(folder.resolve("index"), "");
        Files.writeString(folder.resolve("ca.conf"), "[ca]\ndefault_ca=a\n[a]\ndatabase=index\ndefault_md=sha256\n");
        authority("ca");
        authority("stranger");
        for (String name : new String[] {"a", "b", "revoked"}) {
            sign(name, "authorityInfoAccess=caIssuers;URI:http://ca.example/,OCSP;URI:http://ocsp.example/ask");
            openssl("ca -config ca.conf -cert ca.pem -keyfile ca.key -valid " + name + ".pem");
        }
        openssl("ca -config ca.conf -cert ca.pem -keyfile ca.key -revoke revoked.pem");
        sign("appointed", "extendedKeyUsage=OCSPSigning");
        sign("bare", "basicConstraints=CA:FALSE");
    }

    private static void authority(String name) throws Exception {
        openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=authority -days 9 -keyout "
                + name + ".key -out " + name + ".pem");
    }

    private static void sign(String name, String extension) throws Exception {
        openssl("req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=" + name + " -keyout "
                + name + ".key -out " + name + ".csr");
        Files.writeString(folder.resolve("ext"), extension);
        openssl("x509 -req -in " + name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 -extfile ext -out "
                + name + ".pem");
        Files.writeString(
                folder.resolve(name + ".chain"),
                Files.readString(folder.resolve(name + ".pem")) + Files.readString(folder.resolve("ca.pem")));
    }

    private static void openssl(String arguments, String... more) throws IOException, InterruptedException {
        var command = new java.util.ArrayList<>(Arrays.asList(("openssl " + arguments).split(" ")));
        command.addAll(Arrays.asList(more));
        Process openssl = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(openssl.waitFor()).as(said).isZero();
    }

    private static Credential credential(String name, String chain) throws IOException {
        return Credential.read(
                folder.resolve(name + chain).toString(),
                folder.resolve(name + ".key").toString(),
                null);
    }

    private static OcspQuestion question(String name) throws IOException {
        OcspQuestion question = OcspQuestion.of(credential(name, ".chain"));
        assertThat(question).isNotNull();
        return question;
    }

    private static byte[] answer(OcspQuestion question, String validity, String... signer) throws Exception {
        Files.write(folder.resolve("request"), question.request());
        openssl("ocsp -index index -CA ca.pem -reqin request -respout response " + validity, signer);
        return Files.readAllBytes(folder.resolve("response"));
    }

    private static OcspResponse read(String name, String validity, String... signer) throws Exception {
        OcspQuestion question = question(name);
        return OcspResponse.read(answer(question, validity, signer), question);
    }

    @Test
    void isGoodUntilItSaysSo() throws Exception {
        OcspResponse response = read("a", "-nmin 60", OWN);

        assertThat(response.thisUpdate()).isBetween(Instant.now().minusSeconds(300), Instant.now());
        assertThat(response.nextUpdate())
                .isBetween(
                        Instant.now().plus(Duration.ofMinutes(55)),
                        Instant.now().plus(Duration.ofMinutes(61)));
        assertThat(question("a").responder()).isEqualTo(URI.create("http://ocsp.example/ask"));
    }

    @Test
    void isBelievedOfWhomTheAuthorityHasAppointed() throws Exception {
        assertThat(read("a", "-nmin 60", "-rsigner", "appointed.pem", "-rkey", "appointed.key")
                        .bytes())
                .isNotEmpty();
    }

    @Test
    void isBelievedOfNobodyElse() {
        assertThatThrownBy(() -> read("a", "-nmin 60", "-rsigner", "b.pem", "-rkey", "b.key"))
                .isInstanceOf(OcspResponse.Refused.class);
        // The same name, another key.
        assertThatThrownBy(() -> read("a", "-nmin 60", "-rsigner", "stranger.pem", "-rkey", "stranger.key"))
                .isInstanceOf(OcspResponse.Refused.class);
    }

    @Test
    void isRefusedWhereTheCertificateIsNotGood() {
        assertThatThrownBy(() -> read("revoked", "-nmin 60", OWN))
                .isInstanceOfSatisfying(
                        OcspResponse.Refused.class,
                        refused -> assertThat(refused.revoked())
                                .isBetween(Instant.now().minusSeconds(300), Instant.now()));
        // The responder does not know it.
        assertThatThrownBy(() -> OcspResponse.read(answer(question("a"), "-nmin 60", OWN), question("b")))
                .isInstanceOfSatisfying(
                        OcspResponse.Refused.class,
                        refused -> assertThat(refused.revoked()).isNull());
    }

    @Test
    void isRefusedWithoutAnEnd() {
        assertThatThrownBy(() -> read("a", "", OWN)).hasMessageContaining("does not say until when");
    }

    @Test
    void isRefusedWhereABitIsWrong() throws Exception {
        OcspQuestion question = question("a");
        byte[] answer = answer(question, "-nmin 60", OWN);
        for (int i = 0; i < answer.length; i++) {
            byte[] wrong = answer.clone();
            wrong[i] ^= 0x10;
            byte[] cut = Arrays.copyOf(answer, i);
            assertThatThrownBy(() -> OcspResponse.read(cut, question)).isInstanceOf(OcspResponse.Refused.class);
            try {
                // What stands outside of what is signed may be anything.
                OcspResponse same = OcspResponse.read(wrong, question);
                assertThat(same.nextUpdate()).isAfter(Instant.now());
            } catch (OcspResponse.Refused refused) {
                assertThat(refused.revoked()).isNull();
            }
        }
    }

    @Test
    void isAskedForOnlyWhereThereIsSomebodyToAsk() throws Exception {
        assertThat(OcspQuestion.of(credential("bare", ".chain"))).isNull();
        assertThat(credential("bare", ".chain").unstapled()).contains("names no OCSP responder");
        assertThat(OcspQuestion.of(credential("a", ".pem"))).isNull();
        assertThat(credential("a", ".pem").unstapled()).contains("holds no issuer");
    }

    @Test
    void isStapledNoLongerThanItIsGood() throws Exception {
        OcspQuestion question = question("a");
        var stapled = new Stapled("a.pem", question);
        long hour = Duration.ofHours(1).toNanos();

        assertThat(stapled.response()).isNull();
        assertThat(stapled.ask(0)).isTrue();
        assertThat(stapled.ask(0)).as("it is under way").isFalse();
        stapled.good(said(0, Instant.now().plus(Duration.ofHours(3))), 0);
        assertThat(stapled.response()).isNotNull();
        assertThat(stapled.ask(hour - hour / 10)).isFalse();
        assertThat(stapled.ask(2 * hour + hour / 10)).isTrue();

        stapled.failed(2 * hour);
        assertThat(stapled.response()).as("what was said before").isNotNull();
        assertThat(stapled.ask(2 * hour + hour / 70)).isFalse();
        assertThat(stapled.ask(2 * hour + hour / 30)).isTrue();

        stapled.good(said(0, Instant.now().minusSeconds(1)), 3 * hour);
        assertThat(stapled.response()).as("it has run out").isNull();
        stapled.good(said(0, Instant.now().plusSeconds(900)), 3 * hour);
        stapled.revoked(Instant.EPOCH, 3 * hour);
        assertThat(stapled.response()).isNull();
    }

    @Test
    void isNotStapledAfterALaterOne() throws Exception {
        var stapled = new Stapled("a.pem", question("a"));
        Instant end = Instant.now().plusSeconds(900);

        assertThat(stapled.good(said(2, end), 0)).isTrue();
        assertThat(stapled.good(said(1, end.plusSeconds(1)), 0)).isFalse();
        assertThat(stapled.revoked(Instant.EPOCH.plusSeconds(1), 0)).isFalse();
        assertThat(stapled.response()).as("what was said later").containsExactly(2);
        assertThat(stapled.good(said(2, end), 0)).as("the same again").isTrue();

        assertThat(stapled.revoked(Instant.EPOCH.plusSeconds(4), 0)).isTrue();
        assertThat(stapled.good(said(3, end), 0)).isFalse();
        assertThat(stapled.response()).as("it is revoked").isNull();
        assertThat(stapled.good(said(5, end), 0)).isTrue();
        assertThat(stapled.response()).containsExactly(5);
    }

    /// In this second.
    private static OcspResponse said(int second, Instant nextUpdate) {
        return new OcspResponse(new byte[] {(byte) second}, Instant.EPOCH.plusSeconds(second), nextUpdate);
    }
}
