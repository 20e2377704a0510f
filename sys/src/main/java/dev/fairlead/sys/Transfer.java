package dev.fairlead.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;

/// Moves bytes between sockets that do not block, by recv(2) and send(2) through one buffer of its own, or by
/// splice(2) through a [Pipe]. What a call cannot do it says as a negative errno, never as an exception. Linux only.
/// One thread.
public final class Transfer {
    /// The size of the buffer: what one [#receive] takes at the most. Larger ones were no faster, and leave the cache.
    public static final int BUFFER_BYTES = 64 << 10;

    public static final int EINTR = -4;
    public static final int EAGAIN = -11;
    public static final int ETIMEDOUT = -110;

    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SPLICE_F_MOVE = 1;
    private static final int SPLICE_F_NONBLOCK = 2;
    private static final int SHUT_WR = 1;

    private static final MethodHandle RECV = Libc.call("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SEND = Libc.call("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SPLICE =
            Libc.call("splice", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SHUTDOWN = Libc.call("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);

    private final MemorySegment errno = Libc.errnoSegment(Arena.ofAuto());
    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_BYTES, 4096);
    private final ByteBuffer view = buffer.asByteBuffer();

    /// Receives into the buffer. 0 is the end of what the peer sends.
    public int receive(int socket) {
        try {
            long count = (long) RECV.invokeExact(errno, socket, buffer, (long) BUFFER_BYTES, 0);
            return count < 0 ? Libc.negative(errno) : (int) count;
        } catch (Throwable impossible) {
            throw Libc.impossible("recv", impossible);
        }
    }

    /// Sends these bytes of the buffer, or as many as the socket takes.
    public int send(int socket, int offset, int length) {
        return send(socket, buffer.asSlice(offset, length));
    }

    /// Sends what a direct buffer holds, or as many as the socket takes. The buffer stays as it is.
    public int send(int socket, ByteBuffer direct) {
        return send(socket, MemorySegment.ofBuffer(direct));
    }

    private int send(int socket, MemorySegment bytes) {
        try {
            long count = (long) SEND.invokeExact(errno, socket, bytes, bytes.byteSize(), MSG_NOSIGNAL);
            return count < 0 ? Libc.negative(errno) : (int) count;
        } catch (Throwable impossible) {
            throw Libc.impossible("send", impossible);
        }
    }

    /// The bytes of the buffer, to be copied before the next [#receive].
    public ByteBuffer peek(int offset, int length) {
        return view.slice(offset, length);
    }

    /// Moves bytes into a pipe or out of it, without a look at them. 0 is the end of what the peer sends.
    public int splice(int from, int to, int length) {
        try {
            long count = (long) SPLICE.invokeExact(
                    errno,
                    from,
                    MemorySegment.NULL,
                    to,
                    MemorySegment.NULL,
                    (long) length,
                    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
            return count < 0 ? Libc.negative(errno) : (int) count;
        } catch (Throwable impossible) {
            throw Libc.impossible("splice", impossible);
        }
    }

    /// Sends the end: the peer reads it after all that was sent before. 0 when done.
    public int shutdownOutput(int socket) {
        try {
            int result = (int) SHUTDOWN.invokeExact(errno, socket, SHUT_WR);
            return result < 0 ? Libc.negative(errno) : 0;
        } catch (Throwable impossible) {
            throw Libc.impossible("shutdown", impossible);
        }
    }
}
