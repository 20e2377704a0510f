package dev.fairlead.http.h3;

import dev.fairlead.config.HttpLimits;
import dev.fairlead.http.codec.Bridge;
import dev.fairlead.http.codec.HeadError;
import dev.fairlead.http.codec.Patience;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.ResponseFilter;
import dev.fairlead.http.exchange.TunnelSide;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.h2.BlockText;
import dev.fairlead.http.h2.FieldBlock;
import dev.fairlead.http.h2.Intake;
import dev.fairlead.http.h2.ResponseBlock;
import dev.fairlead.http.h2.StreamExchange;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.HttpVersion;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.Http3Headers;
import org.jspecify.annotations.Nullable;

/// One exchange on a stream of a client's HTTP/3 connection. Its loop only.
final class H3Exchange extends StreamExchange implements Patience.Owner {
    // immutable
    private final H3Connection connection;
    private final H3Stream stream;
    private final RequestHead head = new RequestHead();
    private final Exchange exchange;
    private final Intake intake;

    // this loop only
    private @Nullable H3Side side;
    /// The response's head, until it is known whether anything follows.
    private @Nullable Http3Headers unsent;
    /// Made when it is first needed: most exchanges wait for nobody.
    private @Nullable Patience patience;
    private boolean hasBegun;

    H3Exchange(H3Connection connection, H3Stream stream) {
        super(connection.service);
        this.connection = connection;
        this.stream = stream;
        this.exchange = new Exchange(connection.client(), this, head, connection.service.identity(), System.nanoTime());
        this.intake = new Intake(head, connection.limits.underscores());
    }

    // ---- the request ----

    /// A block of fields has come that begins the stream. `isWhole`: the request has no body.
    void begin(FieldBlock block, boolean isWhole) {
        HttpLimits limits = connection.limits;
        Bytes text = connection.scratch;
        hasBegun = true;
        intake.onWhole(isWhole);
        String malformed = connection.text.request(block, isWhole, text);
        if (malformed != null) {
            malformed(malformed);
            return;
        }
        HeadError wrong = BlockText.read(text, head, limits, connection.upgrades);
        head.version(HttpVersion.HTTP_3);
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
        stream.prioritize(connection.foretold.of(stream.id(), head.fields()));
        Upload takes = connection.service.begin(exchange);
        if (takes == null || isOver) {
            return;
        }
        upload = takes;
        if (isWhole || isTunnel) {
            takes.onEnd(null);
        } else {
            await();
        }
    }

    /// RFC 9114 §4.1.2: no request at all. There is nobody who could be trusted to have asked it.
    void malformed(String details) {
        hasBegun = true;
        head.version(HttpVersion.HTTP_3);
        abandon();
        fault(Fault.REQUEST_MALFORMED, details);
        stream.reset(H3Error.MESSAGE_ERROR);
    }

    /// A piece of the body, which it only looks at.
    void peekData(ByteBuf data) {
        if (side != null) {
            side.peekData(data);
            return;
        }
        if (upload == null) {
            // The answer is given, or about to be.
            return;
        }
        if (isTunnel) {
            intake.peekAndHold(data);
            stream.read(false);
            return;
        }
        exchange.received(data.readableBytes());
        if (!intake.fits(exchange.requestBytes(), false)) {
            malformed(Intake.LENGTH_DIFFERS);
        } else if (exchange.requestBytes() > exchange.bodyBytesMax()) {
            abort(Fault.BODY_TOO_LARGE, "more than body-bytes");
        } else if (intake.isFree()) {
            upload.onBody(data.retain());
            await();
        } else {
            intake.peekAndHold(data);
        }
    }

    /// The fields behind the body.
    void trailers(FieldBlock block) {
        if (upload == null) {
            return;
        }
        Bytes text = connection.scratch;
        String malformed = connection.text.trailers(block, text);
        if (malformed == null) {
            malformed = intake.trailers(text);
        }
        if (malformed != null) {
            malformed(malformed);
        }
    }

    /// The client has said all.
    void onWhole() {
        intake.onWhole(true);
        if (side != null) {
            side.onWhole();
        }
        if (upload == null || isTunnel) {
            return;
        }
        if (!intake.fits(exchange.requestBytes(), true)) {
            malformed(Intake.LENGTH_DIFFERS);
            return;
        }
        goOn();
        onReadComplete();
    }

    /// Waits for more of the body, or tells of its end.
    private void goOn() {
        await();
        takeEnd();
    }

    void onReadComplete() {
        if (side != null) {
            side.onReadComplete();
        } else if (upload != null) {
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
            upload.onBody(piece);
        }
        stream.read(intake.isFree());
        goOn();
        if (want) {
            onReadComplete();
        }
    }

    // ---- the response ----

    @Override
    public void respond(ResponseHead response) {
        if (response.isInformational()) {
            stream.send(block(response));
            return;
        }
        ResponseFilter filter = exchange.filter();
        if (filter != null) {
            filter.change(exchange, response);
        }
        exchange.status(response.status());
        isResponding = true;
        unsent = block(response);
    }

    private Http3Headers block(ResponseHead response) {
        return ResponseBlock.<Http3Headers>head(response, connection.via, new DefaultHttp3Headers(false, 16));
    }

    @Override
    public void body(ByteBuf data) {
        sendHead();
        exchange.sent(data.readableBytes());
        stream.send(data);
        taking();
    }

    private void sendHead() {
        Http3Headers first = unsent;
        if (first != null) {
            unsent = null;
            stream.send(first);
        }
    }

    @Override
    public void end(@Nullable Fields trailers) {
        sendHead();
        if (trailers != null) {
            stream.send(ResponseBlock.<Http3Headers>trailers(trailers, new DefaultHttp3Headers(false, 8)));
        }
        stream.end(intake.isWhole());
        over(true);
        taking();
    }

    @Override
    protected Bridge agree(
            ResponseHead response, @Nullable ByteBuf read, boolean isWhole, TunnelSide endpoint, Runnable onOver) {
        stream.send(block(response));
        H3Side here = new H3Side(stream, read, isWhole);
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
        stream.reset(H3Error.INTERNAL_ERROR);
    }

    @Override
    public void flush() {
        if (!isOver) {
            sendHead();
        }
    }

    @Override
    public boolean isWritable() {
        return stream.isWritable();
    }

    // ---- waiting ----

    /// Sets what the client is waited for now. While it does not take what it is sent, it is that.
    private void await() {
        if (isOver || !isWritable()) {
            return;
        }
        if (upload != null && intake.isAwaited()) {
            patience().body(System.nanoTime(), exchange.requestBytes());
        } else if (patience != null) {
            patience.rest();
        }
    }

    private void taking() {
        if (isTaking()) {
            patience().taking(System.nanoTime(), stream.takenBytes());
        }
    }

    /// Whether the client is waited for to take more of the answer.
    private boolean isTaking() {
        return !stream.isWritable() || isOver && stream.isPending();
    }

    void onWritabilityChanged() {
        if (side != null) {
            side.onWritabilityChanged();
            return;
        }
        if (!isWritable()) {
            taking();
            return;
        }
        if (patience != null) {
            patience.taken(System.nanoTime(), stream.takenBytes());
        }
        await();
        if (upload != null) {
            upload.onWritable();
        }
    }

    @Override
    public void onOverdue(Patience.Waiting waiting) {
        Patience over = patience();
        String limit = over.wasSlow() ? "limits.min-rate" : "timeouts.body";
        if (waiting == Patience.Waiting.BODY) {
            abort(over.wasSlow() ? Fault.REQUEST_TOO_SLOW : Fault.REQUEST_TIMEOUT, limit);
        } else if (isTaking() && !over.takes(System.nanoTime(), stream.takenBytes())) {
            fault(over.wasSlow() ? Fault.DOWNSTREAM_TOO_SLOW : Fault.DOWNSTREAM_STALLED, limit);
            stream.reset(H3Error.REQUEST_CANCELLED);
        }
    }

    private Patience patience() {
        Patience made = patience;
        if (made == null) {
            made = new Patience(connection.loop, connection.timeouts, connection.limits.minRate(), this);
            patience = made;
        }
        return made;
    }

    // ---- the end ----

    /// The stream is closed, however that came.
    void onClosed() {
        if (patience != null) {
            patience.end();
        }
        if (side != null) {
            side.onClosed();
        } else if (hasBegun && !isOver) {
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
