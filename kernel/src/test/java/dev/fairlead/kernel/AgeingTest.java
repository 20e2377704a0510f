package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgeingTest {
    private final Ageing ageing =
            new Ageing(Duration.ofMinutes(10).toNanos(), Duration.ofMinutes(2).toNanos());

    @ParameterizedTest
    @CsvSource({
        "0, true, 59, ",
        "0, true, 61, UNANSWERED",
        "0, false, 599, ",
        "0, false, 601, IDLE",
        "16, true, 61, UNANSWERED",
        "528, true, 599, ",
        "528, true, 601, IDLE",
        "32, true, 599, ",
        "18, true, 119, ",
        "18, true, 121, FIN_TIMEOUT",
        "20, true, 121, FIN_TIMEOUT",
        "22, true, 9, ",
        "22, true, 11, CLOSED",
        "24, true, 9, ",
        "24, true, 11, RESET"
    })
    void aFlowLastsAsLongAsItsStateSays(int flags, boolean isTcp, int silentSeconds, FlowEnd end) {
        assertThat(ageing.over(flags, isTcp, Duration.ofSeconds(silentSeconds).toNanos()))
                .isEqualTo(end);
    }

    @ParameterizedTest
    @CsvSource({"TCP, 599, ", "UDP, 2, IDLE"})
    void inADrainDatagramsAreWaitedForASecond(Transport transport, int silentSeconds, FlowEnd end) {
        assertThat(ageing.ofDrain(transport)
                        .over(
                                FlowEntry.ANSWERED | FlowEntry.PROVED,
                                transport == Transport.TCP,
                                Duration.ofSeconds(silentSeconds).toNanos()))
                .isEqualTo(end);
    }
}
