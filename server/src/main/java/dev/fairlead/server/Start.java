package dev.fairlead.server;

import java.time.Duration;
import java.time.Instant;

/// When the process began.
final class Start {
    private Start() {}

    static Instant ofProcess() {
        return ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
    }

    /// From the exec of the JVM until now, as exact as the kernel's clock tick (10 ms).
    static Duration age() {
        return Duration.between(ofProcess(), Instant.now());
    }
}
