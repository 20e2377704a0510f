package dev.fairlead.http.h3;

import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionStats;

/// Closes a connection on which all was said, when all has arrived: to close is to forget what was lost on its
/// way. A client that leaves by itself does it earlier. Its loop only.
final class Parting extends Deadline {
    /// Nothing was sent for so long, nor again: it has arrived, or never will.
    private static final long QUIET_NANOS = 2_000_000_000L;
    /// For how long it is looked at most.
    private static final int LOOKS_MAX = 15;

    private final QuicChannel channel;
    private long sentBytes = -1;
    private int looks;

    Parting(Loop loop, QuicChannel channel) {
        super(loop);
        this.channel = channel;
    }

    void begin() {
        at(System.nanoTime() + QUIET_NANOS);
    }

    @Override
    protected void onExpired(long nowNanos) {
        // On its own loop it is told at once.
        QuicConnectionStats told = channel.collectStats().getNow();
        looks++;
        if (told == null || told.sentBytes() == sentBytes || looks == LOOKS_MAX) {
            channel.close(true, H3Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER);
        } else {
            sentBytes = told.sentBytes();
            at(nowNanos + QUIET_NANOS);
        }
    }
}
