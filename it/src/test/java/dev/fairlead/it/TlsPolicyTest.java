package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The named policies as sslscan sees them, which tries all that OpenSSL knows.
@Timeout(120)
class TlsPolicyTest {
    private static final String[] OF_13 = {
        "TLSv1.3 TLS_AES_128_GCM_SHA256", "TLSv1.3 TLS_AES_256_GCM_SHA384", "TLSv1.3 TLS_CHACHA20_POLY1305_SHA256"
    };

    @TempDir
    private static Path folder;

    private static Fairlead fairlead;
    private static int intermediate;
    private static int modern;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Certificate own = Certificate.of(folder, "one.example");
        intermediate = Repository.freePort();
        modern = Repository.freePort();
        fairlead = Fairlead.start("""
                listeners:
                  intermediate:
                    protocol: http
                    address: "127.0.0.1:%d"
                    routes: [{respond: {status: 200}}]
                    tls: {certificates: [{certificate: %3$s, key: %4$s}]}
                  modern:
                    protocol: http
                    address: "127.0.0.1:%2$d"
                    routes: [{respond: {status: 200}}]
                    tls: {policy: modern, certificates: [{certificate: %3$s, key: %4$s}]}
                """.formatted(intermediate, modern, own.file(), own.key()));
    }

    @AfterAll
    static void stop() throws Exception {
        fairlead.close();
    }

    private static String scan(int port) throws IOException, InterruptedException {
        Child.Result scanned = Child.run(folder, "sslscan", "--no-colour", "--timeout=50", "127.0.0.1:" + port);
        assertThat(scanned.status()).as(scanned.errors()).isZero();
        return scanned.text();
    }

    private static List<String> ciphers(String scanned) {
        List<String> ciphers = new ArrayList<>();
        Matcher matcher = Pattern.compile("(?:Preferred|Accepted) +(\\S+) +\\d+ bits +(\\S+)")
                .matcher(scanned);
        while (matcher.find()) {
            ciphers.add(matcher.group(1) + " " + matcher.group(2));
        }
        return ciphers;
    }

    @Test
    void intermediateIsWhatHasForwardSecrecy() throws Exception {
        String scanned = scan(intermediate);

        assertThat(ciphers(scanned))
                .contains(OF_13)
                .contains(
                        "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256",
                        "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384",
                        "TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305")
                .hasSize(6);
        assertThat(scanned)
                .containsPattern("TLSv1.0 +disabled")
                .containsPattern("TLSv1.1 +disabled")
                .contains("Server supports TLS Fallback SCSV", "Session renegotiation not supported")
                .contains("TLSv1.2 not vulnerable to heartbleed");
    }

    @Test
    void modernIsTls13Alone() throws Exception {
        String scanned = scan(modern);

        assertThat(ciphers(scanned)).containsExactlyInAnyOrder(OF_13);
        assertThat(scanned).containsPattern("TLSv1.2 +disabled").containsPattern("TLSv1.3 +enabled");
    }
}
