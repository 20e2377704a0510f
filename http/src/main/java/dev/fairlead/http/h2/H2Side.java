package dev.fairlead.http.h2;

import dev.fairlead.http.exchange.TunnelSide;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/// The side of a tunnel that is a stream of an HTTP/2 connection (RFC 8441), to a client or to an endpoint: what its
/// DATA holds. What the other side does not take is not given back to the stream's window. Its loop only.
final class H2Side implements TunnelSide {
    private final Framing framing;
    private final Http2Stream stream;
    private final Owed owed;
    private @Nullable ByteBuf rest;
    private boolean hasEnded;
    private @Nullable Taker taker;
    private boolean isClosed;

    /// `rest`: what has come of it already, which its window is not opened for yet; `hasEnded`: that was all. Takes
    /// the buffer.
    H2Side(Framing framing, Http2Stream stream, @Nullable ByteBuf rest, boolean hasEnded) {
        this.framing = framing;
        this.stream = stream;
        this.owed = new Owed(framing);
        this.rest = rest;
        this.hasEnded = hasEnded;
    }

    @Override
    public void begin(Taker to) {
        taker = to;
        ByteBuf before = rest;
        rest = null;
        if (before != null) {
            owed.add(before.readableBytes());
            to.onBytes(before);
            to.onReadComplete();
            want(owed.isWanted());
        }
        if (isClosed) {
            taker = null;
            to.onLost();
        } else if (hasEnded) {
            to.onEnd();
        }
    }

    /// How many bytes may be sent in their place at once. Only looks at the buffer.
    int peekData(ByteBuf data, boolean isLast) {
        int size = data.readableBytes();
        Taker to = taker;
        hasEnded |= isLast;
        if (to == null) {
            return size;
        }
        if (size > 0) {
            to.onBytes(data.retain());
            to.onReadComplete();
        }
        if (isLast) {
            to.onEnd();
        }
        return isClosed ? size : owed.came(size);
    }

    void onWritabilityChanged() {
        if (taker != null && isWritable()) {
            taker.onWritable();
        }
    }

    /// The stream is closed, however that came.
    void onClosed() {
        isClosed = true;
        Taker to = taker;
        taker = null;
        if (to != null) {
            to.onLost();
        }
    }

    @Override
    public void send(ByteBuf data) {
        framing.data(stream, data, false);
    }

    @Override
    public void flush() {
        framing.flush();
    }

    @Override
    public void end() {
        framing.end(stream);
    }

    @Override
    public boolean isWritable() {
        return framing.isWritable(stream);
    }

    @Override
    public void want(boolean want) {
        if (!isClosed) {
            owed.want(want, stream);
        }
    }

    /// RFC 8441 §5: what a reset is to TCP.
    @Override
    public void cut() {
        framing.reset(stream, Http2Error.CANCEL);
    }
}
