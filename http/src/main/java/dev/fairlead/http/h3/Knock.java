package dev.fairlead.http.h3;

import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http3.DefaultHttp3UnknownFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3UnknownFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.util.Collection;
import java.util.List;

/// Asks, now and then, whether anybody still waits for the answers on which nothing is sent: by a frame that every
/// client ignores (RFC 9114 §7.2.8). That a client wants an answer no more (STOP_SENDING) the codec tells only
/// when something is sent on its stream. One on the control stream keeps alive a connection on which nothing
/// moves, and with it the translators of addresses on its way. Its loop only.
final class Knock extends Deadline {
    private static final long FIRST_NANOS = 1_000_000_000L;
    /// Half of what a connection lives on in silence.
    private static final long LAST_NANOS = 15_000_000_000L;
    /// A type that is reserved for being ignored.
    private static final long IGNORED = 0x21 + 0x1f;

    private final QuicChannel channel;
    private final Collection<H3Stream> streams;
    private long pauseNanos = FIRST_NANOS;

    Knock(Loop loop, QuicChannel channel, Collection<H3Stream> streams) {
        super(loop);
        this.channel = channel;
        this.streams = streams;
    }

    static Http3UnknownFrame frame() {
        return new DefaultHttp3UnknownFrame(IGNORED, Unpooled.EMPTY_BUFFER);
    }

    /// A request has come.
    void soon() {
        pauseNanos = FIRST_NANOS;
        at(System.nanoTime() + pauseNanos);
    }

    @Override
    protected void onExpired(long nowNanos) {
        // Who has not said what it asks for is waited for, and not kept alive.
        List<H3Stream> begun = streams.stream().filter(H3Stream::hasBegun).toList();
        begun.forEach(H3Stream::knock);
        QuicStreamChannel control = Http3.getLocalControlStream(channel);
        if (control != null && !begun.isEmpty()) {
            control.writeAndFlush(frame());
        }
        pauseNanos = Math.min(LAST_NANOS, 2 * pauseNanos);
        if (!streams.isEmpty()) {
            at(nowNanos + pauseNanos);
        }
    }
}
