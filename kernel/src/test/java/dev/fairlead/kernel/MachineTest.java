package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What is read of the machine.
class MachineTest {
    @Test
    void sourcePortsAreNotThoseOfTheHost() {
        assertThat(PortRanges.free("32768\t60999\n")).isEqualTo(new Service.PortRange(1024, 31744));
        assertThat(PortRanges.free("1024 32767")).isEqualTo(new Service.PortRange(32768, 32768));
    }

    @Test
    void roomIsAPartOfTheMemoryWithinBounds() {
        assertThat(Room.flows("MemTotal:        1000000 kB")).isEqualTo(16384);
        assertThat(Room.flows("MemTotal:       16000000 kB")).isEqualTo(81920);
        assertThat(Room.flows("MemTotal:     4000000000 kB")).isEqualTo(1 << 20);
    }
}
