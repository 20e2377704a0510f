package dev.fairlead.http.codec;

import dev.fairlead.config.HttpLimits;
import dev.fairlead.config.HttpTimeouts;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.exchange.Downstream;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.FaultResponses;
import dev.fairlead.http.exchange.Service;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.net.Loop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's HTTP/1 connection: requests in, one after the other, responses out in the same order. The next
/// request is not looked at before the response to the last one is whole, so a client that sends ahead (pipelining)
/// waits in its socket, and memory stays bounded. Its loop only.
public final class DownstreamConnection extends ChannelInboundHandlerAdapter implements Downstream {
    private static final Logger LOG = LoggerFactory.getLogger(DownstreamConnection.class);

    /// While draining, a client that has asked nothing for this long is taken to be asking nothing more. One that
    /// is still asking gets its answer, and `Connection: close` with it.
    private static final long QUIET_NANOS = 1_000_000_000L;

    private enum State {
        /// Between requests, or in the head of one.
        HEAD,
        BODY,
        /// The request is whole; its response is not.
        RESPONSE,
        /// We have said all and closed our half; the client may not have. Reading on keeps the kernel from
        /// resetting the connection and destroying what it has not yet read (RFC 9112 §9.6).
        LINGER,
        CLOSED
    }

    // immutable
    private final SocketChannel channel;
    private final Service service;
    private final Client client;
    private final long bodyBytesMax;
    private final RequestHead head = new RequestHead();
    private final RequestReader reader;
    private final BodyReader bodyReader = new BodyReader();
    private final Bytes scratch;
    private final Outbox outbox;
    private final BodyWriter bodyWriter;
    private final Patience patience;

    // this loop only
    private State state = State.HEAD;
    private @Nullable Exchange exchange;
    private @Nullable Upload upload;
    private @Nullable ByteBuf held;
    private boolean reading;
    private boolean bodyWanted = true;
    private boolean responding;
    private boolean closing;
    private boolean draining;
    private boolean untilClose;
    private long untakenBytes;
    private long startNanos;
    private long endNanos = System.nanoTime();

    /// `scratch` is the loop's: heads are put together in it.
    public DownstreamConnection(
            Loop loop,
            SocketChannel channel,
            Service service,
            HttpLimits limits,
            HttpTimeouts timeouts,
            Bytes scratch) {
        this.channel = channel;
        this.service = service;
        this.client = new Client(channel.remoteAddress());
        this.bodyBytesMax = limits.bodyBytes() == 0 ? Long.MAX_VALUE : limits.bodyBytes();
        this.reader = new RequestReader(head, limits);
        this.scratch = scratch;
        this.outbox = new Outbox(channel);
        this.bodyWriter = new BodyWriter(outbox, scratch);
        this.patience = new Patience(loop, timeouts, this);
    }

    // ---- the request ----

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (draining) {
            await();
        } else {
            patience.head(endNanos);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (reading || held != null) {
            hold(in);
        } else {
            read(in);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (upload != null) {
            upload.onReadComplete();
        }
    }

    /// Goes as far as it can with the buffer, which it takes.
    private void read(ByteBuf in) {
        reading = true;
        boolean goOn = true;
        while (goOn) {
            goOn = switch (state) {
                // A client that takes no answers has no more of its requests read.
                case HEAD -> in.isReadable() && channel.isWritable() && readHead(in);
                case BODY -> bodyWanted && readBody(in);
                case RESPONSE -> false;
                case LINGER, CLOSED -> {
                    in.skipBytes(in.readableBytes());
                    yield false;
                }
            };
        }
        reading = false;
        if (in.isReadable()) {
            hold(in);
        } else {
            in.release();
            // While the response is awaited we read on: it is how we learn that the client has left.
            channel.config().setAutoRead(state != State.BODY || bodyWanted);
        }
    }

    /// Keeps what cannot be used yet, and stops reading: at most what one read brings.
    private void hold(ByteBuf in) {
        ByteBuf before = held;
        if (before == null) {
            held = in;
        } else {
            held = Unpooled.wrappedBuffer(before, in);
        }
        channel.config().setAutoRead(false);
    }

    private void readOn() {
        if (reading) {
            return;
        }
        ByteBuf in = held == null ? Unpooled.EMPTY_BUFFER : held;
        held = null;
        read(in);
        if (upload != null) {
            upload.onReadComplete();
        }
    }

    private boolean readHead(ByteBuf in) {
        if (!reader.hasBegun()) {
            startNanos = System.nanoTime();
        }
        if (!reader.read(in)) {
            await();
            return false;
        }
        HeadError wrong = reader.error();
        if (wrong == null) {
            wrong = reader.finish();
        }
        if (wrong != null) {
            refuse(Fault.ofRequest(wrong.status()), wrong.text());
        } else {
            begin();
        }
        return true;
    }

    private void begin() {
        Exchange begun = new Exchange(client, this, head, startNanos);
        exchange = begun;
        closing = !reader.isPersistent();
        bodyWanted = true;
        patience.clear();
        if (head.contentLength() > bodyBytesMax) {
            state = State.BODY;
            refuse(begun, Fault.BODY_TOO_LARGE, "more than limits.body-bytes");
            return;
        }
        state = head.hasBody() ? State.BODY : State.RESPONSE;
        if (reader.isChunked()) {
            bodyReader.chunked();
        } else {
            bodyReader.length(head.contentLength());
        }
        Upload takes = service.begin(begun);
        if (takes != null && exchange == begun) {
            upload = takes;
            if (state == State.RESPONSE) {
                takes.onEnd(null);
            }
        }
    }

    private boolean readBody(ByteBuf in) {
        Exchange now = exchange;
        Upload takes = upload;
        assert now != null && takes != null;
        switch (bodyReader.read(in)) {
            case MORE -> {
                await();
                return false;
            }
            case PIECE -> {
                ByteBuf piece = bodyReader.takePiece();
                now.received(piece.readableBytes());
                if (now.requestBytes() > bodyBytesMax) {
                    piece.release();
                    abort(Fault.BODY_TOO_LARGE, "more than limits.body-bytes");
                } else {
                    takes.onBody(piece);
                }
            }
            case END -> {
                state = State.RESPONSE;
                await();
                takes.onEnd(bodyReader.trailers());
            }
            case WRONG -> abort(Fault.REQUEST_MALFORMED, HeadError.CHUNK.text());
        }
        return true;
    }

    @Override
    public void wantBody(boolean want) {
        boolean resumes = want && !bodyWanted;
        bodyWanted = want;
        if (state != State.BODY) {
            return;
        }
        if (resumes) {
            readOn();
        } else if (!want) {
            await();
            channel.config().setAutoRead(false);
        }
    }

    /// Refuses a request of which no exchange has begun.
    private void refuse(Fault fault, String details) {
        Exchange refused = new Exchange(client, this, head, startNanos);
        exchange = refused;
        refuse(refused, fault, details);
    }

    private void refuse(Exchange refused, Fault fault, String details) {
        refused.fault(fault, details);
        closing = true;
        FaultResponses.send(this, fault, details, head.method() == Method.HEAD);
    }

    /// Ends an exchange for what the client did in its body.
    private void abort(Fault fault, String details) {
        Exchange now = exchange;
        Upload takes = upload;
        assert now != null && takes != null;
        now.fault(fault, details);
        takes.onAborted();
        upload = null;
        if (responding) {
            cut();
        } else {
            refuse(now, fault, details);
        }
    }

    // ---- the response ----

    @Override
    public void respond(ResponseHead response) {
        boolean version11 = reader.isVersion11();
        if (response.isInformational()) {
            if (version11) {
                ResponseWriter.head(response, false, ResponseWriter.Connection.UNSAID, scratch);
                outbox.put(scratch);
            }
            return;
        }
        Exchange now = exchange;
        assert now != null && !responding;
        now.status(response.status());
        responding = true;
        boolean lengthUnknown = !response.isBodiless() && response.contentLength() == ResponseHead.UNKNOWN;
        untilClose = lengthUnknown && !version11;
        // With the request not yet whole, where the next one begins is anybody's guess.
        closing |= draining || untilClose || state == State.BODY;
        boolean chunked = lengthUnknown && version11;
        bodyWriter.begin(chunked);
        ResponseWriter.head(response, chunked, connection(version11), scratch);
        outbox.put(scratch);
    }

    private ResponseWriter.Connection connection(boolean version11) {
        if (closing) {
            return ResponseWriter.Connection.CLOSE;
        }
        return version11 ? ResponseWriter.Connection.UNSAID : ResponseWriter.Connection.KEEP_ALIVE;
    }

    @Override
    public void body(ByteBuf data) {
        Exchange now = exchange;
        assert now != null;
        now.sent(data.readableBytes());
        bodyWriter.piece(data);
    }

    @Override
    public void end(@Nullable Fields trailers) {
        bodyWriter.end(trailers);
        ended();
        if (closing) {
            linger();
            return;
        }
        reader.reset();
        state = State.HEAD;
        await();
        if (!channel.config().isAutoRead()) {
            readOn();
        }
    }

    @Override
    public void cut() {
        outbox.flush();
        close();
        ended();
    }

    @Override
    public void flush() {
        if (state != State.CLOSED) {
            bodyWriter.settle();
            outbox.flush();
        }
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (state == State.LINGER || state == State.CLOSED) {
            return;
        }
        if (!channel.isWritable()) {
            untakenBytes = channel.bytesBeforeWritable();
            patience.taking(System.nanoTime());
            return;
        }
        await();
        if (upload != null) {
            upload.onWritable();
        } else if (state == State.HEAD && held != null) {
            readOn();
        }
    }

    private void ended() {
        Exchange over = exchange;
        assert over != null;
        exchange = null;
        upload = null;
        responding = false;
        endNanos = System.nanoTime();
        service.ended(over, endNanos);
    }

    // ---- the connection ----

    /// Answers what is under way, then closes. An idle client has a moment to send what it was about to.
    public void drain() {
        draining = true;
        if (isIdle() && channel.isActive()) {
            await();
        }
    }

    /// The drain's deadline has come: ends the exchange and the connection.
    public void cutForDrain() {
        if (exchange != null) {
            exchange.fault(Fault.DRAINED, "drain-timeout");
        }
        close();
    }

    private void close() {
        if (state != State.CLOSED) {
            if (responding && untilClose) {
                // The end of the connection would be the end of the body: a reset is not.
                channel.config().setSoLinger(0);
            }
            state = State.CLOSED;
            channel.close();
        }
    }

    private boolean isIdle() {
        return state == State.HEAD && !reader.hasBegun() && held == null;
    }

    /// Sends what is left, closes our half, and waits a little for the client to close its own.
    private void linger() {
        state = State.LINGER;
        if (held != null) {
            held.release();
            held = null;
        }
        bodyWriter.settle();
        outbox.flush();
        patience.taking(System.nanoTime());
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            if (sent.isSuccess() && state == State.LINGER) {
                patience.linger(System.nanoTime());
                channel.shutdownOutput();
            }
        });
        channel.config().setAutoRead(true);
    }

    /// Sets what the client is waited for now. While it does not take what it is sent, it is that.
    private void await() {
        if (!channel.isWritable()) {
            return;
        }
        switch (state) {
            case HEAD -> {
                if (reader.hasBegun()) {
                    patience.head(startNanos);
                } else if (draining) {
                    patience.idleUntil(endNanos + QUIET_NANOS);
                } else {
                    patience.keepAlive(endNanos);
                }
            }
            case BODY -> {
                if (bodyWanted) {
                    patience.body(System.nanoTime());
                } else {
                    patience.clear();
                }
            }
            case RESPONSE -> patience.clear();
            case LINGER, CLOSED -> {}
        }
    }

    /// The client has not done in time what was awaited.
    void onOverdue(Patience.Waiting waiting) {
        switch (waiting) {
            case HEAD -> {
                if (reader.hasBegun()) {
                    refuse(Fault.REQUEST_TIMEOUT, "timeouts.head");
                } else {
                    linger();
                }
            }
            case KEEP_ALIVE -> linger();
            case BODY -> abort(Fault.REQUEST_TIMEOUT, "timeouts.body");
            case TAKING -> {
                long untaken = channel.bytesBeforeWritable();
                if (untaken < untakenBytes && state != State.LINGER) {
                    // It takes them, however slowly.
                    untakenBytes = untaken;
                    patience.taking(System.nanoTime());
                    return;
                }
                if (exchange != null) {
                    exchange.fault(Fault.DOWNSTREAM_STALLED, "timeouts.body");
                }
                close();
            }
            case LINGER -> close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        state = State.CLOSED;
        patience.end();
        outbox.release();
        if (held != null) {
            held.release();
            held = null;
        }
        Exchange left = exchange;
        if (left != null) {
            left.fault(Fault.DOWNSTREAM_GONE, "");
            if (upload != null) {
                upload.onAborted();
            }
            ended();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.atError()
                    .setCause(cause)
                    .addKeyValue("client", client.address())
                    .log("connection failed");
        }
        close();
    }
}
