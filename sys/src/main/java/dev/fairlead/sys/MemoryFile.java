package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// Memory that is a file of the kernel's too, in no folder (memfd_create(2)): what stands in it can be read as a
/// buffer, and be sent to a socket without being copied (sendfile(2)). Only pages that were written to take memory.
/// Linux only. Any thread.
public final class MemoryFile {
    /// No part that is mapped, and so no piece of what stands in it, is longer.
    public static final int SEGMENT = 1 << 30;

    public static final int PAGE = 4096;

    private static final int MFD_CLOEXEC = 1;
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int MADV_NOHUGEPAGE = 15;

    private final int descriptor;
    private final FileChannel channel;

    private MemoryFile(int descriptor, FileChannel channel) {
        this.descriptor = descriptor;
        this.channel = channel;
    }

    /// Null where there is none to be had.
    public static @Nullable MemoryFile open(String name) {
        int descriptor = create(name);
        if (descriptor < 0) {
            return null;
        }
        try {
            Path place = Path.of("/proc/self/fd/" + descriptor);
            return new MemoryFile(
                    descriptor, FileChannel.open(place, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } catch (IOException noProc) {
            return null;
        }
    }

    private static int create(String name) {
        try (Arena arena = Arena.ofConfined()) {
            return (int)
                    Calls.MEMFD_CREATE.invokeExact(Libc.errnoSegment(arena), arena.allocateFrom(name), MFD_CLOEXEC);
        } catch (Throwable impossible) {
            throw Libc.impossible("memfd_create", impossible);
        }
    }

    /// To be sent from. Nobody closes it, and nobody who may be interrupted reads it: that would close it.
    public FileChannel channel() {
        return channel;
    }

    /// Part `number` of the file as a buffer, which reaches until the process ends.
    public ByteBuffer map(int number) throws IOException {
        ByteBuffer part = channel.map(FileChannel.MapMode.READ_WRITE, (long) number * SEGMENT, SEGMENT);
        keepPagesSmall(part);
        return part;
    }

    /// A part of a huge page is not given back but overwritten with zeros, which a socket that still has it would send:
    /// see [#free]. A kernel that refuses has no huge pages.
    private static void keepPagesSmall(ByteBuffer part) {
        try (Arena arena = Arena.ofConfined()) {
            int _ = (int) Calls.MADVISE.invokeExact(
                    Libc.errnoSegment(arena), MemorySegment.ofBuffer(part), (long) part.capacity(), MADV_NOHUGEPAGE);
        } catch (Throwable impossible) {
            throw Libc.impossible("madvise", impossible);
        }
    }

    /// Gives whole pages back to the kernel. What is still to be sent of them is not harmed: a socket has pages of its
    /// own until then.
    public void free(long from, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            int _ = (int) Calls.FALLOCATE.invokeExact(
                    Libc.errnoSegment(arena), descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, bytes);
        } catch (Throwable impossible) {
            throw Libc.impossible("fallocate", impossible);
        }
    }

    /// Found when the first file is opened: not every system has them.
    private static final class Calls {
        private static final MethodHandle MEMFD_CREATE = Libc.call("memfd_create", JAVA_INT, ADDRESS, JAVA_INT);
        private static final MethodHandle FALLOCATE =
                Libc.call("fallocate", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
        private static final MethodHandle MADVISE = Libc.call("madvise", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    }
}
