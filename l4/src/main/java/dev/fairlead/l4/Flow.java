package dev.fairlead.l4;

import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.net.Connector;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Resets;
import dev.fairlead.net.Waiting;
import dev.fairlead.net.proxyprotocol.ProxyHeader;
import dev.fairlead.upstream.Choice;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.HashKey;
import dev.fairlead.upstream.LiveFlow;
import dev.fairlead.upstream.balance.Hash;
import dev.fairlead.upstream.limit.Waiter;
import dev.fairlead.upstream.limit.WaitingQueue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client connection, from its arrival to its record. It is the channel's handler until an endpoint is
/// connected; then a [Relay] takes over. The client is not read before that, so nothing is ever lost or sent twice
/// when the next endpoint is tried.
///
/// While every endpoint is full it waits in the upstream's queue. A client that only closes its half meanwhile may
/// still want an answer, and keeps its place; one that resets loses it.
///
/// A flow that finds no endpoint is reset, not closed: it is to its client what a refused connection would be, and
/// not an empty answer. One loop only.
final class Flow extends ChannelInboundHandlerAdapter implements Choice, Relay.Owner, Waiting.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(Flow.class);

    // immutable
    private final TcpPlane plane;
    private final Loop loop;
    private final SocketChannel client;
    private final TcpPlane.Terms terms;
    private final ClientHello hello;

    // this loop only
    @Nullable
    Flow next;

    @Nullable
    Flow previous;

    private long startNanos;
    private long attemptNanos;
    private long connectNanos;
    private int attempts;
    private int source;
    private int sourcesTried;
    private boolean ended;
    private @Nullable Endpoint endpoint;
    private @Nullable List<Endpoint> tried;
    private @Nullable List<Endpoint> full;
    private @Nullable Waiting waiting;
    private @Nullable Channel connecting;
    private @Nullable Relay relay;
    private @Nullable ByteBuf held;
    private @Nullable Rate rate;

    Flow(TcpPlane plane, Loop loop, SocketChannel client, TcpPlane.Terms terms, ClientHello hello) {
        this.plane = plane;
        this.loop = loop;
        this.client = client;
        this.terms = terms;
        this.hello = hello;
        this.source = terms.sockets().anySource();
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
        } else if (first == null && ProxyHeader.of(client) != null) {
            // What came behind the header is about to be handed over: it must be held before the flow is joined.
            loop.eventLoop().execute(this::enter);
        } else {
            enter();
        }
    }

    /// Also true of an endpoint that was full just now: it is passed over.
    @Override
    public boolean hasTried(Endpoint asked) {
        return (tried != null && tried.contains(asked)) || (full != null && full.contains(asked));
    }

    @Override
    public boolean hasFoundFull() {
        return full != null;
    }

    @Override
    public long hash(HashKey key) {
        InetSocketAddress source = ProxyHeader.client(client);
        return switch (key) {
            case HashKey.SourceAddress _ -> Hash.of(source.getAddress());
            case HashKey.SourceAddressAndPort _ -> Hash.with(Hash.of(source.getAddress()), source.getPort());
            // No config gives a tcp listener's upstream one of these.
            case HashKey.Path _, HashKey.Header _, HashKey.Cookie _, HashKey.Query _ -> NO_KEY;
        };
    }

    private void enter() {
        if (ended) {
            return;
        }
        WaitingQueue queue = terms.upstream().queue();
        if (queue.isEmpty() || !queue.isOn()) {
            attempt();
        } else if (!await(queue)) {
            end(FlowOutcome.FULL);
        }
    }

    private void attempt() {
        if (!tryAttempt() && !(hasFoundFull() && await(terms.upstream().queue()))) {
            end(outcome());
        }
    }

    private boolean await(WaitingQueue queue) {
        waiting = Waiting.begin(loop, queue, this, System.nanoTime());
        return waiting != null;
    }

    @Override
    public Waiter.Turn onTurn() {
        if (!tryAttempt()) {
            if (hasFoundFull()) {
                return tried == null ? Waiter.Turn.FULL : Waiter.Turn.PASSED;
            }
            end(outcome());
        }
        waiting = null;
        return Waiter.Turn.OVER;
    }

    @Override
    public void onWaitedTooLong() {
        waiting = null;
        end(FlowOutcome.FULL);
    }

    private FlowOutcome outcome() {
        return hasFoundFull() && attempts == 0 ? FlowOutcome.FULL : FlowOutcome.REFUSED;
    }

    /// Begins to connect to an endpoint, past those that are full. True also when it came to its end by that.
    private boolean tryAttempt() {
        UpstreamSpec spec = terms.upstream().spec();
        full = null;
        while (attempts < spec.attempts()) {
            Endpoint chosen = terms.upstream().pick(this, System.nanoTime());
            if (chosen == null) {
                break;
            }
            if (chosen.tryOpenConnection()) {
                if (chosen.tryBegin()) {
                    connect(chosen, Math.toIntExact(spec.timeouts().connect().toMillis()));
                    return true;
                }
                chosen.connectionClosed();
            }
            full = with(full, chosen);
        }
        return false;
    }

    private static List<Endpoint> with(@Nullable List<Endpoint> before, Endpoint one) {
        List<Endpoint> list = before == null ? new ArrayList<>(4) : before;
        list.add(one);
        return list;
    }

    private void connect(Endpoint chosen, int timeoutMillis) {
        ChannelFuture connect;
        try {
            connect = Connector.connect(
                    loop,
                    chosen.address(),
                    timeoutMillis,
                    terms.sockets(),
                    source,
                    ProxyHeader.client(client).getAddress(),
                    NotYetJoined.HANDLER);
        } catch (ChannelException noDescriptor) {
            chosen.connectionClosed();
            chosen.end();
            LOG.atWarn()
                    .addKeyValue("listener", terms.spec().name())
                    .addKeyValue("cause", noDescriptor.getMessage())
                    .log("no socket for a flow");
            end(FlowOutcome.REFUSED);
            return;
        }
        endpoint = chosen;
        connecting = connect.channel();
        attempts++;
        attemptNanos = System.nanoTime();
        connect.channel().closeFuture().addListener(_ -> chosen.connectionClosed());
        connect.addListener(_ -> onConnect(chosen, connect));
    }

    private void onConnect(Endpoint chosen, ChannelFuture connect) {
        connecting = null;
        if (ended) {
            return;
        }
        long now = System.nanoTime();
        if (!connect.isSuccess() && Connector.hasNoSource(connect.cause())) {
            chosen.end();
            endpoint = null;
            onNoSource(chosen);
            return;
        }
        if (!connect.isSuccess()) {
            LOG.atDebug()
                    .addKeyValue("endpoint", chosen)
                    .addKeyValue("cause", String.valueOf(connect.cause()))
                    .log("endpoint cannot be connected");
            chosen.connectFailed(now);
            chosen.end();
            endpoint = null;
            tried = with(tried, chosen);
            attempt();
            return;
        }
        chosen.connected();
        chosen.answered(now - attemptNanos, false, now);
        connectNanos = now - startNanos;
        plane.onConnected(connectNanos);
        join((DuplexChannel) connect.channel());
    }

    /// Not the endpoint's fault, and not one of its failures: the next source is tried, or when all have been, the
    /// next endpoint.
    private void onNoSource(Endpoint chosen) {
        plane.onNoSource();
        attempts--;
        source++;
        if (++sourcesTried < terms.sockets().sourcesFor(chosen.address().getAddress()) && chosen.tryOpenConnection()) {
            chosen.begin();
            connect(
                    chosen,
                    Math.toIntExact(terms.upstream().spec().timeouts().connect().toMillis()));
            return;
        }
        sourcesTried = 0;
        attempts++;
        tried = with(tried, chosen);
        attempt();
    }

    private void join(DuplexChannel upstream) {
        ByteBuf before = held;
        held = null;
        client.pipeline().remove(this);
        upstream.pipeline().remove(NotYetJoined.HANDLER);
        Introduction.write(upstream, client, hello, terms.upstream().spec().proxyProtocol());
        relay = Relay.join(loop, client, upstream, before, null, plane.relayTerms(terms, startNanos), this);
    }

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

    boolean isOn(Endpoint asked) {
        return endpoint == asked;
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
                FlowRecord.text(ProxyHeader.client(client)),
                terms.upstream().name(),
                on == null ? null : on.name(),
                nowNanos - startNanos,
                in,
                out,
                rate.look(in + out, nowNanos));
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
        record(outcome, null);
        if (waiting != null) {
            waiting.abandon();
            waiting = null;
        }
        if (connecting != null) {
            // It may be connected already, and an end in good order is not what the client did.
            Resets.close(connecting);
        }
        Resets.close(client);
    }

    @Override
    public void onRelayEnded(Relay over, RelayEnd end) {
        record(FlowOutcome.of(end), over);
    }

    private void record(FlowOutcome outcome, @Nullable Relay over) {
        ended = true;
        plane.flows(loop).remove(this);
        Endpoint used = endpoint;
        if (used != null) {
            used.end();
        }
        if (plane.accessLog().isOn()) {
            Endpoint last = used == null && tried != null ? tried.getLast() : used;
            new FlowRecord(
                            terms.spec().name(),
                            ProxyHeader.client(client),
                            terms.upstream().name(),
                            last,
                            connectNanos,
                            over == null || over.firstByteNanos() == 0 ? 0 : over.firstByteNanos() - startNanos,
                            System.nanoTime() - startNanos,
                            over == null ? 0 : over.bytesIn(),
                            over == null ? 0 : over.bytesOut(),
                            attempts,
                            outcome)
                    .writeTo(plane.accessLog(), loop);
        }
        // Last: a flow that is counted is also in the log.
        plane.onEnded(outcome);
    }
}
