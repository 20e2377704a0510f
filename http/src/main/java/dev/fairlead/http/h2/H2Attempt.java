package dev.fairlead.http.h2;

import dev.fairlead.config.HttpLimits.Underscores;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.http.codec.HeadError;
import dev.fairlead.http.codec.TrailerReader;
import dev.fairlead.http.codec.Upgrades;
import dev.fairlead.http.exchange.Answers;
import dev.fairlead.http.exchange.Conduit;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/// One attempt on a stream of an HTTP/2 connection to an endpoint. What the client does not take is not given back to
/// the stream's window, so that the endpoint stops sending on this stream and on no other. Its loop only.
final class H2Attempt implements Conduit {
    /// Heads before the final one (RFC 9110 §15.2): each goes to the client at once, so that they must end somewhere.
    private static final int INFORMATIONAL_MAX = 32;

    private final H2Trunk trunk;
    private final Framing framing;
    private final Overdue overdue;

    private @Nullable Http2Stream stream;
    private @Nullable Answers answers;
    private @Nullable RequestHead asked;
    private @Nullable H2Side side;
    private long begunNanos;
    private boolean isTunnel;
    private boolean isRequestWhole;
    private boolean isHeadSeen;
    private boolean isTouched;
    private boolean wasThere;
    private boolean isReused;
    private boolean isOver;
    private int informational;
    /// Bytes of the body that the head says; [ResponseHead#UNKNOWN]: it does not.
    private long length;
    private long received;
    private final Owed owed;

    H2Attempt(H2Trunk trunk) {
        this.trunk = trunk;
        this.framing = trunk.framing;
        this.owed = new Owed(framing);
        this.overdue = new Overdue(trunk.loop, this);
    }

    // ---- the request ----

    @Override
    public void begin(RequestHead request, Answers to) {
        answers = to;
        asked = request;
        begunNanos = System.nanoTime();
        wasThere = trunk.wasHeard();
        isTunnel = request.upgrade() != null;
        isRequestWhole = !request.hasBody() && !isTunnel;
        if (!isTunnel || trunk.offers.areKnown(this)) {
            ask(request);
        }
    }

    private void ask(RequestHead request) {
        if (isTunnel && !trunk.offers.haveTunnels()) {
            later(Fault.NOT_IMPLEMENTED, "the endpoint offers no upgrade over HTTP/2");
            return;
        }
        Http2Stream opened = trunk.open(this);
        stream = opened;
        if (opened == null) {
            isReused = true;
            later(Fault.STREAM_REFUSED, "no stream is left");
            return;
        }
        framing.head(opened, trunk.block(request), isRequestWhole);
    }

    /// Not now: who begins does not expect to have ended.
    private void later(Fault fault, String details) {
        trunk.loop.eventLoop().execute(() -> broken(fault, details, Http2Error.CANCEL));
    }

    /// The endpoint has said what it offers.
    void onSettings() {
        RequestHead request = asked;
        if (request != null && answers != null) {
            ask(request);
            flush();
        }
    }

    @Override
    public void body(ByteBuf data) {
        Http2Stream on = stream;
        if (on == null || isOver) {
            data.release();
            return;
        }
        framing.data(on, data, false);
    }

    @Override
    public void end(@Nullable Fields trailers) {
        Http2Stream on = stream;
        if (isRequestWhole || isTunnel || on == null || isOver) {
            return;
        }
        isRequestWhole = true;
        if (trailers != null) {
            framing.head(on, ResponseBlock.trailers(trailers), true);
        } else {
            framing.end(on);
        }
    }

    @Override
    public void flush() {
        framing.flushSoon();
    }

    @Override
    public boolean isWritable() {
        Http2Stream on = stream;
        return on != null && framing.isWritable(on);
    }

    void onWritabilityChanged() {
        if (side != null) {
            side.onWritabilityChanged();
        } else if (answers != null && isWritable()) {
            answers.onWritable();
        }
    }

    // ---- the answer ----

    /// A block of fields: a head, or the trailers.
    void head(FieldBlock block, boolean isLast) {
        Answers to = answers;
        RequestHead request = asked;
        if (to == null || request == null) {
            return;
        }
        if (isHeadSeen) {
            trailers(block);
            return;
        }
        Bytes text = trunk.scratch;
        String malformed = AnswerText.head(block, text);
        if (malformed != null) {
            malformed(malformed);
            return;
        }
        HeadError wrong = AnswerText.read(text, trunk.reader, request.method());
        if (wrong != null) {
            broken(wrong.inResponse(), wrong.text(), Http2Error.PROTOCOL_ERROR);
            return;
        }
        ResponseHead head = trunk.head;
        if (head.isInformational()) {
            if (isLast || ++informational > INFORMATIONAL_MAX) {
                malformed(isLast ? "no final response" : "too many informational responses");
                return;
            }
            to.onHead(head);
            return;
        }
        if (isTunnel && head.status() < 300) {
            isHeadSeen = true;
            switchOver(head, request, to, isLast);
            return;
        }
        length = head.contentLength();
        if (isLast && length > 0) {
            malformed(Intake.LENGTH_DIFFERS);
            return;
        }
        isHeadSeen = true;
        to.onHead(head);
        if (isLast) {
            whole(null);
        } else {
            touch();
        }
    }

    /// The endpoint agrees: what comes on the stream from here on is the tunnel's.
    private void switchOver(ResponseHead head, RequestHead request, Answers to, boolean isLast) {
        Http2Stream on = stream;
        assert on != null : "it has answered on it";
        answers = null;
        overdue.end();
        Upgrades.agreed(head, request);
        side = new H2Side(framing, on, null, isLast);
        to.onSwitched(head, side);
    }

    private void trailers(FieldBlock block) {
        TrailerReader reader = Intake.reader(Underscores.PASS);
        String malformed = trunk.text.trailers(block, trunk.scratch);
        if (malformed == null) {
            HeadError wrong = Intake.read(trunk.scratch, reader);
            malformed = wrong == null ? null : wrong.text();
        }
        if (malformed == null && !fits(true)) {
            malformed = Intake.LENGTH_DIFFERS;
        }
        if (malformed == null) {
            whole(reader.fields().count() == 0 ? null : reader.fields());
        } else {
            malformed(malformed);
        }
    }

    /// A piece of the body, which it only looks at. How many bytes the endpoint may send in its place at once.
    int peekData(ByteBuf data, boolean isLast) {
        if (side != null) {
            return side.peekData(data, isLast);
        }
        Answers to = answers;
        int size = data.readableBytes();
        if (to == null) {
            return size;
        }
        received += size;
        if (!isHeadSeen || !fits(isLast)) {
            malformed(isHeadSeen ? Intake.LENGTH_DIFFERS : "body before the head");
            return size;
        }
        if (size > 0) {
            touch();
            to.onBody(data.retain());
        }
        if (isLast) {
            whole(null);
        }
        return isOver ? size : owed.came(size);
    }

    /// RFC 9113 §8.1.1: what is more than its length would be another response to a client that speaks HTTP/1.
    private boolean fits(boolean isLast) {
        return length == ResponseHead.UNKNOWN || (isLast ? received == length : received <= length);
    }

    private void touch() {
        if (!isTouched) {
            isTouched = true;
            trunk.touch(this);
        }
    }

    void onReadComplete() {
        isTouched = false;
        if (answers != null) {
            answers.onReadComplete();
        }
    }

    @Override
    public void wantAnswer(boolean want) {
        Http2Stream on = stream;
        if (on != null && !isOver) {
            owed.want(want, on);
        }
    }

    private void whole(@Nullable Fields trailers) {
        Answers to = answers;
        if (to != null) {
            answers = null;
            overdue.end();
            to.onEnd(trailers);
        }
    }

    // ---- waiting ----

    @Override
    public void awaitResponse(long untilNanos) {
        overdue.response(untilNanos);
    }

    @Override
    public void awaitProgress(long untilNanos) {
        overdue.progress(untilNanos);
    }

    @Override
    public void awaitNothing() {
        overdue.clear();
    }

    void onOverdue(boolean isResponse) {
        // What begins a connection comes late, and is no sign that it lives on.
        trunk.doubt(begunNanos + (System.nanoTime() - begunNanos) / 2);
        if (isResponse) {
            broken(Fault.RESPONSE_TIMEOUT, "timeouts.first-byte", Http2Error.CANCEL);
        } else {
            Fault fault = isWritable() ? Fault.CONNECTION_READ_TIMEOUT : Fault.CONNECTION_WRITE_TIMEOUT;
            broken(fault, "timeouts.idle", Http2Error.CANCEL);
        }
    }

    // ---- the end ----

    @Override
    public boolean isReused() {
        return isReused;
    }

    @Override
    public void abandon() {
        answers = null;
        over(Http2Error.CANCEL);
    }

    @Override
    public void free(PoolSpec terms, long nowNanos) {
        trunk.follow(terms);
        if (isRequestWhole) {
            over(null);
        } else {
            over(stream == null ? null : Http2Error.NO_ERROR);
        }
    }

    /// The endpoint takes the stream back.
    void onReset(long code) {
        if (code == Http2Error.REFUSED_STREAM.code() && !isHeadSeen) {
            trunk.refused();
            broken(Fault.STREAM_REFUSED, "the endpoint refused the stream", null);
        } else {
            cutOff("stream reset");
        }
    }

    /// The endpoint leaves, and has not looked at this stream: RFC 9113 §6.8.
    void onLeftOut() {
        if (isHeadSeen) {
            // It has, and lies.
            cutOff("connection left");
            return;
        }
        isReused = true;
        trunk.refused();
        broken(Fault.STREAM_REFUSED, "the endpoint ended the connection", null);
    }

    /// The stream is closed, however that came.
    void onClosed() {
        if (side != null) {
            over(null);
            side.onClosed();
        } else if (answers != null) {
            isReused = !isHeadSeen && trunk.wasDead(wasThere, begunNanos);
            cutOff("connection closed");
        }
    }

    private void cutOff(String how) {
        if (isHeadSeen) {
            broken(Fault.RESPONSE_INCOMPLETE, how + " within the body", null);
        } else {
            broken(Fault.CONNECTION_TERMINATED, how + " before the response", null);
        }
    }

    private void malformed(String details) {
        broken(Fault.RESPONSE_MALFORMED, details, Http2Error.PROTOCOL_ERROR);
    }

    /// `told`: with which error the endpoint is told so; null: it knows.
    void broken(Fault fault, String details, @Nullable Http2Error told) {
        Answers to = answers;
        answers = null;
        over(told);
        if (to != null) {
            to.onBroken(fault, details);
        }
    }

    private void over(@Nullable Http2Error told) {
        if (isOver) {
            return;
        }
        isOver = true;
        overdue.end();
        Http2Stream on = stream;
        boolean isCancelled = on != null && told != null && framing.reset(on, told);
        trunk.over(on != null, isCancelled);
    }
}
