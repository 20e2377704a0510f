package dev.fairlead.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/// When the process began.
final class Start {
    /// `starttime` of proc_pid_stat(5), behind the name.
    private static final int BEGAN = 19;

    /// What Linux tells programs, whatever its own clock does.
    private static final double TICKS_PER_SECOND = 100;

    private Start() {}

    static Instant ofProcess() {
        return ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
    }

    /// From the exec of the JVM until now, as exact as the kernel's clock tick (10 ms). Not by [#ofProcess], which is
    /// told by a clock that knows the moment of the machine's own start to the second only.
    static Duration age() {
        try {
            String uptime = Files.readString(Path.of("/proc/uptime"));
            double now = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
            // The name of the command, in brackets, may have spaces in it.
            String process = Files.readString(Path.of("/proc/self/stat"));
            String[] fields = process.substring(process.lastIndexOf(')') + 2).split(" ");
            double began = Long.parseLong(fields[BEGAN]) / TICKS_PER_SECOND;
            return Duration.ofMillis(Math.max(0, Math.round((now - began) * 1000)));
        } catch (IOException | RuntimeException otherThanLinux) {
            return Duration.between(ofProcess(), Instant.now());
        }
    }
}
