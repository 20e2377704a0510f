package dev.fairlead.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.AccessLogSpec;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@ExtendWith(NoLeaks.class)
final class AccessLogTest {
    @TempDir
    private Path folder;

    private final Metrics metrics = new Metrics();

    @Test
    void writesEveryLineOfEveryLoopInItsOrder() throws Exception {
        int count = 20_000;
        try (AccessLog log = open("access.log", 1 << 20)) {
            List<Thread> loops = new ArrayList<>();
            for (int loop = 0; loop < 3; loop++) {
                int index = loop;
                loops.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < count; i++) {
                        log.write(log.line(index).field("loop", index).field("i", i));
                    }
                }));
            }
            for (Thread loop : loops) {
                loop.join();
            }
        }
        List<String> lines = Files.readAllLines(folder.resolve("access.log"));
        assertThat(lines.size() + dropped()).isEqualTo(3L * count);
        int[] last = {-1, -1, -1};
        for (String line : lines) {
            String[] parts = line.split("[:,}]", -1);
            int loop = Integer.parseInt(parts[1]);
            int i = Integer.parseInt(parts[3]);
            assertThat(i).isGreaterThan(last[loop]);
            last[loop] = i;
        }
    }

    /// Its writer is held up by a pipe that nobody reads.
    @Test
    void dropsAndCountsWhatTheWriterCannotTake() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Process reader = new ProcessBuilder("sh", "-c", "exec 3<\"$0\"; read go; cat <&3", pipe.toString()).start();
        int count = 20_000;
        AccessLog log = open("pipe", 64 << 10);
        for (int i = 0; i < count; i++) {
            log.write(log.line(0).field("i", i));
        }
        long droppedBefore = dropped();
        reader.getOutputStream().write('\n');
        reader.getOutputStream().flush();
        Thread closing = Thread.ofPlatform().start(log::close);
        List<String> lines = new String(reader.getInputStream().readAllBytes(), UTF_8)
                .lines()
                .toList();
        closing.join();
        assertThat(droppedBefore).isPositive();
        assertThat(lines.size() + dropped()).isEqualTo(count);
        assertThat(lines).allMatch(line -> line.startsWith("{\"i\":") && line.endsWith("}"));
    }

    @Test
    void wakesForALineAfterItHasSlept() throws Exception {
        try (AccessLog log = open("access.log", 1 << 16)) {
            for (int i = 1; i <= 20; i++) {
                log.write(log.line(0).field("i", i));
                untilLines("access.log", i);
            }
        }
    }

    @Test
    void opensTheFileAgainAfterItWasMovedAway() throws Exception {
        try (AccessLog log = open("access.log", 1 << 16)) {
            log.write(log.line(0).field("i", 1));
            untilLines("access.log", 1);
            Files.move(folder.resolve("access.log"), folder.resolve("access.log.1"));
            log.reopen();
            while (!Files.exists(folder.resolve("access.log"))) {
                LockSupport.parkNanos(1_000_000);
            }
            log.write(log.line(0).field("i", 2));
            untilLines("access.log", 1);
        }
        assertThat(folder.resolve("access.log.1")).hasContent("{\"i\":1}");
        assertThat(folder.resolve("access.log")).hasContent("{\"i\":2}");
    }

    @Test
    void keepsTheOldFileWhenItCannotBeOpenedAgain() throws Exception {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        try (AccessLog log = open("inner/access.log", 1 << 16)) {
            Files.move(inner, folder.resolve("moved"));
            log.reopen();
            log.write(log.line(0).field("i", 1));
            untilLines("moved/access.log", 1);
        }
    }

    @Test
    void appendsToWhatIsThere() throws Exception {
        Files.writeString(folder.resolve("access.log"), "before\n");
        try (AccessLog log = open("access.log", 1 << 16)) {
            log.write(log.line(0).field("i", 1));
        }
        assertThat(folder.resolve("access.log")).hasContent("before\n{\"i\":1}");
    }

    @Test
    void countsWhatComesAfterItsEndAsDropped() throws Exception {
        AccessLog log = open("access.log", 1 << 16);
        log.close();
        log.write(log.line(0).field("i", 1));
        assertThat(dropped()).isEqualTo(1);
    }

    @Test
    void countsWhatTheDiskDoesNotTakeAsDropped() throws Exception {
        try (AccessLog log = AccessLog.open(new AccessLogSpec("/dev/full", AccessLogSpec.Format.JSON), metrics)) {
            log.write(log.line(0).field("i", 1));
            log.write(log.line(0).field("i", 2));
        }
        assertThat(dropped()).isEqualTo(2);
    }

    @Test
    void isOffWithoutASpec() throws Exception {
        try (AccessLog log = AccessLog.open(null, metrics)) {
            assertThat(log.isOn()).isFalse();
        }
    }

    @Test
    void saysWhenItCannotBeOpened() {
        assertThatThrownBy(() -> open("missing/access.log", 1 << 16)).isInstanceOf(IOException.class);
    }

    private AccessLog open(String name, int ringBytes) throws IOException {
        var spec = new AccessLogSpec(folder.resolve(name).toString(), AccessLogSpec.Format.JSON);
        return AccessLog.open(spec, metrics, System::currentTimeMillis, ringBytes);
    }

    private long dropped() {
        return metrics.counter(Metric.ACCESS_LOG_DROPPED).value();
    }

    private void untilLines(String name, int count) throws IOException {
        long giveUpNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (Files.readAllLines(folder.resolve(name)).size() != count) {
            assertThat(System.nanoTime() - giveUpNanos).as("time left").isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }
}
