package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A pipe of the kernel that does not block, for [Transfer#splice]: pages wait in it between two sockets and are
/// not copied. Linux only.
public final class Pipe implements AutoCloseable {
    /// What a pipe holds that could not be made larger: `pipe-user-pages-soft` of pipe(7) is reached.
    private static final int DEFAULT_BYTES = 64 << 10;

    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final int F_SETPIPE_SZ = 1031;

    private static final Call PIPE2 = Call.of("pipe2");
    private static final Call FCNTL = Call.of("fcntl");
    private static final Call CLOSE = Call.of("close");

    private final int in;
    private final int out;
    private final int capacity;

    private Pipe(int in, int out, int capacity) {
        this.in = in;
        this.out = out;
        this.capacity = capacity;
    }

    /// Opens one of this capacity, or of what the system grants instead. Null when it has no descriptor left.
    public static @Nullable Pipe open(int wantedBytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = Libc.errnoSegment(arena);
            MemorySegment ends = arena.allocate(JAVA_INT, 2);
            if (PIPE2.call(errno, ends.address(), O_NONBLOCK | O_CLOEXEC) < 0) {
                return null;
            }
            int in = ends.getAtIndex(JAVA_INT, 1);
            int granted = FCNTL.call(errno, in, F_SETPIPE_SZ, wantedBytes);
            return new Pipe(in, ends.getAtIndex(JAVA_INT, 0), granted < 0 ? DEFAULT_BYTES : granted);
        }
    }

    /// The end that takes bytes.
    public int in() {
        return in;
    }

    /// The end that gives them.
    public int out() {
        return out;
    }

    public int capacity() {
        return capacity;
    }

    /// What is in it is lost.
    @Override
    public void close() {
        close(in);
        close(out);
    }

    private static void close(int descriptor) {
        int _ = CLOSE.call(descriptor);
    }
}
