package dev.fairlead.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// A directory that one process at a time does something in: flock(2), which ends with the process. Any file system
/// has it, one in which no file can be made too.
public final class DirectoryLock implements AutoCloseable {
    private static final int O_CLOEXEC = 0x80000;
    private static final int LOCK_EXCLUSIVE_NOW = 2 | 4;
    private static final int EWOULDBLOCK = -11;
    private static final int TRIES = 500;
    private static final long PAUSE_MILLIS = 10;

    private static final Call OPEN = Call.of("open");
    private static final Call FLOCK = Call.of("flock");
    private static final Call CLOSE = Call.of("close");

    private final int descriptor;

    private DirectoryLock(int descriptor) {
        this.descriptor = descriptor;
    }

    /// Waits for up to five seconds for another process that has it.
    public static DirectoryLock of(Path directory) throws IOException {
        int descriptor;
        try (Arena arena = Arena.ofConfined()) {
            descriptor = OPEN.call(arena.allocateFrom(directory.toString()).address(), O_CLOEXEC);
        }
        if (descriptor < 0) {
            throw new IOException(directory + ": " + Errno.text(descriptor));
        }
        int result = FLOCK.call(descriptor, LOCK_EXCLUSIVE_NOW);
        for (int left = TRIES; result == EWOULDBLOCK && left > 0; left--) {
            pause();
            result = FLOCK.call(descriptor, LOCK_EXCLUSIVE_NOW);
        }
        if (result < 0) {
            int _ = CLOSE.call(descriptor);
            throw new IOException("another process does something in " + directory + ": " + Errno.text(result));
        }
        return new DirectoryLock(descriptor);
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        int _ = CLOSE.call(descriptor);
    }
}
