package dev.fairlead.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/// Pebble, the ACME server of Let's Encrypt for tests: it looks at names as the real one does, at ports of ours, and
/// refuses every fifth nonce. Names are those that its DNS server knows.
final class Pebble implements AutoCloseable {
    private final Path home;
    private final int port;
    private final int management;
    private final Certificate own;
    private final Child child;

    private Pebble(Path home, int port, int management, Certificate own, Child child) {
        this.home = home;
        this.port = port;
        this.management = management;
        this.own = own;
        this.child = child;
    }

    /// `httpPort` and `tlsPort` are what it takes for 80 and 443; certificates are good for `life`.
    static Pebble start(Dnsmasq dns, int httpPort, int tlsPort, Duration life)
            throws IOException, InterruptedException {
        Path home = Files.createTempDirectory("fairlead-pebble");
        int port = Repository.freePort();
        int management = Repository.freePort();
        Certificate own = Certificate.of(home, "localhost");
        Files.writeString(home.resolve("pebble.json"), """
                {"pebble": {
                  "listenAddress": "127.0.0.1:%d", "managementListenAddress": "127.0.0.1:%d",
                  "certificate": "%s", "privateKey": "%s",
                  "httpPort": %d, "tlsPort": %d, "certificateValidityPeriod": %d}}
                """.formatted(
                        port, management, own.file(), own.key(), httpPort, tlsPort, life.toSeconds()));
        List<String> command = new ArrayList<>(List.of("env", "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=20"));
        command.addAll(List.of("PEBBLE_AUTHZREUSE=0", "pebble", "-config", "pebble.json", "-dnsserver", dns.address()));
        Pebble pebble = new Pebble(home, port, management, own, Child.start(home, command));
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(pebble::answers);
        return pebble;
    }

    private boolean answers() throws IOException, InterruptedException {
        if (!child.isAlive()) {
            throw new IllegalStateException("pebble ended; it wrote:\n" + child.output());
        }
        return ask("https://localhost:" + port + "/dir").contains("newNonce");
    }

    private String ask(String url) throws IOException, InterruptedException {
        return Curl.run("--cacert", own.file().toString(), url).text();
    }

    String directory() {
        return "https://localhost:" + port + "/dir";
    }

    /// Whom its own certificate is believed by.
    Path ca() {
        return own.file();
    }

    /// Whom the certificates that it issues are believed by.
    Path root() throws IOException, InterruptedException {
        return Files.writeString(home.resolve("root.pem"), ask("https://localhost:" + management + "/roots/0"));
    }

    /// How many orders it was asked for, those with a bad nonce counted once.
    long orders() {
        return Pattern.compile("Added order").matcher(log()).results().count();
    }

    String log() {
        return child.output();
    }

    @Override
    public void close() {
        child.close();
        NginxBackend.delete(home);
    }
}
