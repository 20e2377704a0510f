package dev.fairlead.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
            return Calls.MEMFD_CREATE.call(arena.allocateFrom(name).address(), MFD_CLOEXEC);
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
        int _ = Calls.MADVISE.call(MemorySegment.ofBuffer(part).address(), part.capacity(), MADV_NOHUGEPAGE);
    }

    /// Gives whole pages back to the kernel. What is still to be sent of them is not harmed: a socket has pages of its
    /// own until then.
    public void free(long from, long bytes) {
        int _ = Calls.FALLOCATE.call(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, bytes);
    }

    /// Found when the first file is opened: not every system has them.
    private static final class Calls {
        private static final Call MEMFD_CREATE = Call.of("memfd_create");
        private static final Call FALLOCATE = Call.of("fallocate");
        private static final Call MADVISE = Call.of("madvise");
    }
}
