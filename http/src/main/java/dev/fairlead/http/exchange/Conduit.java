package dev.fairlead.http.exchange;

import dev.fairlead.config.PoolSpec;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// The endpoint's side of one attempt, whatever version of HTTP it is asked in. Its loop only.
///
/// A request is [#begin], any number of [#body], then [#end]; or [#abandon] at any time. Nothing is sent before
/// [#flush].
public interface Conduit {
    /// Begins; the answer goes to `to`.
    void begin(RequestHead request, Answers to);

    /// Takes the buffer.
    void body(ByteBuf data);

    void end(@Nullable Fields trailers);

    void flush();

    /// False while the endpoint takes bytes more slowly than they come: bring no more until [Answers#onWritable].
    boolean isWritable();

    /// Whether more of the answer may come now.
    void wantAnswer(boolean want);

    /// Sets when the endpoint is overdue: with the answer's head, or with its next bytes (in both directions).
    void awaitResponse(long untilNanos);

    void awaitProgress(long untilNanos);

    void awaitNothing();

    /// Whether what carries it was there before this attempt and may have been dead already: the endpoint may be well.
    boolean isReused();

    /// The attempt is given up; its answer may still come, and goes nowhere.
    void abandon();

    /// The answer has come whole: what carries it may serve another attempt, on these terms.
    void free(PoolSpec terms, long nowNanos);
}
