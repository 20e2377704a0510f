package dev.fairlead.http.codec;

import dev.fairlead.config.HttpLimits;
import dev.fairlead.config.HttpTimeouts;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.Service;
import dev.fairlead.http.exchange.TunnelSide;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Resets;
import dev.fairlead.net.tls.TlsSession;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's HTTP/1 connection: requests in, one after the other, responses out in the same order. The next
/// request is not looked at before the response to the last one is whole, so a client that sends ahead (pipelining)
/// waits in its socket, and memory stays bounded. Its loop only.
public final class DownstreamConnection extends ChannelInboundHandlerAdapter
        implements ClientConnection, Patience.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(DownstreamConnection.class);

    /// While draining, a client that has asked nothing for this long is taken to be asking nothing more. One that
    /// is still asking gets its answer, and `Connection: close` with it.
    private static final long QUIET_NANOS = 1_000_000_000L;

    private enum State {
        /// Between requests, or in the head of one.
        HEAD,
        EXCHANGE,
        /// We have said all and closed our half; the client may not have. Reading on keeps the kernel from
        /// resetting the connection and destroying what it has not yet read (RFC 9112 §9.6).
        LINGER,
        /// No longer HTTP/1.
        LEFT,
        CLOSED
    }

    // immutable
    private final Loop loop;
    private final SocketChannel channel;
    private final Service service;
    private final Tunnels tunnels;
    private final long tunnelIdleNanos;
    private final RequestReader reader;
    private final DownstreamExchange exchange;
    private final Patience patience;
    private final @Nullable Consumer<ByteBuf> upgrade;

    // this loop only
    private State state = State.HEAD;
    private @Nullable ByteBuf held;
    private boolean reading;
    private boolean draining;
    private final Unwanted unwanted = new Unwanted();
    private @Nullable Tunnel tunnel;
    private long startNanos;
    private long endNanos = System.nanoTime();

    /// `scratch` is the loop's: heads are put together in it. `upgrade` is given what was read when that turns out to
    /// be HTTP/2, after this handler has left; null: that is not spoken.
    public DownstreamConnection(
            Loop loop,
            SocketChannel channel,
            Service service,
            HttpLimits limits,
            HttpTimeouts timeouts,
            Upgrades upgrades,
            Tunnels tunnels,
            Bytes scratch,
            @Nullable Consumer<ByteBuf> upgrade) {
        this.loop = loop;
        this.channel = channel;
        this.service = service;
        this.tunnels = tunnels;
        this.tunnelIdleNanos = timeouts.tunnel().toNanos();
        RequestHead head = new RequestHead();
        this.reader = new RequestReader(head, limits, upgrades, TlsSession.of(channel) != null);
        this.exchange = new DownstreamExchange(this, channel, service, limits, head, reader, scratch);
        this.patience = new Patience(loop, timeouts, limits.minRate(), this);
        this.upgrade = upgrade;
    }

    // ---- reading ----

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
        exchange.onReadComplete();
    }

    /// Goes as far as it can with the buffer, which it takes.
    private void read(ByteBuf in) {
        reading = true;
        boolean goOn = true;
        while (goOn) {
            goOn = switch (state) {
                // A client that takes no answers has no more of its requests read.
                case HEAD -> in.isReadable() && channel.isWritable() && readHead(in);
                case EXCHANGE -> exchange.isBodyComing() && exchange.isInputWanted() && exchange.readBody(in);
                case LINGER -> {
                    drop(in);
                    yield false;
                }
                case LEFT, CLOSED -> {
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
            channel.config().setAutoRead(state != State.EXCHANGE || exchange.isInputWanted());
        }
    }

    /// Keeps what cannot be used yet, and stops reading: at most what one read brings.
    private void hold(ByteBuf in) {
        held = held == null ? in : Unpooled.wrappedBuffer(held, in);
        channel.config().setAutoRead(false);
    }

    /// What was held can be used now.
    void readOn() {
        if (reading) {
            return;
        }
        ByteBuf in = takeHeld();
        read(in == null ? Unpooled.EMPTY_BUFFER : in);
        exchange.onReadComplete();
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
        } else if (upgrade != null && reader.isPreface()) {
            leave();
            upgrade.accept(RequestReader.withPreface(in));
            return false;
        }
        state = State.EXCHANGE;
        patience.refill();
        if (wrong == null) {
            exchange.begin(startNanos);
        } else {
            exchange.refuse(Fault.ofRequest(wrong.status()), wrong.text(), startNanos);
        }
        return true;
    }

    /// The response is whole. `closing`: the client has been told that it was the last.
    void onAnswered(long nowNanos, boolean closing) {
        endNanos = nowNanos;
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

    // ---- waiting ----

    /// Sets what the client is waited for now. While it does not take what it is sent, it is that.
    void await() {
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
            case EXCHANGE -> {
                if (exchange.isBodyComing() && exchange.isInputWanted()) {
                    patience.body(System.nanoTime(), exchange.bodyBytes());
                } else {
                    patience.rest();
                }
            }
            case LINGER, LEFT, CLOSED -> {}
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (state == State.LINGER || state == State.CLOSED) {
            return;
        }
        if (!channel.isWritable()) {
            patience.taking(System.nanoTime(), taken());
            return;
        }
        patience.taken(System.nanoTime(), taken());
        await();
        exchange.onWritable();
        if (state == State.HEAD && held != null) {
            readOn();
        }
    }

    @Override
    public void onOverdue(Patience.Waiting waiting) {
        switch (waiting) {
            case HEAD -> {
                if (reader.hasBegun()) {
                    state = State.EXCHANGE;
                    exchange.refuse(Fault.REQUEST_TIMEOUT, "timeouts.head", startNanos);
                } else {
                    linger();
                }
            }
            case KEEP_ALIVE -> linger();
            case BODY -> {
                boolean slow = patience.wasSlow();
                exchange.abort(
                        slow ? Fault.REQUEST_TOO_SLOW : Fault.REQUEST_TIMEOUT,
                        slow ? "limits.min-rate" : "timeouts.body");
            }
            case TAKING -> {
                if (state != State.LINGER && patience.takes(System.nanoTime(), taken())) {
                    return;
                }
                boolean slow = patience.wasSlow();
                exchange.fault(
                        slow ? Fault.DOWNSTREAM_TOO_SLOW : Fault.DOWNSTREAM_STALLED,
                        slow ? "limits.min-rate" : "timeouts.body");
                close();
            }
            case LINGER -> close();
        }
    }

    /// What the client has taken so far, as far as the kernel tells and but for a constant.
    private long taken() {
        return exchange.writtenBytes() - channel.bytesBeforeWritable();
    }

    // ---- leaving HTTP ----

    /// The 101 is sent: what comes on either side from here on is the other's.
    void tunnel(Exchange over, TunnelSide endpoint, Runnable onOver) {
        ByteBuf before = takeHeld();
        channel.config().setAllowHalfClosure(true);
        leave();
        var made = new Tunnel(over, service, tunnels, onOver);
        tunnel = made;
        made.join(loop, channel, before, endpoint, tunnelIdleNanos);
    }

    private void leave() {
        state = State.LEFT;
        patience.end();
        channel.pipeline().remove(this);
    }

    // ---- closing ----

    @Override
    public void drain() {
        draining = true;
        boolean idle = state == State.HEAD && !reader.hasBegun() && held == null;
        if (idle && channel.isActive()) {
            await();
        }
    }

    boolean isDraining() {
        return draining;
    }

    @Override
    public void cutForDrain() {
        if (tunnel != null) {
            tunnel.cut();
            return;
        }
        exchange.fault(Fault.DRAINED, "drain-timeout");
        close();
    }

    void close() {
        if (state == State.CLOSED) {
            return;
        }
        if (exchange.isUntilClose()) {
            // The end of the connection would be the end of the body: a reset is not.
            state = State.CLOSED;
            Resets.close(channel);
            return;
        }
        state = State.CLOSED;
        channel.close();
    }

    /// Sends what is left, closes our half, and waits a little for the client to close its own.
    private void linger() {
        state = State.LINGER;
        releaseHeld();
        exchange.flush();
        patience.refill();
        patience.taking(System.nanoTime(), taken());
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            if (sent.isSuccess() && state == State.LINGER) {
                patience.lingerFrom(System.nanoTime());
                TlsSession.shutdownOutput(channel);
            }
        });
        channel.config().setAutoRead(true);
    }

    /// What a client sends on, not knowing yet that nobody wants it.
    private void drop(ByteBuf in) {
        if (!unwanted.drop(in)) {
            close();
        } else {
            patience.lingerOn(System.nanoTime());
        }
    }

    private @Nullable ByteBuf takeHeld() {
        ByteBuf taken = held;
        held = null;
        return taken;
    }

    private void releaseHeld() {
        ReferenceCountUtil.release(takeHeld());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        state = State.CLOSED;
        patience.end();
        releaseHeld();
        exchange.onClosed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // What TLS cannot make sense of, its handler tells wrapped.
        if (!(cause instanceof IOException) && !(cause.getCause() instanceof IOException)) {
            LOG.atError()
                    .setCause(cause)
                    .addKeyValue("client", String.valueOf(channel.remoteAddress()))
                    .log("connection failed");
        }
        close();
    }
}
