package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {
    @ParameterizedTest
    @CsvSource({"0s, PT0S", "250ms, PT0.25S", "5s, PT5S", "1m, PT1M", "90s, PT90S", "2h, PT2H", "7d, P7D"})
    void readsAWholeNumberAndAUnit(String text, Duration expected) throws Malformed {
        assertThat(DurationText.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "5", "s", "5 s", "-5s", "+5s", "1.5s", "5S", "5sec", "1m30s", "5us", "99999999999s", "٣s"})
    void refusesAnythingElse(String text) {
        assertThatExceptionOfType(Malformed.class).isThrownBy(() -> DurationText.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "1ms", "1001ms", "59s", "1m", "90m", "25h", "7d"})
    void writesWhatItRead(String text) throws Malformed {
        assertThat(DurationText.write(DurationText.parse(text))).isEqualTo(text);
    }
}
