package dev.fairlead.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.leak.NoLeaks;
import io.netty.channel.epoll.Epoll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
final class TransportTest {
    @Test
    @EnabledOnOs(OS.LINUX)
    void isEpollOnLinux() {
        assertThat(Epoll.unavailabilityCause()).isNull();
        assertThat(Transport.best()).isEqualTo(Transport.EPOLL);
    }
}
