package dev.fairlead.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MemoryFileTest {
    /// What the kernel says of the mapping: `nh` is that it takes no huge pages (proc_pid_smaps(5)).
    @Test
    void isMappedInSmallPages() throws Exception {
        assumeThat(Path.of("/sys/kernel/mm/transparent_hugepage")).exists();
        MemoryFile file = MemoryFile.open("fairlead-small");
        assertThat(file).isNotNull();
        file.map(0).put(0, (byte) 1);
        List<String> maps = Files.readAllLines(Path.of("/proc/self/smaps"));
        int ours = 0;
        while (!maps.get(ours).contains("memfd:fairlead-small")) {
            ours++;
        }
        String flags = maps.stream()
                .skip(ours)
                .filter(line -> line.startsWith("VmFlags:"))
                .findFirst()
                .orElseThrow();
        assertThat(flags.split(" +")).contains("nh");
    }
}
