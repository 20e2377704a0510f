package dev.fairlead.http.codec;

import dev.fairlead.http.message.Bytes;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/// Gathers what is to be sent on a channel, so that a head and a small body leave in one buffer and one system
/// call. Large pieces are passed on as they are. Its loop only.
final class Outbox {
    /// Room for a common head and a small body; a size class of the allocator.
    private static final int BUFFER = 2048;

    private final Channel channel;
    private @Nullable ByteBuf buffer;

    Outbox(Channel channel) {
        this.channel = channel;
    }

    void put(Bytes bytes) {
        put(bytes.array(), 0, bytes.length());
    }

    void put(byte[] bytes, int from, int to) {
        int size = to - from;
        ByteBuf open = buffer;
        if (open == null || open.writableBytes() < size) {
            spill();
            open = channel.alloc().directBuffer(Math.max(BUFFER, size));
            buffer = open;
        }
        open.writeBytes(bytes, from, size);
    }

    /// Takes the buffer.
    void put(ByteBuf data) {
        ByteBuf open = buffer;
        if (open != null && data.readableBytes() <= open.writableBytes()) {
            open.writeBytes(data);
            data.release();
            return;
        }
        spill();
        channel.write(data, channel.voidPromise());
    }

    void flush() {
        spill();
        channel.flush();
    }

    /// The channel is closed: what was not sent will not be.
    void release() {
        ByteBuf open = buffer;
        if (open != null) {
            open.release();
            buffer = null;
        }
    }

    private void spill() {
        ByteBuf open = buffer;
        if (open != null) {
            buffer = null;
            channel.write(open, channel.voidPromise());
        }
    }
}
