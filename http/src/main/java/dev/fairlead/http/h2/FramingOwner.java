package dev.fairlead.http.h2;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/// Who speaks through a [Framing].
interface FramingOwner extends Http2FrameListener {
    void onStreamClosed(Http2Stream stream);

    /// It takes bytes again, or takes no more for now.
    void onWritabilityChanged(Http2Stream stream);

    /// Something has come.
    void onRead();

    void onReadComplete();

    /// What the peer has sent on this stream is wrong. True: the owner has dealt with it.
    boolean onStreamError(int streamId, @Nullable Http2Stream stream, StreamException wrong);

    /// What the peer has sent is wrong, and nothing more of it is read.
    void onConnectionError(Http2Error error, Throwable cause);

    void onClosed();
}
