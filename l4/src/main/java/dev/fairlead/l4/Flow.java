package dev.fairlead.l4;

import dev.fairlead.config.ProxyProtocolOutSpec;
import dev.fairlead.net.BareSockets;
import dev.fairlead.net.Loop;
import dev.fairlead.net.proxyprotocol.ProxyHeader;
import dev.fairlead.net.tls.ClientHello;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.LiveFlow;
import dev.fairlead.upstream.Why;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client connection, from its arrival to its record. It is the channel's handler, or hears of the bare socket,
/// while a [Search] looks for an endpoint; then a [Relay] takes over. The client is not read before that, so nothing is
/// ever lost or sent twice when the next endpoint is tried.
///
/// A client that only closes its half meanwhile may still want an answer, and is served; one that resets is not.
///
/// A flow that finds no endpoint is reset, not closed: it is to its client what a refused connection would be, and
/// not an empty answer. One loop only.
final class Flow extends ChannelInboundHandlerAdapter implements Search.Owner, Relay.Owner, Side.Watcher {
    private static final Logger LOG = LoggerFactory.getLogger(Flow.class);

    // immutable
    private final TcpPlane plane;
    private final Loop loop;
    private final Client client;
    private final TcpPlane.Terms terms;
    private final ClientHello hello;

    // this loop only
    @Nullable
    Flow next;

    @Nullable
    Flow previous;

    private long startNanos;
    private long connectNanos;
    private int attempts;
    private int askedPort;
    private Why why = Why.BALANCER;
    private boolean ended;
    private @Nullable Endpoint endpoint;
    private @Nullable Search search;
    private @Nullable Relay relay;
    private @Nullable ByteBuf held;
    private @Nullable Rate rate;
    private @Nullable String uniqueId;

    Flow(TcpPlane plane, Loop loop, SocketChannel client, TcpPlane.Terms terms, ClientHello hello) {
        this.plane = plane;
        this.loop = loop;
        this.client = new Client.OfChannel(client);
        this.terms = terms;
        this.hello = hello;
    }

    /// Of a client without a channel: begins at once.
    Flow(TcpPlane plane, Loop loop, int socket, InetSocketAddress client, Runnable onClosed, TcpPlane.Terms terms) {
        this.plane = plane;
        this.loop = loop;
        this.client = new Client.Bare(Side.of(loop, socket, onClosed, this), client);
        this.terms = terms;
        this.hello = ClientHello.NONE;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        begin(null);
    }

    /// `first` are bytes that were read before; null: none. The channel is active.
    void begin(@Nullable ByteBuf first) {
        held = first;
        startNanos = System.nanoTime();
        plane.flows(loop).add(this);
        if (plane.isClosed()) {
            // It was on its way to this loop when the flows there were cut.
            end(FlowOutcome.DRAINED);
            return;
        }
        switch (client) {
            case Client.Bare(Side side, var _) -> {
                if (side.register(true)) {
                    enter();
                } else {
                    end(FlowOutcome.DRAINED);
                }
            }
            case Client.OfChannel(SocketChannel channel) -> {
                if (first == null && ProxyHeader.of(channel) != null) {
                    // What came behind the header is about to be handed over: it must be held before the join.
                    loop.eventLoop().execute(this::enter);
                } else {
                    enter();
                }
            }
        }
    }

    private void enter() {
        if (!ended) {
            Search begun = new Search(this, loop, plane, terms, client);
            search = begun;
            begun.begin();
        }
    }

    @Override
    public void onFound(Endpoint found, Dial connected) {
        endpoint = found;
        connectNanos = System.nanoTime() - startNanos;
        plane.onConnected(connectNanos);
        if (search != null) {
            attempts = search.attempts();
            askedPort = search.askedPort();
            why = search.why();
            search = null;
        }
        ByteBuf before = held;
        held = null;
        if (client instanceof Client.OfChannel(SocketChannel channel)) {
            channel.pipeline().remove(this);
        }
        ProxyProtocolOutSpec told = terms.upstream().spec().proxyProtocol();
        uniqueId = Introduction.uniqueId(client, told);
        Introduction introduction = told == null ? null : new Introduction(told, client, hello, uniqueId);
        relay = connected.join(client, introduction, before, plane.relayTerms(terms, found, startNanos), this);
    }

    @Override
    public void onNotFound(FlowOutcome outcome) {
        end(outcome);
    }

    // ---- a client without an endpoint yet: as a bare socket ----

    @Override
    public void onReady(Side side) {}

    /// The kernel says that it is over; a number that was another socket's a moment ago may say so too.
    @Override
    public void onHangup(Side side, boolean isError) {
        if (BareSockets.ofThisLoop().error(side.socket()) != 0) {
            end(FlowOutcome.CLIENT_RESET);
        }
    }

    @Override
    public void onTaken(Side side) {}

    @Override
    public void onBroken(Side side) {}

    @Override
    public void onLoopEnded() {
        end(FlowOutcome.DRAINED);
    }

    // ---- and as a channel ----

    /// Reading is off, but what a client sent before it closed its half comes all the same: see [Relay].
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf buffer = (ByteBuf) message;
        held = held == null ? buffer : Unpooled.wrappedBuffer(held, buffer);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(FlowOutcome.CLIENT_RESET);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.atWarn()
                    .addKeyValue("listener", terms.spec().name())
                    .setCause(cause)
                    .log("a flow failed");
        }
        end(FlowOutcome.CLIENT_RESET);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (held != null) {
            held.release();
            held = null;
        }
    }

    // ---- both ----

    boolean isOn(Endpoint asked) {
        return endpoint == asked || (search != null && search.isOn(asked));
    }

    InetSocketAddress client() {
        return client.address();
    }

    /// How it stands now.
    LiveFlow look(long nowNanos) {
        Relay over = relay;
        long in = over == null ? 0 : over.bytesIn();
        long out = over == null ? 0 : over.bytesOut();
        if (rate == null) {
            rate = new Rate(startNanos);
        }
        Endpoint on = endpoint;
        return new LiveFlow(
                terms.spec().name(),
                FlowRecord.text(client.address()),
                terms.upstream().name(),
                on == null ? null : on.spec().address().place(askedPort),
                nowNanos - startNanos,
                in,
                out,
                rate.look(in + out, nowNanos),
                on == null ? null : why);
    }

    /// The plane closes, or the drain of its endpoint has lasted long enough.
    void cut() {
        if (relay != null) {
            relay.cut();
        } else {
            end(FlowOutcome.DRAINED);
        }
    }

    /// Ends a flow that has no relay yet.
    private void end(FlowOutcome outcome) {
        if (ended) {
            return;
        }
        Search begun = search;
        Endpoint last = null;
        if (begun != null) {
            attempts = begun.attempts();
            askedPort = begun.askedPort();
            last = begun.last();
            begun.giveUp();
            search = null;
        }
        record(outcome, last, null);
        client.reset();
    }

    @Override
    public void onRelayEnded(Relay over, RelayEnd end) {
        Endpoint used = endpoint;
        if (used != null) {
            used.end();
        }
        record(FlowOutcome.of(end), used, over);
    }

    private void record(FlowOutcome outcome, @Nullable Endpoint last, @Nullable Relay over) {
        ended = true;
        plane.flows(loop).remove(this);
        if (plane.accessLog().isOn()) {
            new FlowRecord(
                            terms.spec().name(),
                            client.address(),
                            terms.upstream().name(),
                            last == null ? null : last.spec().address().place(askedPort),
                            connectNanos,
                            over == null || over.firstByteNanos() == 0 ? 0 : over.firstByteNanos() - startNanos,
                            System.nanoTime() - startNanos,
                            over == null ? 0 : over.bytesIn(),
                            over == null ? 0 : over.bytesOut(),
                            attempts,
                            outcome,
                            uniqueId)
                    .writeTo(plane.accessLog(), loop);
        }
        // Last: a flow that is counted is also in the log.
        plane.onEnded(outcome);
    }
}
