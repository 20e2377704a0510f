package dev.fairlead.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is read of the machine.
class MachineTest {
    @Test
    void sourcePortsAreNotThoseOfTheHost() throws IOException {
        assertThat(PortRanges.free("32768\t60999\n")).isEqualTo(new Service.PortRange(1024, 31744));
        assertThat(PortRanges.free("1024 32767")).isEqualTo(new Service.PortRange(32768, 32768));
    }

    /// That setting is a usual one of busy hosts.
    @Test
    void withoutSourcePortsItSaysWhatToSet() {
        assertThatThrownBy(() -> PortRanges.free("1024 65535"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("sysctl net.ipv4.ip_local_port_range=\"32768 60999\"");
    }

    @Test
    void roomIsAPartOfTheMemoryWithinBounds() {
        assertThat(Room.flows("MemTotal:        1000000 kB")).isEqualTo(16384);
        assertThat(Room.flows("MemTotal:       16000000 kB")).isEqualTo(81920);
        assertThat(Room.flows("MemTotal:     4000000000 kB")).isEqualTo(1 << 20);
        assertThat(Room.isNear(81920, 81919)).isTrue();
        assertThat(Room.isNear(81920, 40960)).isTrue();
        assertThat(Room.isNear(81920, 163840)).isTrue();
        assertThat(Room.isNear(100, 81920)).isFalse();
        assertThat(Room.isNear(1 << 20, 81920)).isFalse();
    }

    @Test
    void whatIsNotEthernetIsRefusedByName() throws IOException {
        assertThat(Interfaces.of(List.of("lo"))).hasSize(1);
        assertThatThrownBy(() -> Interfaces.ofEthernet(List.of("lo")))
                .hasMessage("lo, which `kernel` names, is not an Ethernet interface");
    }

    @Test
    void aSourceIsAnAddressOfThisHost() throws IOException {
        InetAddress here = InetAddress.ofLiteral("127.0.0.1");
        assertThat(Interfaces.isSource(here)).isTrue();
        assertThat(Interfaces.addresses()).contains(here);
        // RFC 5737 section 3: nobody's.
        assertThat(Interfaces.isSource(InetAddress.ofLiteral("192.0.2.1"))).isFalse();
    }
}
