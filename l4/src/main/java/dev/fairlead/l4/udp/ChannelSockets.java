package dev.fairlead.l4.udp;

import dev.fairlead.net.Connector;
import dev.fairlead.net.Datagrams;
import dev.fairlead.net.Loops;
import dev.fairlead.net.SourceAddresses;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Sockets as channels, one datagram at a time: where there is no epoll. It is the handler of the clients' channel.
/// One loop only.
final class ChannelSockets extends ChannelInboundHandlerAdapter implements LaneSockets {
    private final UdpLane lane;
    private @Nullable DatagramChannel channel;
    private int number;

    private ChannelSockets(UdpLane lane) {
        this.lane = lane;
    }

    /// On the first loop alone. Throws when the address cannot be had. Control thread; blocks shortly.
    static InetSocketAddress bind(InetSocketAddress address, Loops loops, UdpLane lane) throws IOException {
        return Datagrams.bind(loops.all().getFirst(), address, new ChannelSockets(lane))
                .localAddress();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = (DatagramChannel) context.channel();
        number = lane.open(this);
    }

    @Override
    public InetSocketAddress address() {
        return clients().localAddress();
    }

    private DatagramChannel clients() {
        DatagramChannel open = channel;
        assert open != null;
        return open;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        DatagramPacket datagram = (DatagramPacket) message;
        ByteBuf content = datagram.content();
        if (!content.isReadable()) {
            content.release();
            lane.drop(Drop.EMPTY);
            return;
        }
        InetSocketAddress client = datagram.sender();
        long now = System.nanoTime();
        Association to = lane.association(
                ClientAddress.high(client.getAddress()),
                ClientAddress.low(client.getAddress()),
                ClientAddress.by(number, ClientAddress.port(client)),
                client,
                content,
                now);
        if (to == null) {
            content.release();
        } else {
            to.take(content, 0, now);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // A socket without a peer hears nothing of ICMP: this is a write that failed.
        lane.onNotSent(String.valueOf(cause));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        lane.leave(this);
    }

    @Override
    public @Nullable EndpointSocket connect(Association association) {
        try {
            return open(association, addressOf(association.endpoint()));
        } catch (ChannelException failed) {
            lane.onNoSocket(
                    association,
                    failed.getCause() != null && Datagrams.isUnreachable(failed.getCause()),
                    String.valueOf(failed.getCause()));
            return null;
        }
    }

    /// From any of the sources; one that cannot be had is passed over for the next.
    private EndpointSocket open(Association association, InetSocketAddress to) {
        SourceAddresses sources = association.terms().sources();
        int first = sources.any();
        int count = sources.countFor(to.getAddress());
        for (int i = 0; ; i++) {
            // Each channel has a handler of its own: one that was closed is none of the association's.
            var answers = new Answers(association);
            try {
                return answers.on(Datagrams.connect(lane.loop(), to, sources, first + i, answers));
            } catch (ChannelException failed) {
                if (count == 0 || !Connector.hasNoSource(failed.getCause())) {
                    throw failed;
                }
                lane.onNoSource();
                if (i + 1 == count) {
                    throw failed;
                }
            }
        }
    }

    /// The handler of an association's channel.
    private final class Answers extends ChannelInboundHandlerAdapter implements EndpointSocket {
        private final Association association;
        private @Nullable DatagramChannel channel;

        Answers(Association association) {
            this.association = association;
        }

        Answers on(DatagramChannel connected) {
            channel = connected;
            return this;
        }

        @Override
        public boolean send(ByteBuf content, int segment) {
            DatagramChannel to = channel;
            if (to == null || !to.isWritable()) {
                content.release();
                lane.drop(Drop.CONGESTED);
                return false;
            }
            // Void: a write that fails is reported to exceptionCaught, without an object for each.
            to.writeAndFlush(content, to.voidPromise());
            return true;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf content = ((DatagramPacket) message).content();
            Drop refused = !content.isReadable() ? Drop.EMPTY : clients().isWritable() ? null : Drop.CONGESTED;
            if (refused != null) {
                content.release();
                lane.drop(refused);
            } else if (association.onAnswer(content, 0, System.nanoTime())) {
                clients()
                        .writeAndFlush(
                                new DatagramPacket(content, association.client()),
                                clients().voidPromise());
            } else {
                content.release();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (Datagrams.isUnreachable(cause)) {
                association.onUnreachable(Datagrams.isRefused(cause));
            } else {
                lane.onNotSent(String.valueOf(cause));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            // Closed by us, or with its loop.
            association.end(AssociationEnd.DRAINED, System.nanoTime());
        }

        @Override
        public void batch() {}

        @Override
        public void close() {
            if (channel != null) {
                channel.close();
            }
        }
    }

    @Override
    public void close() {
        clients().close();
    }
}
