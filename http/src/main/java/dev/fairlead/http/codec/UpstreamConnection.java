package dev.fairlead.http.codec;

import dev.fairlead.config.HttpLimits.Underscores;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.http.exchange.Answers;
import dev.fairlead.http.exchange.Conduit;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import dev.fairlead.net.tls.Origination;
import dev.fairlead.upstream.Endpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One HTTP/1.1 connection to an endpoint: one exchange at a time, many after each other. Idle between them. Its
/// loop only.
public final class UpstreamConnection extends ChannelInboundHandlerAdapter implements Conduit {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamConnection.class);

    /// Heads before the final one (RFC 9110 §15.2): each goes to the client at once, so that they must end
    /// somewhere.
    private static final int INFORMATIONAL_MAX = 32;

    private final Endpoint endpoint;
    private final IdleOwner owner;
    private final ResponseHead head = new ResponseHead();
    private final ResponseReader reader = new ResponseReader(head);
    private final BodyReader bodyReader = new BodyReader(Underscores.PASS);
    private final Bytes scratch;
    private final Deadline deadline;
    private final long madeNanos = System.nanoTime();

    private @Nullable Channel channel;
    private @Nullable Outbox outbox;
    private @Nullable BodyWriter bodyWriter;
    private @Nullable Answers answers;
    private @Nullable RequestHead asked;
    private boolean inBody;
    private boolean requestWhole;
    private boolean reusable = true;
    private boolean overdueIsResponse;
    private boolean reading;
    private boolean failed;
    private int informational;
    private int exchanges;

    public UpstreamConnection(Loop loop, Endpoint endpoint, IdleOwner owner, Bytes scratch) {
        this.endpoint = endpoint;
        this.owner = owner;
        this.scratch = scratch;
        this.deadline = new Deadline(loop) {
            @Override
            protected void onExpired(long nowNanos) {
                onOverdue();
            }
        };
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    public long madeNanos() {
        return madeNanos;
    }

    @Override
    public boolean isReused() {
        return exchanges > 1;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
        // An endpoint may answer and close while it is still being sent to. That writing fails must not lose the
        // answer, which can be read still (RFC 9112 §9.5).
        channel.config().setAutoClose(false);
        outbox = new Outbox(channel);
        bodyWriter = new BodyWriter(outbox, scratch);
    }

    // ---- the request ----

    @Override
    public void begin(RequestHead request, Answers to) {
        assert answers == null;
        answers = to;
        asked = request;
        exchanges++;
        inBody = false;
        informational = 0;
        requestWhole = false;
        reusable = false;
        reader.reset();
        RequestWriter.head(request, endpoint.origin().host(endpoint.name()), scratch);
        outbox().put(scratch);
        bodyWriter().begin(request.contentLength() == RequestHead.UNKNOWN);
    }

    @Override
    public void body(ByteBuf data) {
        bodyWriter().piece(data);
    }

    @Override
    public void end(@Nullable Fields trailers) {
        bodyWriter().end(trailers);
        requestWhole = true;
    }

    @Override
    public void flush() {
        bodyWriter().settle();
        outbox().flush();
    }

    @Override
    public boolean isWritable() {
        Channel open = channel;
        return open != null && open.isWritable();
    }

    @Override
    public void wantAnswer(boolean want) {
        Channel open = channel;
        if (open != null) {
            open.config().setAutoRead(want);
        }
    }

    /// The connection cannot be used again.
    @Override
    public void abandon() {
        answers = null;
        close();
    }

    @Override
    public void awaitResponse(long untilNanos) {
        overdueIsResponse = true;
        deadline.at(untilNanos);
    }

    @Override
    public void awaitProgress(long untilNanos) {
        overdueIsResponse = false;
        deadline.at(untilNanos);
    }

    /// Nothing is asked of it: it is closed at that time unless it is used again.
    public void idleUntil(long untilNanos) {
        deadline.at(untilNanos);
    }

    @Override
    public void awaitNothing() {
        deadline.clear();
    }

    @Override
    public void free(PoolSpec terms, long nowNanos) {
        owner.onFree(this, terms, nowNanos);
    }

    public void close() {
        deadline.clear();
        Channel open = channel;
        if (open != null) {
            open.close();
        }
    }

    // ---- the response ----

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        reading = true;
        try {
            while (answers != null && in.isReadable() && (inBody ? readBody(in) : readHead(in))) {
                // The next part of the response.
            }
            if (in.isReadable() && answers == null) {
                // Bytes that nobody asked for: what else this endpoint says here cannot be trusted (RFC 9112 §11.2).
                owner.onLost(this);
                close();
            }
        } finally {
            in.release();
        }
    }

    /// False, as [#readBody], when more bytes are needed.
    private boolean readHead(ByteBuf in) {
        Answers to = answers;
        assert to != null;
        if (!reader.read(in)) {
            return false;
        }
        RequestHead request = asked;
        assert request != null;
        HeadError wrong = reader.error();
        boolean switches = wrong == null && head.status() == 101;
        if (switches) {
            wrong = Upgrades.wrongIn(head.fields(), request);
        } else if (wrong == null) {
            wrong = reader.finish(request.method());
        }
        if (wrong != null) {
            broken(wrong.inResponse(), wrong.text());
            return false;
        }
        if (switches) {
            handOver(to, in);
            return false;
        }
        if (head.isInformational() && ++informational > INFORMATIONAL_MAX) {
            broken(Fault.RESPONSE_MALFORMED, "too many informational responses");
            return false;
        }
        to.onHead(head);
        if (head.isInformational()) {
            reader.reset();
            return answers != null;
        }
        if (answers == null) {
            return false;
        }
        inBody = true;
        if (reader.isChunked()) {
            bodyReader.chunked();
        } else if (reader.isUntilClose()) {
            bodyReader.untilClose();
        } else {
            bodyReader.length(head.contentLength());
            if (head.contentLength() == 0) {
                whole(null, in);
                return false;
            }
        }
        return true;
    }

    /// The connection is no longer HTTP's, nor ours.
    private void handOver(Answers to, ByteBuf in) {
        DuplexChannel open = (DuplexChannel) channel;
        assert open != null;
        answers = null;
        deadline.end();
        outbox().flush();
        open.config().setAutoClose(true);
        open.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        open.closeFuture().addListener(_ -> endpoint.connectionClosed());
        open.pipeline().remove(this);
        ByteBuf rest = in.isReadable() ? in.readRetainedSlice(in.readableBytes()) : null;
        to.onSwitched(head, new ChannelSide(open, rest));
    }

    private boolean readBody(ByteBuf in) {
        Answers to = answers;
        assert to != null;
        return switch (bodyReader.read(in)) {
            case MORE -> false;
            case PIECE -> {
                to.onBody(bodyReader.takePiece());
                // The end after the last byte of a length needs no further byte.
                if (answers != null && bodyReader.isAtEnd()) {
                    whole(null, in);
                }
                yield true;
            }
            case END -> {
                whole(bodyReader.trailers(), in);
                yield true;
            }
            case WRONG -> {
                broken(HeadError.CHUNK.inResponse(), HeadError.CHUNK.text());
                yield false;
            }
        };
    }

    private void whole(@Nullable Fields trailers, ByteBuf rest) {
        Answers to = answers;
        assert to != null;
        answers = null;
        deadline.clear();
        // Bytes behind the response are an answer to nothing: they must not become the answer to the next request.
        reusable = reader.isPersistent() && requestWhole && !rest.isReadable();
        to.onEnd(trailers);
    }

    /// Whether another exchange may follow the one that has just ended.
    public boolean isReusable() {
        Channel open = channel;
        return reusable && open != null && open.isActive();
    }

    /// Whether one may follow now. Not while there may be more to read: what an endpoint sent behind its response
    /// would be taken for the next one. `by`: how it must be secured; null: not at all.
    public boolean isFree(@Nullable Origination by) {
        String name = endpoint.origin().serverName();
        return isReusable() && !reading && channel != null && Origination.isBy(by, name, channel);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        if (answers != null) {
            answers.onReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (answers != null && context.channel().isWritable()) {
            answers.onWritable();
        }
    }

    // ---- the connection ----

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        deadline.end();
        outbox().release();
        endpoint.connectionClosed();
        owner.onLost(this);
        if (answers == null) {
            return;
        }
        if (inBody && reader.isUntilClose() && !failed && !Origination.isCut(context.channel())) {
            whole(null, Unpooled.EMPTY_BUFFER);
        } else if (inBody || reader.hasBegun() || informational > 0) {
            broken(Fault.RESPONSE_INCOMPLETE, "connection closed within the " + (inBody ? "body" : "head"));
        } else {
            broken(Fault.CONNECTION_TERMINATED, "connection closed before the response");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failed = true;
        if (cause instanceof IOException) {
            // When reading failed, the channel closes itself. When writing did, we read on to its end; but that end
            // is no end of a body, for it may be that of a reset.
            return;
        }
        // What TLS cannot make sense of, its handler tells wrapped.
        if (!(cause.getCause() instanceof IOException)) {
            LOG.atError().setCause(cause).addKeyValue("endpoint", endpoint).log("connection failed");
        }
        close();
    }

    private void onOverdue() {
        if (answers == null) {
            owner.onLost(this);
            close();
        } else if (overdueIsResponse) {
            broken(Fault.RESPONSE_TIMEOUT, "timeouts.first-byte");
        } else {
            broken(isWritable() ? Fault.CONNECTION_READ_TIMEOUT : Fault.CONNECTION_WRITE_TIMEOUT, "timeouts.idle");
        }
    }

    private void broken(Fault fault, String details) {
        Answers to = answers;
        answers = null;
        close();
        if (to != null) {
            to.onBroken(fault, details);
        }
    }

    private Outbox outbox() {
        Outbox made = outbox;
        assert made != null : "not in a pipeline yet";
        return made;
    }

    private BodyWriter bodyWriter() {
        BodyWriter made = bodyWriter;
        assert made != null : "not in a pipeline yet";
        return made;
    }
}
