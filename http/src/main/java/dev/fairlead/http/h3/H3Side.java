package dev.fairlead.http.h3;

import dev.fairlead.http.exchange.TunnelSide;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// The side of a tunnel that is a stream of a client's HTTP/3 connection (RFC 9220): what its DATA holds. It is not
/// read while the other side does not take it. Its loop only.
final class H3Side implements TunnelSide {
    private final H3Stream stream;
    private @Nullable ByteBuf rest;
    private boolean hasEnded;
    private @Nullable Taker taker;
    private boolean isClosed;

    /// `rest`: what has come of it already; `hasEnded`: that was all. Takes the buffer.
    H3Side(H3Stream stream, @Nullable ByteBuf rest, boolean hasEnded) {
        this.stream = stream;
        this.rest = rest;
        this.hasEnded = hasEnded;
    }

    @Override
    public void begin(Taker to) {
        taker = to;
        stream.read(true);
        ByteBuf before = rest;
        rest = null;
        if (before != null) {
            to.onBytes(before);
            to.onReadComplete();
        }
        if (isClosed) {
            taker = null;
            to.onLost();
        } else if (hasEnded) {
            to.onEnd();
        }
    }

    /// Only looks at the buffer.
    void peekData(ByteBuf data) {
        if (taker != null) {
            taker.onBytes(data.retain());
        }
    }

    void onReadComplete() {
        if (taker != null) {
            taker.onReadComplete();
        }
    }

    /// The client has said all.
    void onWhole() {
        if (!hasEnded) {
            hasEnded = true;
            if (taker != null) {
                taker.onEnd();
            }
        }
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
        stream.send(data);
    }

    /// QUIC sends when it can.
    @Override
    public void flush() {}

    @Override
    public void end() {
        stream.end(true);
    }

    @Override
    public boolean isWritable() {
        return stream.isWritable();
    }

    @Override
    public void want(boolean want) {
        stream.read(want);
    }

    @Override
    public void cut() {
        stream.reset(H3Error.REQUEST_CANCELLED);
    }
}
