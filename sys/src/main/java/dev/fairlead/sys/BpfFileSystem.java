package dev.fairlead.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/// The file system in which what [Bpf] makes has names. systemd mounts it; elsewhere it may not be there yet.
public final class BpfFileSystem {
    /// Where everybody expects it.
    public static final Path USUAL = Path.of("/sys/fs/bpf");

    private static final String TYPE = "bpf";
    private static final Call MOUNT = Call.of("mount");

    private BpfFileSystem() {}

    /// Whether a directory that is there is of it.
    public static boolean has(Path directory) throws IOException {
        return Files.getFileStore(directory).type().equals(TYPE);
    }

    /// Mounts it on a directory that is there: 0, or a negative errno. Needs CAP_SYS_ADMIN.
    public static int mount(Path directory) {
        try (Arena arena = Arena.ofConfined()) {
            long type = arena.allocateFrom(TYPE).address();
            long target = arena.allocateFrom(directory.toString()).address();
            return MOUNT.call(type, target, type);
        }
    }
}
