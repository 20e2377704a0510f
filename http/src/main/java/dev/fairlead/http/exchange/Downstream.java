package dev.fairlead.http.exchange;

import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// The client's side of one exchange, whatever version of HTTP it speaks. Its loop only.
///
/// A response is [#respond] for each head (informational ones first), any number of [#body], then [#end]; or [#cut]
/// at any time. After [#end] or [#cut] nothing more is called. Nothing is sent before [#flush].
public interface Downstream {
    void respond(ResponseHead head);

    /// Takes the buffer.
    void body(ByteBuf data);

    void end(@Nullable Fields trailers);

    /// Sends a 101, or what says the same, and then joins the client's side with the endpoint's into a tunnel.
    /// `onOver` is run when it ends. Nothing more is called.
    void tunnel(ResponseHead head, TunnelSide endpoint, Runnable onOver);

    /// The response cannot be completed: ends so that the client cannot take what it has for the whole.
    void cut();

    void flush();

    /// False while the client takes bytes more slowly than they come: bring no more until [Upload#onWritable].
    boolean isWritable();

    /// Whether [Upload#onBody] may be called now. It may at first.
    void wantBody(boolean want);
}
