package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each file in `examples/` is right, and starts.
class ExamplesTest {
    @TempDir
    private Path directory;

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(Repository.ROOT.resolve("examples"))) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void passesTheCheck(Path example) throws IOException, InterruptedException {
        Child.Result result = Child.run(
                Repository.ROOT,
                Program.command(List.of(), "check", example.toString()).toArray(String[]::new));

        assertThat(result.status()).as(result.text() + result.errors()).isZero();
        assertThat(result.text() + result.errors()).doesNotContain("warning");
    }

    static List<Path> examplesWithTests() throws IOException {
        List<Path> with = new ArrayList<>();
        for (Path example : examples()) {
            if (Files.readString(example).contains("\ntests:")) {
                with.add(example);
            }
        }
        return with;
    }

    @ParameterizedTest
    @MethodSource("examplesWithTests")
    void passesItsOwnTests(Path example) throws IOException, InterruptedException {
        Child.Result result = Child.run(
                Repository.ROOT,
                Program.command(List.of(), "test", example.toString()).toArray(String[]::new));

        assertThat(result.status()).as(result.text() + result.errors()).isZero();
        assertThat(result.text()).contains(" passed, 0 failed");
    }

    /// One that Linux has to carry needs networks: [KernelExampleTest] starts it.
    static List<Path> examplesForAnyMachine() throws IOException {
        List<Path> without = new ArrayList<>();
        for (Path example : examples()) {
            if (!Files.readString(example).contains("carrier: kernel")) {
                without.add(example);
            }
        }
        return without;
    }

    @ParameterizedTest
    @MethodSource("examplesForAnyMachine")
    void starts(Path example) throws IOException, InterruptedException {
        try (Fairlead fairlead = Fairlead.start(elsewhere(Files.readString(example)))) {
            assertThat(fairlead.admin("/config")).isNotEmpty();
        }
    }

    /// The example on free ports of loopback, and with its log in a directory that is there.
    private String elsewhere(String yaml) {
        Map<String, Integer> ports = new HashMap<>();
        Matcher address = Pattern.compile("(?:\\*|(?:\\d+\\.){3}\\d+|\\[::1?]):(\\d{2,5})\\b")
                .matcher(yaml);
        String moved = address.replaceAll(
                found -> "127.0.0.1:" + ports.computeIfAbsent(found.group(), any -> Repository.freePort()));
        return moved.replaceAll("path: *\"?/[^\\s,}\"]*\\.log\"?", "path: " + directory.resolve("access.log"));
    }
}
