package dev.fairlead.kernel;

import java.time.Instant;

/// A process that has something in the kernel, and when it began: its number alone may be another's by now.
public record Holder(long process, long beganMillis) {
    public static Holder thisProcess() {
        ProcessHandle self = ProcessHandle.current();
        return new Holder(self.pid(), began(self));
    }

    private static long began(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    public boolean isAlive() {
        return ProcessHandle.of(process)
                .filter(each -> began(each) == beganMillis)
                .isPresent();
    }

    public boolean isThisProcess() {
        return process == ProcessHandle.current().pid();
    }
}
