package dev.fairlead.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostGuardTest {
    private final HostGuard guard = new HostGuard(new InetSocketAddress("127.0.0.1", 9090));

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LocalHost:9090", "127.0.0.1", "127.0.0.1:1", "[::1]:9090", "127.1.2.3"})
    void acceptsLoopbackNames(String host) {
        assertThat(guard.acceptsHost(host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "localhost.evil.example:9090",
                "10.0.0.1",
                "",
                ":9090",
                "[::1",
                "127.0.0.1.nip.io"
            })
    void refusesOtherNames(String host) {
        assertThat(guard.acceptsHost(host)).isFalse();
    }

    @Test
    void refusesARequestWithoutHost() {
        assertThat(guard.acceptsHost(null)).isFalse();
    }

    @Test
    void acceptsTheBoundAddress() {
        var elsewhere = new HostGuard(new InetSocketAddress("10.0.0.1", 9090));

        assertThat(elsewhere.acceptsHost("10.0.0.1:9090")).isTrue();
        assertThat(elsewhere.acceptsHost("10.0.0.2:9090")).isFalse();
    }

    @Test
    void acceptsProgramsAndItsOwnPagesOnly() {
        assertThat(guard.acceptsOrigin(null)).isTrue();
        assertThat(guard.acceptsOrigin("http://127.0.0.1:9090")).isTrue();
        assertThat(guard.acceptsOrigin("https://evil.example")).isFalse();
        assertThat(guard.acceptsOrigin("http://evil.example")).isFalse();
        assertThat(guard.acceptsOrigin("null")).isFalse();
    }
}
