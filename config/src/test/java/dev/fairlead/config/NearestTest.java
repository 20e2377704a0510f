package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
    private static final List<String> WORDS = List.of("pool", "probe", "attempts", "idle-timeout");

    @ParameterizedTest
    @CsvSource({"pol, pool", "polo, pool", "prob, probe", "Attempt, attempts", "idle_timeout, idle-timeout"})
    void findsTheWordThatWasMeant(String given, String meant) {
        assertThat(Nearest.hint(given, WORDS)).contains("`" + meant + "`");
    }

    @ParameterizedTest
    @CsvSource({"x, ''", "health, ''", "endpoints, ''"})
    void isSilentWhenNothingIsNear(String given, String hint) {
        assertThat(Nearest.hint(given, WORDS)).isEqualTo(hint);
    }

    @Test
    void countsASwapAsOneEdit() {
        assertThat(Nearest.edits("porbe", "probe")).isEqualTo(1);
        assertThat(Nearest.edits("", "abc")).isEqualTo(3);
    }
}
