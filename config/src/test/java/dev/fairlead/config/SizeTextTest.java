package dev.fairlead.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizeTextTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "512, 512",
        "512B, 512",
        "64KiB, 65536",
        "1MiB, 1048576",
        "2GiB, 2147483648",
        "1PiB, 1125899906842624"
    })
    void readsBinaryUnitsAndPlainBytes(String text, long expected) throws Malformed {
        assertThat(SizeText.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "B", "-1", "1.5KiB", "1 KiB", "1kib", "99999PiB", "9999999999999999"})
    void refusesAnythingElse(String text) {
        assertThatExceptionOfType(Malformed.class).isThrownBy(() -> SizeText.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"64KB, 64KiB", "64k, 64KiB", "1M, 1MiB", "1mb, 1MiB", "2G, 2GiB"})
    void saysWhichBinaryUnitIsMeant(String text, String meant) {
        assertThatExceptionOfType(Malformed.class)
                .isThrownBy(() -> SizeText.parse(text))
                .withMessageContaining("did you mean `" + meant + "`");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0B", "1B", "1025B", "64KiB", "1MiB", "3GiB"})
    void writesWhatItRead(String text) throws Malformed {
        assertThat(SizeText.write(SizeText.parse(text))).isEqualTo(text);
    }
}
