package dev.fairlead.http.exchange;

import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DuplexChannel;
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

    /// Sends a 101, and then joins the client's connection with this one of the endpoint into a tunnel, behind the
    /// `rest` that was read of it already. `onOver` is run when it ends. Takes the buffer; nothing more is called.
    void tunnel(ResponseHead head, DuplexChannel upstream, @Nullable ByteBuf rest, Runnable onOver);

    /// The response cannot be completed: ends so that the client cannot take what it has for the whole.
    void cut();

    void flush();

    /// False while the client takes bytes more slowly than they come: bring no more until [Upload#onWritable].
    boolean isWritable();

    /// Whether [Upload#onBody] may be called now. It may at first.
    void wantBody(boolean want);
}
