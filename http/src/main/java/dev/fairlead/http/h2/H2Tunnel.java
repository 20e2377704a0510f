package dev.fairlead.http.h2;

import dev.fairlead.http.codec.Tunnels;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.net.Deadline;
import dev.fairlead.upstream.Endpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A stream that is a tunnel (RFC 8441): what its DATA holds goes to the connection of an endpoint, and what comes from
/// there goes into its DATA. Each end is passed on by itself. Neither side is read on while the other does not take
/// it: the stream by its window. Stands in the endpoint's pipeline. Its loop only.
final class H2Tunnel extends ChannelInboundHandlerAdapter {
    private final H2Connection connection;
    private final Framing framing;
    private final Http2Stream stream;
    private final Exchange exchange;
    private final Endpoint endpoint;
    private final DuplexChannel upstream;
    private final Runnable onOver;
    private final Tunnels tunnels;
    private final Deadline idle;
    private final long idleNanos;

    private int owed;
    private boolean clientEnded;
    private boolean endpointEnded;
    private boolean isOver;

    H2Tunnel(H2Connection connection, Http2Stream stream, Exchange exchange, DuplexChannel upstream, Runnable onOver) {
        this.connection = connection;
        this.framing = connection.framing;
        this.tunnels = connection.tunnels;
        this.stream = stream;
        this.exchange = exchange;
        this.endpoint = Objects.requireNonNull(exchange.endpoint(), "a tunnel leads somewhere");
        this.upstream = upstream;
        this.onOver = onOver;
        this.idleNanos = connection.timeouts.tunnel().toNanos();
        this.idle = new Deadline(connection.loop) {
            @Override
            protected void onExpired(long nowNanos) {
                H2Tunnel.this.end("idle");
                framing.reset(stream, Http2Error.CANCEL);
            }
        };
    }

    /// Begins with what was read of both sides already. Takes the buffers.
    void begin(@Nullable ByteBuf fromEndpoint, @Nullable ByteBuf fromClient, boolean hasClientEnded) {
        tunnels.onOpened();
        upstream.pipeline().addLast(this);
        if (fromEndpoint != null) {
            answer(fromEndpoint);
        }
        if (fromClient != null) {
            int size = fromClient.readableBytes();
            send(fromClient);
            if (owed == 0) {
                framing.consume(stream, size);
            }
        }
        if (hasClientEnded) {
            endUpstream();
        }
        framing.flush();
        awaitMore();
        upstream.config().setAutoRead(framing.isWritable(stream));
    }

    private void awaitMore() {
        idle.at(System.nanoTime() + idleNanos);
    }

    // ---- from the client ----

    /// How many bytes the client may send in their place at once. Only looks at the buffer.
    int peekData(ByteBuf data, boolean isLast) {
        int owedBefore = owed;
        int size = data.readableBytes();
        if (size > 0) {
            send(data.retain());
        }
        if (isLast) {
            endUpstream();
        }
        awaitMore();
        return owed > owedBefore ? 0 : size;
    }

    /// What the endpoint does not take is owed to the client's window.
    private void send(ByteBuf data) {
        int size = data.readableBytes();
        exchange.received(size);
        tunnels.passed(endpoint, size, 0);
        upstream.writeAndFlush(data, upstream.voidPromise());
        if (!upstream.isWritable()) {
            owed += size;
        }
    }

    private void endUpstream() {
        clientEnded = true;
        upstream.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> upstream.shutdownOutput());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (upstream.isWritable() && owed > 0 && !isOver) {
            int opened = owed;
            owed = 0;
            framing.consume(stream, opened);
        }
    }

    // ---- from the endpoint ----

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (isOver || endpointEnded) {
            ((ByteBuf) message).release();
            return;
        }
        answer((ByteBuf) message);
        awaitMore();
        if (!framing.isWritable(stream)) {
            upstream.config().setAutoRead(false);
        }
    }

    private void answer(ByteBuf data) {
        exchange.sent(data.readableBytes());
        tunnels.passed(endpoint, 0, data.readableBytes());
        framing.data(stream, data, false);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        framing.flush();
    }

    void onWritabilityChanged() {
        upstream.config().setAutoRead(framing.isWritable(stream));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent && !endpointEnded && !isOver) {
            endpointEnded = true;
            framing.end(stream);
            framing.flush();
        }
    }

    // ---- the end ----

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!isOver && !(clientEnded && endpointEnded)) {
            end("reset");
            framing.reset(stream, Http2Error.CONNECT_ERROR);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        upstream.close();
    }

    /// The stream is closed, however that came.
    void onClosed() {
        end(clientEnded && endpointEnded ? "closed" : "reset");
    }

    /// `how`: the word for it in the log and the metrics.
    void end(String how) {
        if (isOver) {
            return;
        }
        isOver = true;
        idle.end();
        upstream.close();
        onOver.run();
        exchange.tunnelEnded(how);
        connection.ended(true);
        connection.service.ended(exchange, System.nanoTime());
        // Last: a tunnel that is no longer counted is in the log.
        tunnels.onEnded();
    }
}
