package dev.fairlead.net;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/// Whole lines on their way from one loop to the access log's writer: a ring of bytes with one producer and one
/// consumer, and no lock.
final class LogRing {
    private static final VarHandle PUT;
    private static final VarHandle TAKEN;

    static {
        try {
            PUT = MethodHandles.lookup().findVarHandle(LogRing.class, "put", long.class);
            TAKEN = MethodHandles.lookup().findVarHandle(LogRing.class, "taken", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final int capacity;
    private final ByteBuffer written;
    private final ByteBuffer read;

    // Both count bytes from the beginning and never wrap.
    private volatile long put;
    private volatile long taken;

    /// `capacity` is a power of two.
    LogRing(int capacity) {
        this.capacity = capacity;
        this.written = ByteBuffer.allocateDirect(capacity);
        this.read = written.duplicate();
    }

    /// Takes the line whole, or not at all when it does not fit: then false. The loop.
    boolean offer(byte[] line, int length) {
        long at = (long) PUT.get(this);
        if (length > capacity - (at - taken)) {
            return false;
        }
        int from = (int) (at & (capacity - 1));
        int first = Math.min(length, capacity - from);
        written.put(from, line, 0, first);
        written.put(0, line, first, length - first);
        // Volatile, for the look at the writer's sleep that follows must not come before it.
        put = at + length;
        return true;
    }

    /// How many bytes wait. Any thread.
    int waiting() {
        return (int) (put - taken);
    }

    /// Writes what waits. When that fails the bytes are gone all the same, and the exception says how many lines
    /// those were. The writer.
    void drainTo(WritableByteChannel channel) throws LostLines {
        long from = (long) TAKEN.get(this);
        long to = put;
        try {
            while (from < to) {
                int start = (int) (from & (capacity - 1));
                read.limit((int) Math.min(capacity, start + (to - from))).position(start);
                from += channel.write(read);
                taken = from;
            }
        } catch (IOException failed) {
            throw new LostLines(linesBetween(from, to), failed);
        } finally {
            taken = to;
        }
    }

    private long linesBetween(long from, long to) {
        long lines = 0;
        for (long i = from; i < to; i++) {
            if (written.get((int) (i & (capacity - 1))) == '\n') {
                lines++;
            }
        }
        return lines;
    }

    /// Lines that could not be written.
    static final class LostLines extends Exception {
        private final long count;

        LostLines(long count, IOException cause) {
            super(cause);
            this.count = count;
        }

        long count() {
            return count;
        }
    }
}
