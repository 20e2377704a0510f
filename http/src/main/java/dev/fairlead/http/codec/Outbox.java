package dev.fairlead.http.codec;

import dev.fairlead.http.exchange.FileBytes;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.net.Cork;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;
import org.jspecify.annotations.Nullable;

/// Gathers what is to be sent on a channel, so that a head and a small body leave in one buffer and one system
/// call. Large pieces are passed on as they are. Its loop only.
final class Outbox {
    /// Room for a common head and a small body; a size class of the allocator.
    private static final int BUFFER = 2048;

    /// What is shorter is copied by the kernel in less time than a system call of its own costs.
    private static final int FILE_MIN = 32 << 10;

    /// To Netty a region has no size, and then a client that takes nothing could be sent any number of them.
    private static final MessageSizeEstimator SIZES = () -> message -> switch (message) {
        case ByteBuf buffer -> buffer.readableBytes();
        case FileRegion region -> (int) Math.min(Integer.MAX_VALUE, region.count());
        default -> 0;
    };

    private final Channel channel;
    /// Whether the kernel may take from a file what is sent: nothing stands between that and the socket.
    private final boolean sendsFiles;

    private @Nullable ByteBuf buffer;
    private boolean hasRegion;

    Outbox(Channel channel) {
        this(channel, false);
    }

    Outbox(Channel channel, boolean sendsFiles) {
        this.channel = channel;
        this.sendsFiles = sendsFiles;
        if (sendsFiles) {
            channel.config().setMessageSizeEstimator(SIZES);
        }
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
        if (sendsFiles && data instanceof FileBytes file && data.readableBytes() >= FILE_MIN) {
            hasRegion = true;
            channel.write(file.region(), channel.voidPromise());
        } else {
            channel.write(data, channel.voidPromise());
        }
    }

    void flush() {
        spill();
        if (hasRegion) {
            hasRegion = false;
            Cork.flush(channel);
        } else {
            channel.flush();
        }
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
