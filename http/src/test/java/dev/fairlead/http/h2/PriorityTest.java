package dev.fairlead.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PriorityTest {
    /// RFC 9218 §4: what is not known, or out of range, is as if it were not there.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "u=0|0|false",
                "u=7, i|7|true",
                "i|3|true",
                "i=?1,u=1|1|true",
                "i=?0|3|false",
                "u=5;x=1, i;y|5|true",
                "u=9|3|false",
                "u=-1|3|false",
                "u|3|false",
                "nothing|3|false",
                "u=1, u=2|2|false"
            })
    void readsWhatClientsSend(String value, int urgency, boolean isIncremental) {
        assertThat(Priority.of(value)).isEqualTo(new Priority(urgency, isIncremental));
    }
}
