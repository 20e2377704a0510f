package dev.fairlead.http.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PreferencesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "en,de | en,de",
                "de,en | de,en",
                "de;q=0.5,en | en,de;q=500",
                "en;q=1.0,de;q=0.50 | en,de;q=500",
                "en; q=1, de;q=0.500 | en,de;q=500",
                "a;q=0.7,b;q=0.9,c;q=0.7 | b;q=900,a;q=700,c;q=700",
                "gzip,br;q=0,*;q=0.001 | gzip,*;q=1,br;q=0",
                "en,,de;q=.5 | en,,de;q=.5",
                "en;q=2,de | en;q=2,de",
                "en;q=1.001,de | en;q=1.001,de",
                "en;q=0.1234,de | en;q=0.1234,de",
                "en;level=1,de | en;level=1,de"
            })
    void areNormal(String list, String normal) {
        assertThat(Preferences.normal(list)).isEqualTo(normal);
    }
}
