package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/// A pipe of the kernel that does not block, for [Transfer#splice]: pages wait in it between two sockets and are
/// not copied. Linux only.
public final class Pipe implements AutoCloseable {
    /// What a pipe holds that could not be made larger: `pipe-user-pages-soft` of pipe(7) is reached.
    private static final int DEFAULT_BYTES = 64 << 10;

    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final int F_SETPIPE_SZ = 1031;

    private static final MethodHandle PIPE2 = Libc.call("pipe2", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle FCNTL = Libc.variadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = Libc.call("close", JAVA_INT, JAVA_INT);

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
            int result = (int) PIPE2.invokeExact(errno, ends, O_NONBLOCK | O_CLOEXEC);
            if (result < 0) {
                return null;
            }
            int in = ends.getAtIndex(JAVA_INT, 1);
            int granted = (int) FCNTL.invokeExact(errno, in, F_SETPIPE_SZ, wantedBytes);
            return new Pipe(in, ends.getAtIndex(JAVA_INT, 0), granted < 0 ? DEFAULT_BYTES : granted);
        } catch (Throwable impossible) {
            throw Libc.impossible("pipe2", impossible);
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
        try (Arena arena = Arena.ofConfined()) {
            int _ = (int) CLOSE.invokeExact(Libc.errnoSegment(arena), descriptor);
        } catch (Throwable impossible) {
            throw Libc.impossible("close", impossible);
        }
    }
}
