package dev.fairlead.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DescriptorLimitTest {
    @Test
    void isWhatTheKernelSays() throws Exception {
        String line = Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(each -> each.startsWith("Max open files"))
                .findFirst()
                .orElseThrow();

        assertThat(DescriptorLimit.soft()).isEqualTo(Long.parseLong(line.split(" {2,}")[1]));
    }
}
