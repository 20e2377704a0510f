package dev.fairlead.http.h3;

import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.h2.FieldBlock;
import dev.fairlead.http.h2.Priority;
import dev.fairlead.net.Deadline;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3Exception;
import io.netty.handler.codec.http3.Http3Frame;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3HeadersValidationException;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamPriority;
import io.netty.util.ReferenceCountUtil;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A stream of a client's connection: what its frames say to the exchange on it, and what the exchange says in
/// frames (RFC 9114 §4.1). Its loop only.
final class H3Stream extends ChannelInboundHandlerAdapter {
    /// A piece of a body. What of it was taken is known when it is whole: a slow client must not look like one
    /// that takes nothing.
    private static final int PIECE_BYTES = 16 << 10;

    // immutable
    private final H3Connection connection;
    private final QuicStreamChannel channel;
    private final H3Exchange exchange;
    private final Deadline headDeadline;

    // this loop only
    /// The head, until it is known whether anything follows it.
    private @Nullable Http3Headers head;
    private boolean hasHead;
    private boolean hasBegun;
    private boolean isBroken;
    private boolean isEnding;
    private boolean hasSent;
    private @Nullable ChannelFuture last;
    private long takenBytes;

    H3Stream(H3Connection connection, QuicStreamChannel channel) {
        this.connection = connection;
        this.channel = channel;
        this.exchange = new H3Exchange(connection, this);
        this.headDeadline = new Deadline(connection.loop) {
            @Override
            protected void onExpired(long nowNanos) {
                reset(H3Error.REQUEST_INCOMPLETE);
            }
        };
        headDeadline.at(System.nanoTime() + connection.timeouts.head().toNanos());
    }

    // ---- from the client ----

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
        try {
            if (isBroken) {
                return;
            }
            if (frame instanceof Http3HeadersFrame fields) {
                headers(fields.headers());
            } else if (frame instanceof Http3DataFrame data) {
                data(data.content());
            } else {
                connection.spend(Guard.Kind.UNKNOWN);
            }
        } finally {
            ReferenceCountUtil.release(frame);
        }
    }

    private void headers(Http3Headers fields) {
        if (!hasHead) {
            hasHead = true;
            head = fields;
            return;
        }
        begin(false);
        exchange.trailers(block(fields));
    }

    private void data(ByteBuf data) {
        if (!data.isReadable()) {
            connection.spend(Guard.Kind.EMPTY_DATA);
            return;
        }
        begin(false);
        exchange.peekData(data);
    }

    /// The head is acted upon. `isWhole`: nothing follows it.
    private void begin(boolean isWhole) {
        Http3Headers fields = head;
        if (fields != null) {
            head = null;
            hasBegun = true;
            headDeadline.end();
            exchange.begin(block(fields), isWhole);
        }
    }

    /// The codec has looked at the order of pseudo-header fields, which is lost in its map.
    private FieldBlock block(Http3Headers fields) {
        FieldBlock block = connection.block.begin();
        for (Map.Entry<CharSequence, CharSequence> field : fields) {
            block.add(field.getKey(), field.getValue());
        }
        return block;
    }

    /// A head says itself whether a body follows, but for requests that seldom have one. Of these the end is
    /// awaited, which comes with the head or right behind it: to an endpoint "a body follows" is another thing
    /// than "none does".
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        Http3Headers fields = head;
        if (fields != null && (channel.isInputShutdown() || isBodyLikely(fields))) {
            begin(channel.isInputShutdown());
        }
        exchange.onReadComplete();
    }

    private static boolean isBodyLikely(Http3Headers fields) {
        if (fields.contains("content-length")) {
            return true;
        }
        String method = String.valueOf(fields.method());
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "DELETE", "TRACE" -> false;
            default -> true;
        };
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent && !isBroken) {
            if (!hasHead) {
                reset(H3Error.REQUEST_INCOMPLETE);
            } else if (hasBegun) {
                exchange.onWhole();
            } else {
                begin(true);
                exchange.onReadComplete();
            }
        }
    }

    /// Whether the client has ended it.
    boolean isInputOver() {
        return !isBroken && channel.isInputShutdown();
    }

    /// RFC 9114 §7.1: the client has ended it within a frame.
    void cutWithinFrame() {
        if (!isBroken) {
            connection.giveUp(H3Error.FRAME_ERROR);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        exchange.onWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof Http3Exception || cause instanceof Http3HeadersValidationException) {
            // RFC 9114 §4.1.2. The codec has said so to the client, or is about to.
            exchange.malformed(String.valueOf(cause.getMessage()));
        } else {
            // RESET_STREAM: the client takes the request back.
            fault(Fault.DOWNSTREAM_GONE, "");
            reset(H3Error.REQUEST_CANCELLED);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        isBroken = true;
        headDeadline.end();
        connection.onClosed(this);
        exchange.onClosed();
    }

    // ---- to the client ----

    void send(Http3Headers fields) {
        write(new DefaultHttp3HeadersFrame(fields), 0);
    }

    /// Takes the buffer.
    void send(ByteBuf body) {
        while (body.readableBytes() > PIECE_BYTES) {
            write(new DefaultHttp3DataFrame(body.readRetainedSlice(PIECE_BYTES)), PIECE_BYTES);
        }
        // A slice: the codec takes what it sends from index 0 on, wherever its reader stands.
        write(new DefaultHttp3DataFrame(body.slice()), body.readableBytes());
    }

    private void write(Http3Frame frame, int bytes) {
        hasSent = true;
        ChannelFuture sent = channel.write(frame);
        last = sent;
        sent.addListener(done -> {
            if (done.isSuccess()) {
                takenBytes += bytes;
            } else {
                onNotWanted();
            }
        });
        if (!sent.isDone() && channel.bytesBeforeUnwritable() > 0) {
            // It had room and did not take it: QUIC has ended the stream, for the client wants no more. The codec does
            // not say so, and would hold the frame forever.
            onNotWanted();
        }
    }

    /// STOP_SENDING has come, or the connection is gone.
    private void onNotWanted() {
        if (!isBroken && channel.isActive()) {
            fault(Fault.DOWNSTREAM_GONE, "");
            reset(H3Error.REQUEST_CANCELLED);
        }
    }

    /// Nothing more comes. The end must not overtake what the codec still holds. `isWhole`: the request is.
    void end(boolean isWhole) {
        isEnding = true;
        ChannelFuture before = last;
        if (before == null || before.isSuccess()) {
            finish(isWhole);
        } else {
            before.addListener(sent -> {
                if (sent.isSuccess()) {
                    finish(isWhole);
                }
            });
        }
    }

    private void finish(boolean isWhole) {
        if (isBroken) {
            return;
        }
        channel.shutdownOutput();
        if (!isWhole) {
            // RFC 9114 §4.1: the answer does not need the rest of the request.
            isBroken = true;
            connection.onCutShort();
            channel.shutdownInput(H3Error.NO_ERROR.code());
            channel.close();
        }
    }

    /// Ends both ways at once.
    void reset(H3Error error) {
        if (!isBroken) {
            isBroken = true;
            connection.onBroken();
            channel.shutdown(error.code());
            channel.close();
        }
    }

    long id() {
        return channel.streamId();
    }

    /// Whether the client has asked for something.
    boolean hasBegun() {
        return hasBegun;
    }

    /// Asks whether the client is there.
    void knock() {
        if (!isBroken && !isEnding && !hasSent && channel.isWritable()) {
            write(Knock.frame(), 0);
        }
        hasSent = false;
    }

    void prioritize(Priority priority) {
        channel.updatePriority(new QuicStreamPriority(priority.urgency(), priority.isIncremental()));
    }

    /// Whether more of the request is read: what is not read the client may not send more of than its window.
    void read(boolean want) {
        channel.config().setAutoRead(want);
    }

    boolean isWritable() {
        return channel.isWritable();
    }

    /// Whether the client is still to take something.
    boolean isPending() {
        ChannelFuture sent = last;
        return sent != null && !sent.isDone();
    }

    long takenBytes() {
        return takenBytes;
    }

    void fault(Fault fault, String details) {
        exchange.fault(fault, details);
    }
}
