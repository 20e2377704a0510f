package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every pair of input and expected problems. After a wanted change of words, `./mvnw -pl config test
/// -Dtest=CasesTest -Dfairlead.write=true` writes what is found into the files; read the difference before keeping
/// it.
class CasesTest {
    /// Values and elements, not keys.
    private static final Pattern WORD =
            Pattern.compile("(?<=[:,\\[] ?)[^\\s,:{}\\[\\]#\"]+(?=[,}\\]\\n])|\"[^\"\\n]*\"");

    private static final List<String> WRONG = List.of("wrong%", "-1", "[]", "{}", "\"\"");

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

    /// A value that is none has a stand-in, which everything that looks at the whole has to bear: each word in its
    /// turn, made one that is right nowhere.
    @ParameterizedTest
    @MethodSource("cases")
    void whateverWordIsWrongIsTold(Case one) {
        Matcher word = WORD.matcher(one.input());
        while (word.find()) {
            for (String wrong : WRONG) {
                String text = one.input().substring(0, word.start())
                        + wrong
                        + one.input().substring(word.end());

                assertThatCode(() -> ConfigFile.read(text, "case.yaml", Case.ENVIRONMENT))
                        .as(text)
                        .doesNotThrowAnyException();
            }
        }
    }
}
