package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The control group of all processes that this one knows of: cgroups(7), version 2.
public final class ControlGroup {
    /// Lines of `device where type options ...`.
    private static final Path MOUNTS = Path.of("/proc/self/mounts");

    private static final int O_CLOEXEC = 0x80000;

    private static final MethodHandle OPEN = Libc.variadic("open", 2, JAVA_INT, ADDRESS, JAVA_INT);

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
            MemorySegment errno = Libc.errnoSegment(arena);
            int result = (int) OPEN.invokeExact(errno, arena.allocateFrom(group.toString()), O_CLOEXEC);
            return result < 0 ? Libc.negative(errno) : result;
        } catch (Throwable impossible) {
            throw Libc.impossible("open", impossible);
        }
    }
}
