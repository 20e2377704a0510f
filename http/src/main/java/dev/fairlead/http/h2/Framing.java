package dev.fairlead.http.h2;

import dev.fairlead.http.codec.Unwanted;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder.SensitivityDetector;
import io.netty.handler.codec.http2.Http2PromisedRequestVerifier;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Frames and HPACK of one connection, by Netty: what is said in them is its [Owner]'s. Writes when all that has
/// arrived was looked at, so that many answers leave together. Its loop only.
final class Framing extends Http2ConnectionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Framing.class);

    /// Pieces of less than 8 KiB that a head may come in behind its first.
    private static final int CONTINUATIONS_MAX = 16;
    /// Bytes that all streams together may have in flight; what a stream may send ahead is bounded by its own window.
    private static final int CONNECTION_WINDOW = 1 << 20;
    /// What no table that many clients share may learn (RFC 7541 §7.1.3): who can make us send guesses could see by
    /// the size of what we send whether they are right.
    private static final List<AsciiString> SECRETS = List.of(
            AsciiString.cached("authorization"),
            AsciiString.cached("cookie"),
            AsciiString.cached("proxy-authorization"));

    private final FramingOwner owner;
    private final Turns turns;
    private final Unwanted unwanted = new Unwanted();
    private @Nullable ChannelHandlerContext context;
    private boolean reading;
    private boolean isFlushing;
    private boolean deaf;

    private Framing(
            FramingOwner owner,
            Turns turns,
            Http2ConnectionDecoder decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings settings) {
        super(decoder, encoder, settings, true, true);
        this.owner = owner;
        this.turns = turns;
    }

    /// `block` is filled with the fields of one head after another.
    static Framing ofServer(FramingOwner owner, FieldBlock block, Http2Settings settings) {
        return of(owner, new DefaultHttp2Connection(true), block, settings, (_, _) -> false);
    }

    /// As [#ofServer], for who asks.
    static Framing ofClient(FramingOwner owner, FieldBlock block, Http2Settings settings) {
        return of(owner, new DefaultHttp2Connection(false), block, settings, (name, _) -> isSecret(name));
    }

    private static boolean isSecret(CharSequence name) {
        for (AsciiString secret : SECRETS) {
            if (secret.contentEquals(name)) {
                return true;
            }
        }
        return false;
    }

    private static Framing of(
            FramingOwner owner,
            Http2Connection connection,
            FieldBlock block,
            Http2Settings settings,
            SensitivityDetector secrets) {
        var turns = new Turns(connection);
        connection.local().flowController(new DefaultHttp2LocalFlowController(connection, 0.5f, true));
        connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection, turns));
        long bytesMax = settings.maxHeaderListSize();
        var fields = new DefaultHttp2HeadersDecoder(false, bytesMax) {
            @Override
            protected Http2Headers newHeaders() {
                return block.begin();
            }
        };
        var encoder = new DefaultHttp2ConnectionEncoder(
                connection, new DefaultHttp2FrameWriter(new DefaultHttp2HeadersEncoder(secrets, true)));
        var decoder = new DefaultHttp2ConnectionDecoder(
                connection,
                encoder,
                new DefaultHttp2FrameReader(fields, CONTINUATIONS_MAX),
                Http2PromisedRequestVerifier.ALWAYS_VERIFY,
                true,
                true,
                false);
        decoder.frameListener(owner);
        var framing = new Framing(owner, turns, decoder, encoder, settings);
        connection.addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                owner.onStreamClosed(stream);
            }
        });
        encoder.flowController().listener(owner::onWritabilityChanged);
        Long streams = settings.maxConcurrentStreams();
        if (streams != null) {
            connection.remote().maxActiveStreams(streams.intValue());
        }
        return framing;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) throws Exception {
        context = added;
        super.handlerAdded(added);
        if (added.channel().isActive()) {
            widen();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext active) throws Exception {
        super.channelActive(active);
        widen();
    }

    private void widen() throws Http2Exception {
        Http2Stream all = connection().connectionStream();
        int more = CONNECTION_WINDOW - decoder().flowController().initialWindowSize(all);
        if (more > 0) {
            decoder().flowController().incrementWindowSize(all, more);
            context().flush();
        }
    }

    // ---- reading ----

    @Override
    public void channelRead(ChannelHandlerContext here, Object message) throws Exception {
        reading = true;
        owner.onRead();
        super.channelRead(here, message);
    }

    @Override
    protected void decode(ChannelHandlerContext here, ByteBuf in, List<Object> out) throws Exception {
        if (!deaf) {
            super.decode(here, in, out);
        } else if (!unwanted.drop(in)) {
            here.close();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext here) {
        discardSomeReadBytes();
        owner.onReadComplete();
        reading = false;
        flush(here);
    }

    /// A client that takes no answers has no more of its requests read. An endpoint that takes no requests is read
    /// on: it may be waiting for us to take its answers, of which windows bound how much comes.
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext here) throws Exception {
        if (connection().isServer()) {
            here.channel().config().setAutoRead(here.channel().isWritable());
        }
        super.channelWritabilityChanged(here);
    }

    @Override
    public void channelInactive(ChannelHandlerContext here) throws Exception {
        super.channelInactive(here);
        owner.onClosed();
    }

    // ---- writing ----

    /// Sends what was written, at once or at the end of what is being read.
    void flush() {
        if (!reading && context != null) {
            flush(context);
        }
    }

    /// Sends what was written, with what others write until the loop has seen to all that came: the answers of many
    /// streams are one record and one call.
    void flushSoon() {
        if (!isFlushing && context != null) {
            isFlushing = true;
            context.executor().execute(() -> {
                isFlushing = false;
                flush();
            });
        }
    }

    /// A new stream of ours; null: none can be begun now.
    @Nullable
    Http2Stream open() {
        Http2Connection.Endpoint<?> here = connection().local();
        if (!here.canOpenStream()) {
            return null;
        }
        int last = here.lastStreamCreated();
        try {
            return here.createStream(last == 0 ? 1 : last + 2, false);
        } catch (Http2Exception spent) {
            return null;
        }
    }

    void ping(long data) {
        encoder().writePing(context(), false, data, context().newPromise());
        flush();
    }

    ChannelFuture head(Http2Stream stream, Http2Headers head, boolean isLast) {
        return encoder()
                .writeHeaders(context(), stream.id(), head, 0, isLast, context().newPromise());
    }

    /// Takes the buffer.
    ChannelFuture data(Http2Stream stream, ByteBuf data, boolean isLast) {
        return encoder()
                .writeData(context(), stream.id(), data, 0, isLast, context().newPromise());
    }

    ChannelFuture end(Http2Stream stream) {
        return data(stream, Unpooled.EMPTY_BUFFER, true);
    }

    /// False: the stream is closed already.
    boolean reset(Http2Stream stream, Http2Error why) {
        if (stream.state() == Http2Stream.State.CLOSED) {
            return false;
        }
        resetStream(context(), stream.id(), why.code(), context().newPromise());
        flush();
        return true;
    }

    /// `lastStream`: the last one that is, or may be, looked at.
    void goAway(int lastStream, Http2Error why) {
        try {
            if (connection().goAwaySent(lastStream, why.code(), Unpooled.EMPTY_BUFFER)) {
                // Not by Netty's own way: that closes at once, and what the peer has in flight would be a reset.
                encoder()
                        .frameWriter()
                        .writeGoAway(
                                context(),
                                lastStream,
                                why.code(),
                                Unpooled.EMPTY_BUFFER,
                                context().newPromise());
                flush();
            }
        } catch (Http2Exception increased) {
            throw new IllegalStateException("the last stream came before the one that was told", increased);
        }
    }

    /// Those that are open now.
    List<Http2Stream> streams() {
        List<Http2Stream> open = new ArrayList<>();
        try {
            connection().forEachActiveStream(open::add);
        } catch (Http2Exception impossible) {
            throw new IllegalStateException("nothing is thrown in the loop", impossible);
        }
        return open;
    }

    /// Nothing that comes from now on is read.
    void deafen() {
        deaf = true;
    }

    // ---- flow control ----

    boolean isWritable(Http2Stream stream) {
        return encoder().flowController().isWritable(stream);
    }

    /// Whether it is for this stream's own window that nothing can be sent on it.
    boolean isWindowShut(Http2Stream stream) {
        return encoder().flowController().windowSize(stream) <= 0;
    }

    /// Bytes of all streams that the peer has taken, as far as the kernel tells and but for a constant.
    long takenBytes() {
        return turns.sentBytes() - channel().bytesBeforeWritable();
    }

    long pendingBytes(Http2Stream stream) {
        return turns.pending(stream);
    }

    void prioritize(Http2Stream stream, Priority priority) {
        turns.prioritize(stream, priority);
    }

    /// The peer may send so many bytes more on the stream.
    void consume(Http2Stream stream, int bytes) {
        try {
            if (decoder().flowController().consumeBytes(stream, bytes)) {
                flush();
            }
        } catch (Http2Exception overdrawn) {
            throw new IllegalStateException("consumed more than came", overdrawn);
        }
    }

    // ---- what goes wrong ----

    @Override
    protected void onStreamError(ChannelHandlerContext here, boolean outbound, Throwable cause, StreamException wrong) {
        Http2Stream stream = connection().stream(wrong.streamId());
        if (outbound && (stream == null || stream.state() == Http2Stream.State.CLOSED)) {
            // What was to be sent on it will not be.
            return;
        }
        if (!owner.onStreamError(wrong.streamId(), stream, wrong)) {
            encoder().writeRstStream(here, wrong.streamId(), wrong.error().code(), here.newPromise());
        }
    }

    @Override
    protected void onConnectionError(
            ChannelHandlerContext here, boolean outbound, Throwable cause, @Nullable Http2Exception wrong) {
        if (deaf) {
            return;
        }
        if (cause instanceof IOException || !here.channel().isActive()) {
            here.close();
            return;
        }
        if (wrong == null) {
            LOG.atError()
                    .setCause(cause)
                    .addKeyValue("peer", String.valueOf(here.channel().remoteAddress()))
                    .log("connection failed");
        }
        owner.onConnectionError(wrong == null ? Http2Error.INTERNAL_ERROR : wrong.error(), cause);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext here, Throwable cause) {
        // What TLS cannot make sense of, its handler tells wrapped.
        if (cause instanceof IOException || cause.getCause() instanceof IOException) {
            here.close();
        } else {
            onError(here, false, cause);
        }
    }

    Channel channel() {
        return context().channel();
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext here = context;
        assert here != null : "not in a pipeline yet";
        return here;
    }
}
