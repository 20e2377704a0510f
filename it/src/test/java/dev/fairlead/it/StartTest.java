package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Starts that fail end the process: one that goes on, and serves nobody, would not be started again.
@Timeout(120)
final class StartTest {
    @TempDir
    private Path folder;

    /// Descriptors for the loops, or for some of the listening sockets, but not for all of them.
    @ParameterizedTest
    @CsvSource({"110, tcp", "300, tcp", "110, udp", "300, udp"})
    void endsWhenThereAreTooFewDescriptors(int limit, String protocol) throws Exception {
        var yaml = new StringBuilder("loops: 32\nadmin: {address: \"127.0.0.1:" + Repository.freePort() + "\"}\n");
        yaml.append("upstreams: {app: {endpoints: [\"127.0.0.1:9\"]}}\nlisteners:\n");
        for (int i = 1; i <= 40; i++) {
            yaml.append("  l%d: {protocol: %s, address: \"127.0.1.%d:%d\", upstream: app}\n"
                    .formatted(i, protocol, i, Repository.freePort()));
        }
        Path file = Files.writeString(folder.resolve("fairlead.yaml"), yaml);
        List<String> command = new ArrayList<>(List.of("prlimit", "--nofile=" + limit + ":" + limit));
        command.addAll(Program.command(List.of("-Xmx128m"), "run", file.toString()));

        try (Child child = Child.start(folder, command)) {
            assertThat(child.await(Duration.ofSeconds(60))).isIn(1, 3);
            assertThat(child.output()).contains("fairlead: ");
        }
    }
}
