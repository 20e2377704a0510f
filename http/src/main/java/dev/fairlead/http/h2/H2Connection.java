package dev.fairlead.http.h2;

import dev.fairlead.config.Http2Spec;
import dev.fairlead.config.HttpLimits;
import dev.fairlead.config.HttpTimeouts;
import dev.fairlead.http.codec.Bridges;
import dev.fairlead.http.codec.ClientConnection;
import dev.fairlead.http.codec.Tunnels;
import dev.fairlead.http.codec.Upgrades;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.Service;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import dev.fairlead.net.tls.TlsSession;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's HTTP/2 connection: a stream for each exchange, many at once (RFC 9113). Its loop only.
///
/// It is waited for as a connection of HTTP/1 is: for its first request `timeouts.head`, for the next one
/// `timeouts.keep-alive`, whatever else it says meanwhile; for bodies each stream has a patience of its own.
public final class H2Connection extends GuardedFrames implements FramingOwner, ClientConnection {
    private static final Logger LOG = LoggerFactory.getLogger(H2Connection.class);

    /// While draining, what the client has asked before it learned of that arrives in this time (RFC 9113 §6.8).
    private static final long QUIET_NANOS = 1_000_000_000L;
    /// How long our closed half waits for the client's: what is in flight must not become a reset that destroys
    /// what the client has not read yet.
    private static final long LINGER_NANOS = 2_000_000_000L;
    /// A frame of RFC 9218 §7.1: a client has thought better of it.
    private static final byte PRIORITY_UPDATE = 16;

    private enum State {
        OPEN,
        /// The client has been told to ask nothing more; what it has asked before is answered.
        WARNED,
        /// The last stream is known.
        LEAVING,
        /// All is said.
        LINGER,
        CLOSED
    }

    // immutable
    final Loop loop;
    final SocketChannel channel;
    final Service service;
    final HttpLimits limits;
    final HttpTimeouts timeouts;
    final Client client;
    final Upgrades upgrades;
    final Bridges bridges;
    final AsciiString via;
    final BlockText text = new BlockText();
    final Bytes scratch;
    final Framing framing;
    final Foretold foretold;
    private final H2Metrics metrics;
    private final FieldBlock block = new FieldBlock();
    private final Http2Connection.PropertyKey key;
    private final Deadline deadline;
    private final Pulse pulse;

    // this loop only
    private State state = State.OPEN;
    private final List<H2Exchange> touched = new ArrayList<>();

    /// `scratch` is the loop's: heads are put together in it.
    public H2Connection(
            Loop loop,
            SocketChannel channel,
            Service service,
            HttpLimits limits,
            HttpTimeouts timeouts,
            Http2Spec spec,
            H2Metrics metrics,
            Upgrades upgrades,
            Tunnels tunnels,
            Bytes scratch) {
        super(new Guard(metrics, System.nanoTime()));
        this.upgrades = upgrades;
        this.loop = loop;
        this.scratch = scratch;
        this.channel = channel;
        this.service = service;
        this.limits = limits;
        this.timeouts = timeouts;
        this.bridges = new Bridges(loop, service, tunnels, timeouts.tunnel());
        this.metrics = metrics;
        this.client = Client.of(channel);
        this.via = new AsciiString("1.1 " + service.identity().name());
        this.framing = Framing.ofServer(this, block, OurSettings.of(spec, limits, upgrades.isAny()));
        this.foretold = new Foretold(spec.streams());
        this.key = framing.connection().newKey();
        this.pulse = new Pulse(loop, framing, spec.pingInterval(), spec.pingTimeout());
        this.deadline = new Deadline(loop) {
            @Override
            protected void onExpired(long nowNanos) {
                onOverdue();
            }
        };
        deadline.at(System.nanoTime() + timeouts.head().toNanos());
        metrics.onOpened();
    }

    /// What stands in the pipeline.
    public ChannelHandler handler() {
        return framing;
    }

    // ---- streams ----

    private @Nullable H2Exchange on(int streamId) {
        Http2Stream stream = framing.connection().stream(streamId);
        return stream == null ? null : stream.getProperty(key);
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext here,
            int streamId,
            Http2Headers head,
            int dependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean isLast)
            throws Http2Exception {
        H2Exchange exchange = on(streamId);
        if (exchange != null) {
            exchange.trailers(block);
            return;
        }
        exchange = open(framing.connection().stream(streamId));
        exchange.begin(block, isLast);
    }

    private H2Exchange open(Http2Stream stream) {
        if (state == State.OPEN) {
            deadline.clear();
        }
        pulse.watch(true, System.nanoTime());
        var opened = new H2Exchange(this, stream);
        stream.setProperty(key, opened);
        return opened;
    }

    @Override
    public int onDataRead(ChannelHandlerContext here, int streamId, ByteBuf data, int padding, boolean isLast)
            throws Http2Exception {
        if (!data.isReadable() && !isLast) {
            guard.spend(Guard.Kind.EMPTY_DATA);
        }
        H2Exchange exchange = on(streamId);
        return exchange == null ? data.readableBytes() + padding : exchange.peekData(data, isLast) + padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext here, int streamId, long code) throws Http2Exception {
        guard.spend(Guard.Kind.RESET);
        // The rest comes by onStreamClosed.
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
        H2Exchange exchange = stream.getProperty(key);
        if (exchange != null) {
            exchange.onClosed();
        }
        if (state != State.CLOSED && framing.connection().numActiveStreams() == 0) {
            rest();
        }
    }

    @Override
    public void onWritabilityChanged(Http2Stream stream) {
        H2Exchange exchange = stream.getProperty(key);
        if (exchange != null) {
            exchange.onWritabilityChanged();
        }
    }

    /// Something came for it: it is told when no more has arrived for now.
    void touch(H2Exchange exchange) {
        touched.add(exchange);
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext here, long data) {
        pulse.onAnswered(System.nanoTime());
    }

    @Override
    public void onRead() {
        pulse.heard(System.nanoTime());
    }

    @Override
    public void onReadComplete() {
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).onReadComplete();
        }
        touched.clear();
    }

    /// An exchange is over, well or not.
    void ended(boolean isWhole) {
        metrics.ended();
        if (isWhole) {
            guard.earnReset();
        }
    }

    // ---- what the client says of the connection ----

    @Override
    public void onUnknownFrame(ChannelHandlerContext here, byte type, int streamId, Http2Flags flags, ByteBuf payload) {
        spend(Guard.Kind.UNKNOWN);
        if (type == PRIORITY_UPDATE && streamId == 0 && payload.readableBytes() >= Integer.BYTES) {
            reprioritize(payload.readInt() & Integer.MAX_VALUE, Priority.of(payload));
        }
    }

    private void reprioritize(int streamId, Priority priority) {
        H2Exchange exchange = on(streamId);
        if (exchange != null) {
            exchange.prioritize(priority);
        } else if (streamId > framing.connection().remote().lastStreamCreated()) {
            foretold.put(streamId, priority);
        }
    }

    // ---- what goes wrong ----

    /// A request is none, and its stream about to be reset.
    void onMalformed() {
        spend(Guard.Kind.RESET);
    }

    /// Where nothing may be thrown.
    private void spend(Guard.Kind kind) {
        try {
            guard.spend(kind);
        } catch (Http2Exception tooMany) {
            onConnectionError(tooMany.error(), tooMany);
        }
    }

    @Override
    public boolean onStreamError(int streamId, @Nullable Http2Stream stream, StreamException wrong) {
        if (stream == null && wrong.error() == Http2Error.STREAM_CLOSED) {
            // RFC 9113 §5.1: it was on its way when the stream ended.
            return true;
        }
        onMalformed();
        if (stream == null && wrong instanceof HeaderListSizeException) {
            return refuse(streamId);
        }
        H2Exchange exchange = stream == null ? null : stream.getProperty(key);
        if (exchange != null) {
            exchange.fault(Fault.REQUEST_MALFORMED, "broken stream");
        }
        return false;
    }

    /// Its head is larger than allowed, and nothing of it is known. False: nor is there such a stream.
    private boolean refuse(int streamId) {
        try {
            H2Exchange refused = open(framing.connection().remote().createStream(streamId, true));
            refused.refuse(Fault.HEAD_TOO_LARGE, "head too large");
            return true;
        } catch (Http2Exception impossible) {
            return false;
        }
    }

    @Override
    public void onConnectionError(Http2Error error, Throwable cause) {
        if (error == Http2Error.ENHANCE_YOUR_CALM) {
            // What was not found here was found by who reads heads.
            guard.trip(Guard.Kind.HEAD);
        }
        LOG.atDebug()
                .addKeyValue("client", String.valueOf(channel.remoteAddress()))
                .addKeyValue("error", error)
                .addKeyValue("reason", cause.getMessage())
                .log("HTTP/2 connection given up");
        framing.goAway(framing.connection().remote().lastStreamCreated(), error);
        onEach(exchange -> exchange.fault(Fault.REQUEST_MALFORMED, "broken connection"));
        onEach(H2Exchange::cutOff);
        linger();
    }

    private void onEach(Consumer<H2Exchange> act) {
        for (Http2Stream stream : framing.streams()) {
            H2Exchange exchange = stream.getProperty(key);
            if (exchange != null) {
                act.accept(exchange);
            }
        }
    }

    // ---- waiting and closing ----

    /// No exchange is under way.
    private void rest() {
        pulse.watch(false, System.nanoTime());
        switch (state) {
            case OPEN -> deadline.at(System.nanoTime() + timeouts.keepAlive().toNanos());
            case LEAVING -> linger();
            case WARNED, LINGER, CLOSED -> {}
        }
    }

    private void onOverdue() {
        switch (state) {
            case OPEN, WARNED -> leave();
            case LEAVING, CLOSED -> {}
            case LINGER -> channel.close();
        }
    }

    /// Says GOAWAY twice: first that no more should be asked, and later, when what crossed that has arrived, which
    /// stream was the last. So nothing that the client asks is lost.
    @Override
    public void drain() {
        if (state == State.OPEN && channel.isActive()) {
            state = State.WARNED;
            framing.goAway(Integer.MAX_VALUE, Http2Error.NO_ERROR);
            deadline.at(System.nanoTime() + QUIET_NANOS);
        }
    }

    private void leave() {
        state = State.LEAVING;
        framing.goAway(framing.connection().remote().lastStreamCreated(), Http2Error.NO_ERROR);
        if (framing.connection().numActiveStreams() == 0) {
            linger();
        }
    }

    @Override
    public void cutForDrain() {
        onEach(exchange -> exchange.fault(Fault.DRAINED, "drain-timeout"));
        channel.close();
    }

    private void linger() {
        if (state == State.LINGER || state == State.CLOSED) {
            return;
        }
        state = State.LINGER;
        framing.deafen();
        deadline.at(System.nanoTime() + LINGER_NANOS);
        framing.flush();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            if (sent.isSuccess()) {
                TlsSession.shutdownOutput(channel);
            }
        });
    }

    @Override
    public void onClosed() {
        state = State.CLOSED;
        deadline.end();
        pulse.end();
        metrics.onClosed();
    }
}
