package dev.fairlead.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.EpollDatagramChannelConfig;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The memory that the UDP sockets of one loop read into: one buffer, of which each read takes the next piece. A
/// piece has room for the largest datagram that there is, so none is ever cut; what it did not use goes to the next
/// read. Once everything that was read is written, the buffer begins anew: so it stays in the processor's cache, and
/// of its 2 MiB only the pages that datagrams have reached count. While old pieces are held, another buffer takes its
/// place. This loop only.
public final class DatagramSpace implements RecvByteBufAllocator, AutoCloseable {
    /// RFC 768 has 16 bits for the length. The 256 more keep the beginnings of pieces out of each other's cache lines.
    static final int SLOT_BYTES = 65_536 + 256;

    private static final int SLOTS = 32;
    /// Datagrams of one recvmmsg(2).
    private static final int BATCH = 16;
    /// After these, other sockets have their turn.
    private static final int MESSAGES_MAX = 64;
    /// Pieces begin on cache lines.
    private static final int LINE_BYTES = 64;

    private @Nullable ByteBuf space;
    private int used;

    @Override
    @SuppressWarnings("deprecation") // Netty's interface, which also asks for it.
    public Handle newHandle() {
        return new Reading();
    }

    private ByteBuf take(ByteBufAllocator allocator, int slots) {
        ByteBuf now = space;
        if (now != null && now.refCnt() == 1) {
            used = 0;
        } else if (now == null || now.capacity() - used < SLOT_BYTES) {
            close();
            now = allocator.directBuffer(SLOTS * SLOT_BYTES, SLOTS * SLOT_BYTES);
            space = now;
            used = 0;
        }
        int most = (now.capacity() - used) / SLOT_BYTES;
        return now.retainedSlice(used, Math.min(slots, most) * SLOT_BYTES).clear();
    }

    private void used(int bytes) {
        used += (bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
    }

    /// What is still held by others stays until they release it.
    @Override
    public void close() {
        ByteBuf last = space;
        if (last != null) {
            space = null;
            last.release();
        }
    }

    /// The reads of one socket.
    private final class Reading implements ExtendedHandle {
        private int slots = 1;
        private int messages;
        private int attempted;
        private int last;

        @Override
        public void reset(ChannelConfig config) {
            boolean isBatched =
                    config instanceof EpollDatagramChannelConfig epoll && epoll.getMaxDatagramPayloadSize() != 0;
            slots = isBatched ? BATCH : 1;
            messages = 0;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return take(Loops.buffers(), slots);
        }

        @Override
        public int guess() {
            return SLOT_BYTES;
        }

        @Override
        public void incMessagesRead(int count) {
            messages += count;
        }

        @Override
        public void lastBytesRead(int bytes) {
            last = bytes;
            if (bytes > 0) {
                used(bytes);
            }
        }

        @Override
        public int lastBytesRead() {
            return last;
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            attempted = bytes;
        }

        @Override
        public int attemptedBytesRead() {
            return attempted;
        }

        /// A batch that came back full is followed by another; else epoll says when there is more, which costs less
        /// than to ask in vain.
        @Override
        public boolean continueReading() {
            return slots > 1 && last > 0 && last >= attempted && messages < MESSAGES_MAX;
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreDataSupplier) {
            return continueReading();
        }

        @Override
        public void readComplete() {
            // Nothing is guessed, so there is nothing to learn.
        }
    }
}
