package dev.fairlead.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A browser with one page open and nobody in front of it.
final class Chromium implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/bin/chromium");

    private final Path profile;
    private final Child child;

    private Chromium(Path profile, Child child) {
        this.profile = profile;
        this.child = child;
    }

    /// Opens the page, or skips the test where there is no browser. What it says of itself it must say to a server.
    /// Certificates are not looked at.
    static Chromium open(String url) throws IOException {
        return open(url, List.of("--disable-quic"));
    }

    /// The same, for which QUIC is the only way to this origin; `key` is the SHA-256 of its certificate's key.
    static Chromium openByQuic(String url, String origin, String key) throws IOException {
        return open(
                url,
                List.of(
                        "--enable-quic",
                        "--origin-to-force-quic-on=" + origin,
                        "--ignore-certificate-errors-spki-list=" + key));
    }

    private static Chromium open(String url, List<String> transport) throws IOException {
        assumeTrue(Files.isExecutable(PROGRAM), "SKIPPED: no " + PROGRAM + "; .ci/run installs it");
        Path profile = Files.createTempDirectory("chromium");
        List<String> command = new ArrayList<>(List.of(
                PROGRAM.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--ignore-certificate-errors",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile));
        command.addAll(transport);
        command.add(url);
        return new Chromium(profile, Child.start(profile, command));
    }

    boolean isAlive() {
        return child.isAlive();
    }

    @Override
    public void close() {
        child.close();
        // Its helpers write into the folder for a moment longer.
        await().atMost(Duration.ofSeconds(60))
                .ignoreException(UncheckedIOException.class)
                .until(() -> {
                    if (Files.exists(profile)) {
                        NginxBackend.delete(profile);
                    }
                    return true;
                });
    }
}
