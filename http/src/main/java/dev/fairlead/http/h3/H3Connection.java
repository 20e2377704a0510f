package dev.fairlead.http.h3;

import dev.fairlead.config.HttpLimits;
import dev.fairlead.config.HttpTimeouts;
import dev.fairlead.http.codec.Bridges;
import dev.fairlead.http.codec.ClientConnection;
import dev.fairlead.http.codec.Tunnels;
import dev.fairlead.http.codec.Upgrades;
import dev.fairlead.http.exchange.Client;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.Service;
import dev.fairlead.http.h2.BlockText;
import dev.fairlead.http.h2.FieldBlock;
import dev.fairlead.http.h2.Foretold;
import dev.fairlead.http.h2.Priority;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import dev.fairlead.net.tls.TlsSession;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http3.DefaultHttp3GoAwayFrame;
import io.netty.handler.codec.http3.DefaultHttp3SettingsFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ServerConnectionHandler;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.handler.codec.http3.Http3SettingsFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicPathEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's HTTP/3 connection: a stream of QUIC for each exchange, many at once (RFC 9114). Its loop only.
///
/// It is waited for as a connection of HTTP/2 is: for its first request `timeouts.head`, for the next one
/// `timeouts.keep-alive`; for heads and bodies each stream is waited for by itself.
public final class H3Connection extends ChannelInboundHandlerAdapter implements ClientConnection {
    private static final Logger LOG = LoggerFactory.getLogger(H3Connection.class);

    /// While draining, what the client has asked before it learned of that arrives in this time (RFC 9114 §5.2).
    private static final long QUIET_NANOS = 1_000_000_000L;
    /// The greatest id of a request (RFC 9000 §2.1): no request is too late yet.
    private static final long LAST_REQUEST = (1L << 62) - 4;
    /// Ids of requests are this far apart.
    static final long REQUEST_STEP = 4;
    /// QPACK counts 32 bytes more for each field (RFC 9204 §3.2.1).
    private static final int FIELD_EXTRA = 32;
    /// Of a stream that was broken off the codec keeps a little until its connection ends: then it is time for a
    /// new one.
    private static final int BROKEN_MAX = 1000;

    /// Requests that a client may say beforehand how urgent they are.
    private static final int FORETOLD_MAX = 100;

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
    final QuicChannel channel;
    final Service service;
    final HttpLimits limits;
    final HttpTimeouts timeouts;
    final Upgrades upgrades;
    final Bridges bridges;
    final AsciiString via;
    final BlockText text = new BlockText();
    final FieldBlock block = new FieldBlock();
    final Bytes scratch;
    final Foretold foretold = new Foretold(FORETOLD_MAX);
    private final H3Metrics metrics;
    private final Guard guard;
    private final Knock knock;
    private final Parting parting;
    private final Deadline deadline;

    // this loop only
    private final Set<H3Stream> streams = new LinkedHashSet<>();
    private Client client;
    private State state = State.OPEN;
    private long nextRequest;
    private long lastRequest = Long.MAX_VALUE;
    private int broken;

    /// `address` is the client's, `scratch` the loop's: heads are put together in it.
    public H3Connection(
            Loop loop,
            QuicChannel channel,
            InetSocketAddress address,
            Service service,
            HttpLimits limits,
            HttpTimeouts timeouts,
            H3Metrics metrics,
            Upgrades upgrades,
            Tunnels tunnels,
            Bytes scratch) {
        this.loop = loop;
        this.channel = channel;
        this.service = service;
        this.limits = limits;
        this.timeouts = timeouts;
        this.upgrades = upgrades;
        this.bridges = new Bridges(loop, service, tunnels, timeouts.tunnel());
        this.metrics = metrics;
        this.scratch = scratch;
        this.via = new AsciiString("1.1 " + service.identity().name());
        this.client = Client.of(address, TlsSession.of(channel));
        this.guard = new Guard(metrics, System.nanoTime());
        this.knock = new Knock(loop, channel, streams);
        this.parting = new Parting(loop, channel);
        this.deadline = new Deadline(loop) {
            @Override
            protected void onExpired(long nowNanos) {
                onOverdue();
            }
        };
        deadline.at(System.nanoTime() + timeouts.head().toNanos());
        metrics.onOpened();
    }

    /// Takes its place in the channel's pipeline.
    public void begin() {
        channel.pipeline()
                .addLast(new Http3ServerConnectionHandler(
                        new ChannelInitializer<QuicStreamChannel>() {
                            @Override
                            protected void initChannel(QuicStreamChannel stream) {
                                open(stream);
                            }
                        },
                        new ControlFrames(this),
                        null,
                        settings(),
                        true))
                .addLast(this);
    }

    /// A head that is larger than allowed is answered when it is no more than twice as large; else the codec ends
    /// the connection.
    private Http3SettingsFrame settings() {
        long bytes = limits.headBytes() + (long) limits.fieldCount() * FIELD_EXTRA;
        Http3Settings settings =
                Http3Settings.defaultSettings().maxFieldSectionSize(2 * bytes).qpackMaxTableCapacity(0);
        if (upgrades.isAny()) {
            // RFC 9220 §3.
            settings.enableConnectProtocol(true);
        }
        return new DefaultHttp3SettingsFrame(settings);
    }

    /// Who is at the other end, now.
    Client client() {
        return client;
    }

    // ---- streams ----

    private void open(QuicStreamChannel channel) {
        if (channel.streamId() >= lastRequest || state == State.LINGER || state == State.CLOSED) {
            channel.shutdown(H3Error.REQUEST_REJECTED.code());
            channel.close();
            return;
        }
        nextRequest = Math.max(nextRequest, channel.streamId() + REQUEST_STEP);
        if (state == State.OPEN) {
            deadline.clear();
        }
        var opened = new H3Stream(this, channel);
        streams.add(opened);
        knock.soon();
        channel.pipeline().addFirst(new FrameEnds(opened)).addLast(opened);
    }

    void onClosed(H3Stream stream) {
        streams.remove(stream);
        if (streams.isEmpty() && state != State.CLOSED) {
            rest();
        }
    }

    /// An exchange is over, well or not.
    void ended(boolean isWhole) {
        metrics.ended();
        if (isWhole) {
            guard.earnReset();
        }
    }

    /// A stream ends whose request was not read to its end.
    void onCutShort() {
        broken++;
        if (broken == BROKEN_MAX) {
            drain();
        }
    }

    /// A stream was broken off, by whomever.
    void onBroken() {
        onCutShort();
        spend(Guard.Kind.RESET);
    }

    void spend(Guard.Kind kind) {
        if (!guard.spend(kind)) {
            giveUp(H3Error.EXCESSIVE_LOAD);
        }
    }

    /// Ends it at once, and all that was asked for on it.
    void giveUp(H3Error error) {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            LOG.atDebug()
                    .addKeyValue("client", client.address())
                    .addKeyValue("error", error)
                    .log("HTTP/3 connection given up");
            onEach(stream -> stream.fault(Fault.REQUEST_MALFORMED, "broken connection"));
            channel.close(true, error.code(), Unpooled.EMPTY_BUFFER);
        }
    }

    private void onEach(Consumer<H3Stream> act) {
        List.copyOf(streams).forEach(act);
    }

    // ---- what the client says of the connection ----

    /// How urgent one of its requests is, come already or not.
    void reprioritize(long id, Priority priority) {
        for (H3Stream stream : streams) {
            if (stream.id() == id && stream.hasBegun()) {
                stream.prioritize(priority);
                return;
            }
        }
        foretold.put(id, priority);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof QuicPathEvent.PeerMigrated moved) {
            // RFC 9000 §9: it has shown that it is there.
            client = Client.of(moved.remote(), TlsSession.of(channel));
            metrics.migrated();
        }
        context.fireUserEventTriggered(event);
    }

    // ---- waiting and closing ----

    /// No exchange is under way.
    private void rest() {
        switch (state) {
            case OPEN -> deadline.at(System.nanoTime() + timeouts.keepAlive().toNanos());
            case LEAVING -> linger();
            case WARNED, LINGER, CLOSED -> {}
        }
    }

    private void onOverdue() {
        switch (state) {
            case OPEN, WARNED -> leave();
            case LEAVING, LINGER, CLOSED -> {}
        }
    }

    /// Says GOAWAY twice: first that no more should be asked, and later, when what crossed that has arrived, which
    /// request was the last. So nothing that the client asks is lost.
    @Override
    public void drain() {
        if (state == State.OPEN && channel.isActive()) {
            state = State.WARNED;
            goAway(LAST_REQUEST);
            deadline.at(System.nanoTime() + QUIET_NANOS);
        }
    }

    private void leave() {
        state = State.LEAVING;
        lastRequest = nextRequest;
        goAway(nextRequest);
        if (streams.isEmpty()) {
            linger();
        }
    }

    private void goAway(long firstUnanswered) {
        QuicStreamChannel control = Http3.getLocalControlStream(channel);
        if (control != null) {
            control.writeAndFlush(new DefaultHttp3GoAwayFrame(firstUnanswered));
        }
    }

    private void linger() {
        state = State.LINGER;
        parting.begin();
    }

    @Override
    public void cutForDrain() {
        onEach(stream -> stream.fault(Fault.DRAINED, "drain-timeout"));
        channel.close(true, H3Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        state = State.CLOSED;
        deadline.end();
        knock.end();
        parting.end();
        metrics.onClosed();
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.atDebug()
                .addKeyValue("client", client.address())
                .addKeyValue("reason", cause.getMessage())
                .log("QUIC connection failed");
    }
}
