package dev.fairlead.l4;

import dev.fairlead.config.ClientHelloSpec;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Gathering;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Resets;
import dev.fairlead.net.proxyprotocol.ProxyHeader;
import dev.fairlead.net.tls.ClientHello;
import dev.fairlead.net.tls.ClientHelloReader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;

/// A client connection before its route is known, on a listener that routes by the first bytes: they are gathered
/// and looked at, then a [Flow] is given them as they came. It reads no more than a hello and what came with it in
/// one read, and not for longer than `client-hello: {timeout: ...}`. Its loop only.
final class Arrival extends ChannelInboundHandlerAdapter {
    private final TcpPlane plane;
    private final Loop loop;
    private final SocketChannel channel;
    private final FlowRoutes routes;
    private final ClientHelloSpec spec;
    private final ClientHelloReader reader;
    private final Gathering gathering = new Gathering();
    private final Deadline deadline;
    private boolean over;

    Arrival(TcpPlane plane, Loop loop, SocketChannel channel, FlowRoutes routes, ClientHelloSpec spec) {
        this.plane = plane;
        this.loop = loop;
        this.channel = channel;
        this.routes = routes;
        this.spec = spec;
        this.reader = new ClientHelloReader(spec.helloBytes());
        this.deadline = new Deadline(loop) {
            @Override
            protected void onExpired(long nowNanos) {
                Arrival.this.end(ArrivalOutcome.TIMEOUT);
            }
        };
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (!routes.needsHello()) {
            route(ClientHello.NONE);
            return;
        }
        deadline.at(System.nanoTime() + spec.timeout().toNanos());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = gathering.add((ByteBuf) message);
        if (over) {
            return;
        }
        switch (reader.peek(in)) {
            case MORE -> {}
            case WHOLE -> route(reader.hello());
            case MALFORMED -> end(ArrivalOutcome.MALFORMED);
            case NOT_TLS -> {
                switch (spec.notTls()) {
                    case CLOSE -> end(ArrivalOutcome.NOT_TLS);
                    case ROUTE -> route(ClientHello.NONE);
                }
            }
        }
    }

    private void route(ClientHello hello) {
        TcpPlane.Terms terms = routes.match(hello, ProxyHeader.client(channel).getAddress());
        if (terms == null) {
            end(ArrivalOutcome.NO_ROUTE);
            return;
        }
        over = true;
        deadline.end();
        plane.onArrival(ArrivalOutcome.ROUTED);
        channel.config().setAutoRead(false);
        Flow flow = new Flow(plane, loop, channel, terms, hello);
        channel.pipeline().addLast(flow);
        ByteBuf first = gathering.take();
        channel.pipeline().remove(this);
        flow.begin(first);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && !over) {
            end(ArrivalOutcome.LEFT);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(ArrivalOutcome.LEFT);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(ArrivalOutcome.LEFT);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        deadline.end();
        gathering.release();
    }

    private void end(ArrivalOutcome outcome) {
        if (over) {
            return;
        }
        over = true;
        deadline.end();
        plane.onArrival(outcome);
        Resets.close(channel);
    }
}
