package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What `docs/` holds is what the records say now.
class PublishedPagesTest {
    private static final Path DOCS = Path.of("../docs");

    @Test
    void theReferencePageIsCurrent() throws IOException {
        isCurrent("config.md", ConfigReference.markdown());
    }

    @Test
    void theSchemaIsCurrent() throws IOException {
        isCurrent("fairlead.schema.json", ConfigSchema.json());
    }

    private static void isCurrent(String file, String wanted) throws IOException {
        if (Boolean.getBoolean("fairlead.write")) {
            Files.writeString(DOCS.resolve(file), wanted);
        }
        assertThat(Files.readString(DOCS.resolve(file)))
                .as(
                        "docs/%s is not current. Make it again: "
                                + "`./mvnw -pl config test -Dtest=PublishedPagesTest -Dfairlead.write=true`",
                        file)
                .isEqualTo(wanted);
    }

    @Test
    void theExamplesOfTheReferencePageHaveNoProblem() {
        for (String example : new String[] {ConfigReference.EXAMPLE, ConfigReference.SMALLEST}) {
            assertThat(ConfigFile.read(example, "example.yaml", Map.of()).problems())
                    .isEmpty();
        }
    }

    @Test
    void theSmallestConfigIsShorterThanTenLines() {
        assertThat(ConfigReference.SMALLEST.lines().count()).isLessThan(10);
    }
}
