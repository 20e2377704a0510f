package dev.fairlead.http.exchange;

import dev.fairlead.http.message.Fields;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// What takes the request after its head, and the client's other doings. The exchange's loop only.
public interface Upload {
    /// A piece of the request's body. Takes the buffer.
    void onBody(ByteBuf data);

    /// The request is whole.
    void onEnd(@Nullable Fields trailers);

    /// No more has arrived for now: send what has been gathered.
    void onReadComplete();

    /// The client takes bytes again.
    void onWritable();

    /// The client's side is over: it left, was too slow or broke the protocol. Let go of everything; the fault is
    /// set.
    void onAborted();
}
