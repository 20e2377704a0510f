package dev.fairlead.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
        assumeTrue(Files.isExecutable(PROGRAM), "SKIPPED: no " + PROGRAM + "; .ci/run installs it");
        Path profile = Files.createTempDirectory("chromium");
        return new Chromium(
                profile,
                Child.start(
                        profile,
                        List.of(
                                PROGRAM.toString(),
                                "--headless",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--ignore-certificate-errors",
                                "--remote-debugging-port=0",
                                "--user-data-dir=" + profile,
                                url)));
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
