package dev.fairlead.http.h2;

import dev.fairlead.config.HttpLimits;
import dev.fairlead.http.codec.Bridge;
import dev.fairlead.http.codec.HeadError;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.ResponseFilter;
import dev.fairlead.http.exchange.TunnelSide;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.HttpVersion;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/// One exchange on a stream of a client's HTTP/2 connection. Its loop only.
final class H2Exchange extends StreamExchange {
    // immutable
    private final H2Connection connection;
    private final Framing framing;
    private final Http2Stream stream;
    private final RequestHead head = new RequestHead();
    private final Exchange exchange;
    private final Intake intake;
    private final StreamPatience patience;

    // this loop only
    /// The response's head, until it is known whether anything follows.
    private @Nullable Http2Headers unsent;
    private @Nullable H2Side side;
    private boolean isTouched;

    H2Exchange(H2Connection connection, Http2Stream stream) {
        super(connection.service);
        this.connection = connection;
        this.framing = connection.framing;
        this.stream = stream;
        this.exchange = new Exchange(connection.client, this, head, connection.service.identity(), System.nanoTime());
        this.intake = new Intake(head, connection.limits.underscores());
        this.patience = new StreamPatience(connection, stream, this);
    }

    // ---- the request ----

    /// A block of fields has come that begins the stream. `isWhole`: the request has no body.
    void begin(FieldBlock block, boolean isWhole) {
        HttpLimits limits = connection.limits;
        Bytes text = connection.scratch;
        intake.onWhole(isWhole);
        String malformed = connection.text.request(block, isWhole, text);
        if (malformed != null) {
            head.version(HttpVersion.HTTP_2);
            malformed(malformed);
            return;
        }
        HeadError wrong = BlockText.read(text, head, limits, connection.upgrades);
        head.version(HttpVersion.HTTP_2);
        isTunnel = connection.text.isTunnel();
        if (wrong != null) {
            refuse(Fault.ofRequest(wrong.status()), wrong.text());
        } else if (isWhole && head.contentLength() > 0) {
            malformed(Intake.LENGTH_DIFFERS);
        } else if (isTunnel && head.upgrade() == null) {
            refuse(Fault.NOT_IMPLEMENTED, "no such :protocol is offered");
        } else {
            begin(limits, isWhole);
        }
    }

    private void begin(HttpLimits limits, boolean isWhole) {
        exchange.bodyBytesMax(limits.bodyBytes() == 0 ? Long.MAX_VALUE : limits.bodyBytes());
        prioritize(connection.foretold.of(stream.id(), head.fields()));
        Upload takes = connection.service.begin(exchange);
        if (takes == null || isOver) {
            return;
        }
        upload = takes;
        touch();
        if (isWhole || isTunnel) {
            takes.onEnd(null);
        } else {
            await();
        }
    }

    void prioritize(Priority priority) {
        framing.prioritize(stream, priority);
    }

    /// RFC 9113 §8.1.1: no request at all. There is nobody who could be trusted to have asked it.
    private void malformed(String details) {
        abandon();
        connection.onMalformed();
        exchange.fault(Fault.REQUEST_MALFORMED, details);
        framing.reset(stream, Http2Error.PROTOCOL_ERROR);
    }

    /// A piece of the body, which it only looks at. How many bytes the client may send in its place at once.
    int peekData(ByteBuf data, boolean isLast) {
        int size = data.readableBytes();
        if (side != null) {
            return side.peekData(data, isLast);
        }
        if (upload == null) {
            // The answer is given, or about to be.
            intake.onWhole(isLast);
            return size;
        }
        if (isTunnel) {
            intake.onWhole(isLast);
            intake.peekAndHold(data);
            return 0;
        }
        exchange.received(size);
        if (!intake.fits(exchange.requestBytes(), isLast)) {
            malformed(Intake.LENGTH_DIFFERS);
            return size;
        }
        if (exchange.requestBytes() > exchange.bodyBytesMax()) {
            abort(Fault.BODY_TOO_LARGE, "more than body-bytes");
            return size;
        }
        touch();
        intake.onWhole(isLast);
        if (!intake.isFree()) {
            intake.peekAndHold(data);
            return 0;
        }
        if (size > 0) {
            upload.onBody(data.retain());
        }
        goOn();
        return size;
    }

    /// The fields behind the body.
    void trailers(FieldBlock block) {
        intake.onWhole(true);
        if (upload == null) {
            return;
        }
        Bytes text = connection.scratch;
        String malformed = connection.text.trailers(block, text);
        if (malformed == null) {
            malformed = intake.fits(exchange.requestBytes(), true) ? intake.trailers(text) : Intake.LENGTH_DIFFERS;
        }
        if (malformed != null) {
            malformed(malformed);
            return;
        }
        touch();
        goOn();
    }

    /// Waits for more of the body, or tells of its end.
    private void goOn() {
        await();
        takeEnd();
    }

    private void touch() {
        if (!isTouched) {
            isTouched = true;
            connection.touch(this);
        }
    }

    void onReadComplete() {
        isTouched = false;
        if (upload != null) {
            upload.onReadComplete();
        }
    }

    @Override
    public void wantBody(boolean want) {
        if (isTunnel) {
            // Its DATA is not the request's.
            return;
        }
        ByteBuf piece = wanted(want);
        if (piece != null && upload != null) {
            int size = piece.readableBytes();
            upload.onBody(piece);
            if (!isOver) {
                framing.consume(stream, size);
            }
        }
        goOn();
        if (want && upload != null) {
            upload.onReadComplete();
        }
    }

    // ---- the response ----

    @Override
    public void respond(ResponseHead response) {
        if (response.isInformational()) {
            framing.head(stream, ResponseBlock.head(response, connection.via), false);
            return;
        }
        ResponseFilter filter = exchange.filter();
        if (filter != null) {
            filter.change(exchange, response);
        }
        exchange.status(response.status());
        isResponding = true;
        unsent = ResponseBlock.head(response, connection.via);
    }

    @Override
    public void body(ByteBuf data) {
        sendHead();
        int size = data.readableBytes();
        patience.sent(size);
        exchange.sent(size);
        framing.data(stream, data, false);
    }

    private void sendHead() {
        Http2Headers first = unsent;
        if (first != null) {
            unsent = null;
            framing.head(stream, first, false);
        }
    }

    @Override
    public void end(@Nullable Fields trailers) {
        Http2Headers only = unsent;
        ChannelFuture sent;
        if (trailers != null) {
            sendHead();
            sent = framing.head(stream, ResponseBlock.trailers(trailers), true);
        } else if (only != null) {
            unsent = null;
            sent = framing.head(stream, only, true);
        } else {
            sent = framing.end(stream);
        }
        if (!intake.isWhole()) {
            // RFC 9113 §8.1: the answer does not need the rest of the request.
            sent.addListener(done -> {
                if (done.isSuccess()) {
                    framing.reset(stream, Http2Error.NO_ERROR);
                }
            });
        }
        over(true);
        patience.taking();
    }

    @Override
    protected Bridge agree(
            ResponseHead response, @Nullable ByteBuf read, boolean isWhole, TunnelSide endpoint, Runnable onOver) {
        framing.head(stream, ResponseBlock.head(response, connection.via), false);
        H2Side here = new H2Side(framing, stream, read, isWhole);
        side = here;
        return connection.bridges.between(exchange, here, endpoint, () -> {
            onOver.run();
            ended(true);
        });
    }

    @Override
    public void cut() {
        exchange.fault(Fault.RESPONSE_INCOMPLETE, "");
        over(false);
        framing.reset(stream, Http2Error.INTERNAL_ERROR);
    }

    @Override
    public void flush() {
        if (!isOver) {
            sendHead();
        }
        framing.flushSoon();
    }

    @Override
    public boolean isWritable() {
        return framing.isWritable(stream);
    }

    // ---- waiting ----

    /// Sets what the client is waited for now. While it does not take what it is sent, it is that.
    private void await() {
        if (isOver || !isWritable()) {
            return;
        }
        if (upload != null && intake.isAwaited()) {
            patience.body(exchange.requestBytes());
        } else {
            patience.rest();
        }
    }

    void onWritabilityChanged() {
        if (isOver) {
            return;
        }
        if (side != null) {
            side.onWritabilityChanged();
            return;
        }
        if (!isWritable()) {
            patience.taking();
            return;
        }
        patience.taken();
        await();
        if (upload != null) {
            upload.onWritable();
        }
    }

    // ---- the end ----

    /// Ends it at once, for the reason that was given.
    void cutOff() {
        framing.reset(stream, Http2Error.CANCEL);
    }

    /// The stream is closed, however that came.
    void onClosed() {
        patience.end();
        if (side != null) {
            side.onClosed();
        } else if (!isOver) {
            leave();
        }
    }

    @Override
    protected void over(boolean isWhole) {
        unsent = null;
        super.over(isWhole);
    }

    @Override
    protected void ended(boolean isWhole) {
        connection.ended(isWhole);
    }

    @Override
    protected Exchange exchange() {
        return exchange;
    }

    @Override
    protected Intake intake() {
        return intake;
    }
}
