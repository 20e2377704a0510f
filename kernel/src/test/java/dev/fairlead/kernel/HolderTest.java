package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HolderTest {
    private static final String BOOT = "0c8d1f4e-9f4b-4f57-8d3f-5b9f6f3f1c11\n";
    private static final String STAT =
            "4711 (a) R 7 (b) S 1 4711 4711 0 -1 4194560 2 0 0 0 5 6 0 0 20 0 30 0 %d 9 8 7\n";

    @Test
    void thisProcessIsAlive() {
        Holder self = Holder.thisProcess();

        assertThat(self.isAlive()).isTrue();
        assertThat(self.isThisProcess()).isTrue();
        assertThat(String.valueOf(self.began()))
                .as("filters' names have room for that")
                .hasSizeLessThan(19);
    }

    @Test
    void anotherBeginOrAnotherBootIsAnotherProcess() {
        Long one = Holder.began(BOOT, STAT.formatted(123456));

        assertThat(Holder.began(BOOT, STAT.formatted(123456))).isEqualTo(one);
        assertThat(Holder.began(BOOT, STAT.formatted(123457))).isNotEqualTo(one);
        assertThat(Holder.began(BOOT.replace('c', 'd'), STAT.formatted(123456))).isNotEqualTo(one);
        assertThat(new Holder(ProcessHandle.current().pid(), one).isAlive()).isFalse();
    }

    /// Nothing but its number is left of it.
    @Test
    void whatHasEndedIsNotAliveThoughNobodyHasAsked() {
        assertThat(Holder.began(BOOT, STAT.formatted(123456).replace(" S ", " Z ")))
                .isNull();
    }

    /// As earlier builds have left it.
    @Test
    void aTimeOfDayIsUnderstood() {
        ProcessHandle self = ProcessHandle.current();
        long millis = self.info().startInstant().orElseThrow().toEpochMilli();

        assertThat(new Holder(self.pid(), millis).isAlive()).isTrue();
        assertThat(new Holder(self.pid(), millis - 10).isAlive()).isFalse();
    }
}
