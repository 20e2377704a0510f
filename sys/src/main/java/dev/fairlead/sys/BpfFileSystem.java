package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/// The file system in which what [Bpf] makes has names. systemd mounts it; elsewhere it may not be there yet.
public final class BpfFileSystem {
    /// Where everybody expects it.
    public static final Path USUAL = Path.of("/sys/fs/bpf");

    private static final String TYPE = "bpf";
    private static final MethodHandle MOUNT =
            Libc.call("mount", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);

    private BpfFileSystem() {}

    /// Whether a directory that is there is of it.
    public static boolean has(Path directory) throws IOException {
        return Files.getFileStore(directory).type().equals(TYPE);
    }

    /// Mounts it on a directory that is there: 0, or a negative errno. Needs CAP_SYS_ADMIN.
    public static int mount(Path directory) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = Libc.errnoSegment(arena);
            MemorySegment type = arena.allocateFrom(TYPE);
            MemorySegment target = arena.allocateFrom(directory.toString());
            int result = (int) MOUNT.invokeExact(errno, type, target, type, 0L, MemorySegment.NULL);
            return result < 0 ? Libc.negative(errno) : result;
        } catch (Throwable impossible) {
            throw Libc.impossible("mount", impossible);
        }
    }
}
