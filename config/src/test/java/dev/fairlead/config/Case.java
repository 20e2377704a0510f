package dev.fairlead.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// One file of `src/test/resources/cases`: a config, a line `----`, and the problems it has, exactly. A first line
/// that begins with `# beyond the schema` marks a mistake that no JSON Schema can see, `# beyond JSON` what only
/// YAML can write.
record Case(String name, String input, String expected) {
    static final Path FOLDER = Path.of("src/test/resources/cases");

    /// What `${...}` refers to in the cases.
    static final Map<String, String> ENVIRONMENT = Map.of(
            "PORT",
            "8080",
            "UPSTREAM",
            "app",
            "EMPTY",
            "",
            "INJECTION",
            "app\nlisteners: {}",
            "WEIGHT",
            "3",
            "WORD",
            "x");

    static List<Case> all() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.sorted().map(Case::of).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Case of(Path file) {
        try {
            String text = Files.readString(file);
            int end = text.indexOf("----\n");
            return new Case(file.getFileName().toString(), text.substring(0, end), text.substring(end + 5));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ConfigFile.Reading read() {
        return ConfigFile.read(input, "case.yaml", ENVIRONMENT);
    }

    boolean isBeyondTheSchema() {
        return input.startsWith("# beyond the schema");
    }

    boolean isBeyondJson() {
        return input.startsWith("# beyond JSON");
    }

    static String problems(ConfigFile.Reading reading) {
        return reading.problems().stream()
                .map(each -> "%d:%d: %s: %s\n    at %s\n"
                        .formatted(each.line(), each.column(), each.severity().word(), each.message(), each.path()))
                .collect(Collectors.joining());
    }

    @Override
    public String toString() {
        return name;
    }
}
