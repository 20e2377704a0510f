package dev.fairlead.http.exchange;

import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// What takes the response of an endpoint to one attempt. The exchange's loop only. After [#onEnd] or [#onBroken]
/// nothing more is called.
public interface Answers {
    /// A head: informational ones first, then the final one. It is the connection's, and valid until this returns.
    void onHead(ResponseHead head);

    /// A piece of the body. Takes the buffer.
    void onBody(ByteBuf data);

    /// The response is whole.
    void onEnd(@Nullable Fields trailers);

    /// The endpoint agrees to the upgrade that the request asked for, by a head of HTTP/1.1, and nothing more is
    /// called.
    void onSwitched(ResponseHead head, TunnelSide endpoint);

    /// No more has arrived for now: send what has been gathered.
    void onReadComplete();

    /// The endpoint takes bytes again.
    void onWritable();

    /// The response will not be completed. The connection is closed.
    void onBroken(Fault fault, String details);
}
