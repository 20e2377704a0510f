package dev.fairlead.net;

import dev.fairlead.config.ProxyProtocolInSpec;
import dev.fairlead.net.proxyprotocol.ProxyHeader;
import dev.fairlead.net.proxyprotocol.ProxyHeaderReader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The begin of a connection whose PROXY protocol header is awaited. Once it is read, the connection goes to the
/// [Arrivals] as if it had just come: they hear `channelActive`, and then of the bytes behind the header. Its loop
/// only.
final class Greeting extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Greeting.class);

    private final Entrance entrance;
    private final Loop loop;
    private final SocketChannel channel;
    private final Arrivals arrivals;
    private final ProxyHeaderReader reader;
    private final long timeoutNanos;
    private final Deadline deadline;
    private final Gathering gathering = new Gathering();
    private boolean over;

    Greeting(Entrance entrance, Loop loop, SocketChannel channel, Arrivals arrivals, ProxyProtocolInSpec spec) {
        this.entrance = entrance;
        this.loop = loop;
        this.channel = channel;
        this.arrivals = arrivals;
        this.reader = new ProxyHeaderReader(spec.headerBytes());
        this.timeoutNanos = spec.timeout().toNanos();
        this.deadline = new Deadline(loop) {
            @Override
            protected void onExpired(long nowNanos) {
                Greeting.this.end(HeaderOutcome.TIMEOUT);
            }
        };
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        deadline.at(System.nanoTime() + timeoutNanos);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = gathering.add((ByteBuf) message);
        if (over) {
            return;
        }
        ProxyHeader header = reader.read(in);
        if (header != null) {
            onHeader(context, header);
        } else if (reader.problem() != null) {
            LOG.atDebug()
                    .addKeyValue("client", channel.remoteAddress())
                    .addKeyValue("problem", reader.problem())
                    .log("malformed PROXY protocol header");
            end(HeaderOutcome.MALFORMED);
        }
    }

    private void onHeader(ChannelHandlerContext context, ProxyHeader header) {
        over = true;
        deadline.end();
        entrance.onHeaderOutcome(HeaderOutcome.of(header));
        header.attachTo(channel);
        Refusal refusal = entrance.onHeader(channel, header);
        if (refusal != null) {
            entrance.onRefused(refusal, ProxyHeader.client(channel));
            Resets.close(channel);
            return;
        }
        arrivals.onArrived(loop, channel);
        context.fireChannelActive();
        ByteBuf rest = gathering.take();
        if (rest != null && rest.isReadable()) {
            context.fireChannelRead(rest);
            context.fireChannelReadComplete();
        } else if (rest != null) {
            rest.release();
        }
        if (!context.isRemoved()) {
            channel.pipeline().remove(this);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && !over) {
            end(HeaderOutcome.LEFT);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!over) {
            end(HeaderOutcome.LEFT);
        }
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (over) {
            context.fireExceptionCaught(cause);
        } else {
            end(HeaderOutcome.LEFT);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        deadline.end();
        gathering.release();
    }

    private void end(HeaderOutcome outcome) {
        over = true;
        deadline.end();
        entrance.onHeaderOutcome(outcome);
        Resets.close(channel);
    }
}
