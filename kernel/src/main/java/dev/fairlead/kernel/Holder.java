package dev.fairlead.kernel;

import dev.fairlead.upstream.balance.Hash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A process that has something in the kernel, and when it began: its number alone may be another's by now. `began` is
/// made of the boot that it was in and of the ticks since then, so no step of the clock changes it. Earlier builds of
/// Fairlead wrote milliseconds since 1970, which are still understood.
public record Holder(long process, long began) {
    private static final Path PROCESSES = Path.of("/proc");
    private static final Path BOOT = PROCESSES.resolve("sys/kernel/random/boot_id");

    /// Set in no number of milliseconds. All of `began` has 18 digits at most.
    private static final long IS_OF_BOOT = 1L << 58;

    /// Field 22 of proc_pid_stat(5), counted from the first that stands behind the command's name.
    private static final int START_TIME = 19;

    private static final Set<String> ENDED = Set.of("Z", "X");

    /// What does not change while this process lives.
    private static final class Self {
        private static final Holder HOLDER = of(ProcessHandle.current().pid());
    }

    public static Holder thisProcess() {
        return Self.HOLDER;
    }

    private static Holder of(long process) {
        Long began = began(process);
        return new Holder(process, began == null ? 0 : began);
    }

    /// Null when there is no such process any more.
    private static @Nullable Long began(long process) {
        try {
            Path stat = PROCESSES.resolve(Long.toString(process)).resolve("stat");
            return began(Files.readString(BOOT), Files.readString(stat));
        } catch (IOException gone) {
            return null;
        }
    }

    /// The name of a process may have anything in it, parentheses too. Null when it has ended, though its parent has
    /// not asked how.
    static @Nullable Long began(String boot, String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        if (ENDED.contains(fields[0])) {
            return null;
        }
        return IS_OF_BOOT | Hash.of(boot.strip() + ' ' + fields[START_TIME]) & (IS_OF_BOOT - 1);
    }

    public boolean isAlive() {
        if ((began & IS_OF_BOOT) == 0) {
            return isAliveByTheClock();
        }
        Long now = began(process);
        return now != null && now == began;
    }

    private boolean isAliveByTheClock() {
        return ProcessHandle.of(process)
                .flatMap(each -> each.info().startInstant())
                .map(Instant::toEpochMilli)
                .filter(millis -> millis == began)
                .isPresent();
    }

    public boolean isThisProcess() {
        return equals(thisProcess());
    }
}
