package dev.fairlead.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.NetworkInterface;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class DeviceTest {
    @Test
    void knowsWhatJavaKnows() throws Exception {
        for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
            Device found = Device.named(each.getName());

            assertThat(found).isNotNull();
            assertThat(found.index()).isEqualTo(each.getIndex());
            assertThat(found.isUp()).isEqualTo(each.isUp());
            byte[] mac = each.getHardwareAddress();
            for (int i = 0; mac != null && mac.length == 6 && i < 6; i++) {
                assertThat((byte) (found.mac() >> 8 * (5 - i))).isEqualTo(mac[i]);
            }
            assertThat(Device.all()).contains(found);
        }
    }

    @Test
    void aNameThatNobodyHasIsNoDevice() {
        assertThat(Device.named("nobody0")).isNull();
        assertThat(Device.named("a-name-that-is-far-too-long")).isNull();
    }
}
