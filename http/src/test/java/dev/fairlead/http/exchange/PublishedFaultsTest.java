package dev.fairlead.http.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// The table of docs/headers.md has a line for each [Fault]: its status, its error, and what metrics call it.
class PublishedFaultsTest {
    private static final Path PAGE = Path.of("../docs/headers.md");

    @Test
    void thePageHasEveryFault() throws IOException {
        List<String> wanted = Arrays.stream(Fault.values())
                .map(fault -> {
                    // Whoever left, or is cut off, is not answered.
                    boolean isTold = fault.status() != 499 && fault != Fault.DRAINED;
                    String word = fault.name().toLowerCase(Locale.ROOT);
                    return "| %s | `%s` | `%s` |".formatted(isTold ? fault.status() : "none", fault.error(), word);
                })
                .toList();

        assertThat(lines()).containsExactlyInAnyOrderElementsOf(wanted);
    }

    /// The first three columns.
    private static List<String> lines() throws IOException {
        List<String> found = new ArrayList<>();
        for (String line : Files.readAllLines(PAGE)) {
            String[] cells = line.split("\\|");
            if (cells.length == 5 && cells[1].matches(" (\\d{3}|none) ")) {
                found.add("|%s|%s|%s|".formatted(cells[1], cells[2], cells[3]));
            }
        }
        return found;
    }
}
