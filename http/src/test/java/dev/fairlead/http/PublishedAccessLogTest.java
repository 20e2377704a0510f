package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The table of docs/operations.md has the fields that [ExchangeRecord] writes, and no others.
class PublishedAccessLogTest {
    private static final Path PAGE = Path.of("../docs/operations.md");
    private static final Path SOURCE = Path.of("src/main/java/dev/fairlead/http/ExchangeRecord.java");
    private static final Pattern WRITTEN =
            Pattern.compile("(?:\\.(?:time|field|millis)\\(|piece\\(\\s*line,)\\s*\"(\\w+)\"");

    @Test
    void thePageHasEveryField() throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf("## Access log");
        String section = page.substring(start, page.indexOf("\n## ", start));
        List<String> told = section.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|")[1])
                .flatMap(cell -> names(Pattern.compile("`(\\w+)`"), cell))
                .toList();

        List<String> written = names(WRITTEN, Files.readString(SOURCE)).toList();

        assertThat(written).contains("time", "method", "totalMillis", "details");
        assertThat(told).containsExactlyInAnyOrderElementsOf(written);
    }

    private static Stream<String> names(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.results().map(found -> found.group(1));
    }
}
