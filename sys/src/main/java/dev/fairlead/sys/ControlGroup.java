package dev.fairlead.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The control group of all processes that this one knows of: cgroups(7), version 2.
public final class ControlGroup {
    /// Lines of `device where type options ...`.
    private static final Path MOUNTS = Path.of("/proc/self/mounts");

    private static final int O_CLOEXEC = 0x80000;

    private static final Call OPEN = Call.of("open");

    private ControlGroup() {}

    /// Where it is mounted; null when it is nowhere.
    public static @Nullable Path root() throws IOException {
        try (Stream<String> lines = Files.lines(MOUNTS)) {
            return lines.map(line -> line.split(" "))
                    .filter(words -> words.length > 2 && words[2].equals("cgroup2"))
                    .map(words -> Path.of(words[1]))
                    .findFirst()
                    .orElse(null);
        }
    }

    /// A descriptor of the group that is there, or a negative errno. [Bpf#close] closes it.
    public static int open(Path group) {
        try (Arena arena = Arena.ofConfined()) {
            return OPEN.call(arena.allocateFrom(group.toString()).address(), O_CLOEXEC);
        }
    }
}
