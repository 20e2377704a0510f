package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubstitutionTest {
    private static final Substitution SUBSTITUTION =
            new Substitution(Map.of("A", "1", "B_2", "two", "EMPTY", "", "NESTED", "${A}"));

    @ParameterizedTest
    @CsvSource({
        "plain, plain",
        "${A}, 1",
        "x${A}y${B_2}z, x1ytwoz",
        "${NONE:-d}, d",
        "${NONE:-}, ''",
        "${EMPTY:-d}, d",
        "${EMPTY}, ''",
        "${A:-d}, 1",
        "${NONE:-a:-b}, a:-b",
        "$${A}, ${A}",
        "$$${A}, $${A}",
        "$A $, $A $",
        "${NESTED}, ${A}",
    })
    void putsVariablesInOnce(String text, String expected) throws Malformed {
        assertThat(SUBSTITUTION.apply(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"${NONE}", "${", "${A", "${}", "${1}", "${A-d}", "${A B}", "${A:d}"})
    void refusesWhatNamesNothing(String text) {
        assertThatExceptionOfType(Malformed.class).isThrownBy(() -> SUBSTITUTION.apply(text));
    }
}
