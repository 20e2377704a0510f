package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.pem.Credential;
import dev.fairlead.config.pem.TicketSecrets;
import dev.fairlead.config.pem.Unusable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Certificates and keys as openssl writes them.
class CredentialTest {
    @TempDir
    static Path folder;

    /// An authority, `ec` and `rsa` signed by it, each with its key in every form.
    @BeforeAll
    static void make() throws Exception {
        openssl("ecparam -name prime256v1 -genkey -out ca.key");
        openssl("req -x509 -new -key ca.key -subj /CN=authority -days 30 -out ca.pem");
        openssl("ecparam -name secp384r1 -genkey -out ec.sec1.key");
        openssl("genrsa -traditional -out rsa.pkcs1.key 2048");
        sign("ec", "ec.sec1.key", 20);
        sign("rsa", "rsa.pkcs1.key", 20);
        Files.writeString(folder.resolve("password"), "secret\nnot read\n");
        Files.writeString(folder.resolve("wrong"), "secreT");
        for (String kind : List.of("ec.sec1", "rsa.pkcs1")) {
            String name = kind.substring(0, kind.indexOf('.'));
            openssl("pkcs8 -topk8 -nocrypt -in " + kind + ".key -out " + name + ".pkcs8.key");
            openssl("pkcs8 -topk8 -passout pass:secret -in " + kind + ".key -out " + name + ".aes.key");
            openssl("pkcs8 -topk8 -v2 aes-128-cbc -passout pass:secret -in " + kind + ".key -out " + name
                    + ".aes128.key");
        }
        openssl("rsa -traditional -aes128 -passout pass:secret -in rsa.pkcs1.key -out rsa.old.key");
    }

    private static void sign(String name, String key, int days) throws Exception {
        openssl("req -new -key " + key + " -subj /CN=" + name + " -out " + name + ".csr");
        Files.writeString(folder.resolve(name + ".ext"), "subjectAltName=DNS:" + name + ".Example,IP:127.0.0.1");
        openssl("x509 -req -in " + name + ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -days " + days + " -extfile "
                + name + ".ext -out " + name + ".pem");
    }

    private static void openssl(String arguments) throws IOException, InterruptedException {
        Process openssl = new ProcessBuilder(("openssl " + arguments).split(" "))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(openssl.waitFor()).as(said).isZero();
    }

    private static Credential read(String certificate, String key, String password) throws Unusable {
        return new CertificateSpec(
                        at(certificate), key == null ? null : at(key), password == null ? null : at(password))
                .read();
    }

    private static String at(String name) {
        return folder.resolve(name).toString();
    }

    private static String joined(String name, String... files) throws IOException {
        StringBuilder all = new StringBuilder("for people\n");
        for (String file : files) {
            all.append(Files.readString(folder.resolve(file)));
        }
        Files.writeString(folder.resolve(name), all);
        return name;
    }

    @ParameterizedTest
    @ValueSource(strings = {"ec.sec1", "ec.pkcs8", "rsa.pkcs1", "rsa.pkcs8"})
    void readsPlainKeys(String form) throws Exception {
        String name = form.substring(0, form.indexOf('.'));

        Credential credential = read(name + ".pem", form + ".key", null);

        assertThat(credential.isEcdsa()).isEqualTo(name.equals("ec"));
        assertThat(credential.hosts()).containsExactly(name + ".example");
        assertThat(credential.toString()).isEqualTo(at(name + ".pem"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ec.aes", "ec.aes128", "rsa.aes", "rsa.aes128"})
    void readsEncryptedKeys(String form) throws Exception {
        String certificate = form.substring(0, form.indexOf('.')) + ".pem";

        assertThat(read(certificate, form + ".key", "password").key().getEncoded())
                .isNotEmpty();

        assertUnusable(certificate, form + ".key", "wrong", Unusable.Part.PASSWORD, "does not open with the password");
        assertUnusable(certificate, form + ".key", null, Unusable.Part.KEY, "is encrypted: `key-password-file` must");
        assertUnusable(certificate, form + ".key", "none", Unusable.Part.PASSWORD, "there is no file");
    }

    @Test
    void readsAllFromOneFile() throws Exception {
        Credential credential = read(joined("all.pem", "ec.sec1.key", "ec.pem", "ca.pem"), null, null);
        assertThat(credential.chain()).hasSize(2);
    }

    @Test
    void refusesWhatDoesNotBelongTogether() throws Exception {
        assertUnusable("ec.pem", "rsa.pkcs8.key", null, Unusable.Part.KEY, "is no EC key");
        assertUnusable("ec.pem", "ca.key", null, Unusable.Part.KEY, "is not the one of the certificate");
        assertUnusable(
                joined("order.pem", "ca.pem", "ec.pem"),
                "ca.key",
                null,
                Unusable.Part.CERTIFICATE,
                "(CN=authority) is not signed by the one behind it (CN=ec)");
        assertUnusable("ec.sec1.key", "ec.sec1.key", null, Unusable.Part.CERTIFICATE, "holds no certificate");
        assertUnusable("ec.pem", "ec.pem", null, Unusable.Part.KEY, "holds no private key");
        assertUnusable(
                "ec.pem", joined("two.key", "ec.sec1.key", "ca.key"), null, Unusable.Part.KEY, "holds 2 private");
        assertUnusable("ec.pem", "ec.pkcs8.key", "password", Unusable.Part.PASSWORD, "is not encrypted");
        assertUnusable("rsa.pem", "rsa.old.key", "password", Unusable.Part.KEY, "`openssl pkcs8 -topk8` makes PKCS#8");
    }

    @Test
    void refusesKeysThatFewClientsKnow() throws Exception {
        openssl("genpkey -algorithm ed25519 -out ed.key");
        openssl("req -x509 -new -key ed.key -subj /CN=ed -days 1 -out ed.pem");
        assertUnusable("ed.pem", "ed.key", null, Unusable.Part.CERTIFICATE, "most clients know only RSA and EC");
    }

    @Test
    void refusesWhatIsCut() throws Exception {
        for (String file : List.of("ec.sec1.key", "rsa.pkcs1.key", "rsa.pkcs8.key", "ec.pem")) {
            String text = Files.readString(folder.resolve(file));
            String end = text.substring(text.lastIndexOf("-----END"));
            String[] lines = text.substring(text.lastIndexOf("-----BEGIN")).split("\n");
            Files.writeString(folder.resolve("cut.pem"), lines[0] + "\n" + lines[1].substring(0, 20) + "\n" + end);
            boolean isKey = file.endsWith("key");
            assertThatThrownBy(() -> read(
                            isKey ? file.substring(0, file.indexOf('.')) + ".pem" : "cut.pem",
                            isKey ? "cut.pem" : "ec.sec1.key",
                            null))
                    .as(file)
                    .isInstanceOf(Unusable.class);
        }
    }

    @Test
    void saysWhatIsOdd() throws Exception {
        openssl("req -x509 -new -key ec.sec1.key -subj /CN=nameless -days 40 -out nameless.pem");
        assertThat(read("nameless.pem", "ec.sec1.key", null).remarks(Instant.now()))
                .singleElement()
                .asString()
                .contains("is for no host name");
        Credential ec = read("ec.pem", "ec.sec1.key", null);
        assertThat(ec.remarks(Instant.now())).isEmpty();
        assertThat(ec.remarks(Instant.now().plus(Duration.ofDays(10))))
                .singleElement()
                .asString()
                .contains("runs out at");
        assertThat(ec.remarks(Instant.now().plus(Duration.ofDays(21))))
                .singleElement()
                .asString()
                .contains("ran out at");
        assertThat(ec.remarks(Instant.now().minus(Duration.ofDays(1))))
                .singleElement()
                .asString()
                .contains("not valid before");
    }

    @Test
    void readsTicketSecrets() throws Exception {
        String one = "ab".repeat(32);
        String two = "0C".repeat(40);
        Files.writeString(folder.resolve("tickets"), one + "\n\n " + two + "\n");
        assertThat(TicketSecrets.read(at("tickets")))
                .hasSize(2)
                .last()
                .asInstanceOf(InstanceOfAssertFactories.BYTE_ARRAY)
                .hasSize(40);

        for (String bad : List.of("", "ab".repeat(31), "x".repeat(64), (one + "\n").repeat(17))) {
            Files.writeString(folder.resolve("tickets"), bad);
            assertThatThrownBy(() -> TicketSecrets.read(at("tickets")))
                    .isInstanceOf(Unusable.class)
                    .message()
                    .doesNotContain("abab")
                    .doesNotContain("xxxx");
        }
    }

    private static void assertUnusable(
            String certificate, String key, String password, Unusable.Part part, String message) {
        assertThatThrownBy(() -> read(certificate, key, password))
                .isInstanceOfSatisfying(
                        Unusable.class, unusable -> assertThat(unusable.part()).isEqualTo(part))
                .hasMessageContaining(message);
    }
}
