package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every pair of input and expected problems. After a wanted change of words, `./mvnw -pl config test
/// -Dtest=CasesTest -Dfairlead.write=true` writes what is found into the files; read the difference before keeping
/// it.
class CasesTest {
    static List<Case> cases() {
        return Case.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void hasExactlyTheExpectedProblems(Case one) throws IOException {
        ConfigFile.Reading reading = one.read();

        String found = Case.problems(reading);
        if (Boolean.getBoolean("fairlead.write")) {
            Files.writeString(Case.FOLDER.resolve(one.name()), one.input() + "----\n" + found);
        }
        assertThat(found).isEqualTo(one.expected());
        assertThat(reading.hasErrors()).isEqualTo(one.expected().contains(": error: "));
    }
}
