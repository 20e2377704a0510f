package dev.fairlead.l4.udp;

import dev.fairlead.l4.Greatest;
import dev.fairlead.net.DatagramSpace;
import dev.fairlead.net.Datagrams;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import dev.fairlead.upstream.Endpoint;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a UDP plane has on one loop: the socket on which its clients' datagrams arrive and from which they are
/// answered, and its associations. It is the handler of that socket. One loop only.
///
/// Datagrams to endpoints are sent when a batch of reads is through, those to clients when the loop has seen to all
/// sockets that were ready: so that many leave with one system call (sendmmsg(2)).
final class UdpLane extends ChannelInboundHandlerAdapter {
    /// A flow that has been silent for less keeps its place, even when there is no room for a new one: a flood can
    /// take the places of flows no faster than their clients speak.
    static final long EVICTABLE_NANOS = 1_000_000_000L;

    /// A flow that has been silent for this long while its plane drains is over.
    static final long DRAINED_NANOS = 1_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(UdpLane.class);

    private final UdpPlane plane;
    private final Loop loop;
    private final FlowTable<Association> table;
    private final EndpointChoice choice = new EndpointChoice();
    private final DatagramSpace space = new DatagramSpace();
    private final Runnable flushOut = this::flushOut;
    private final Deadline sweep;
    private @Nullable DatagramChannel socket;
    private @Nullable Association unflushed;
    private boolean isFlushOutDue;
    private boolean isClosed;

    UdpLane(UdpPlane plane, Loop loop, long seed) {
        this.plane = plane;
        this.loop = loop;
        this.table = new FlowTable<>(seed);
        this.sweep = new Deadline(loop) {
            @Override
            protected void onExpired(long nowNanos) {
                sweep(nowNanos);
            }
        };
    }

    Loop loop() {
        return loop;
    }

    DatagramSpace space() {
        return space;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        socket = (DatagramChannel) context.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        DatagramPacket datagram = (DatagramPacket) message;
        ByteBuf content = datagram.content();
        if (!content.isReadable()) {
            drop(Drop.EMPTY, content);
            return;
        }
        onDatagram(datagram.sender(), content, System.nanoTime());
    }

    private void onDatagram(InetSocketAddress client, ByteBuf content, long nowNanos) {
        InetAddress address = client.getAddress();
        long high = 0;
        long low;
        long port = client.getPort();
        if (address instanceof Inet4Address four) {
            // Documented to be the address itself; no IPv6 client has this in these bits, as ::ffff:0:0/96 is IPv4.
            low = 0xffff_0000_0000L | (four.hashCode() & 0xffff_ffffL);
        } else {
            ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
            high = bytes.getLong();
            low = bytes.getLong();
            port |= (long) ((Inet6Address) address).getScopeId() << 16;
        }
        Association known = table.find(high, low, port);
        if (known != null
                && !known.endpoint().keepsFlows(known.terms().upstream().isPanicking())) {
            known.end(AssociationEnd.DOWN, nowNanos);
            known = null;
        }
        if (known == null) {
            known = begin(client, content, nowNanos);
            if (known == null) {
                return;
            }
            table.add(known, high, low, port, nowNanos);
            if (table.size() == 1) {
                sweep.at(nowNanos + plane.silenceNanos());
            }
        }
        known.take(content, nowNanos);
    }

    /// A new association for the client, or null when it is not to be; then the content is released.
    private @Nullable Association begin(InetSocketAddress client, ByteBuf content, long nowNanos) {
        UdpPlane.Terms terms = plane.terms();
        int perClient = terms.spec().maxFlowsPerClient();
        Drop refused = plane.isDraining() ? Drop.DRAINING : terms.admit(client) ? null : Drop.DENIED;
        long clientCount = 0;
        if (refused == null && perClient > 0) {
            clientCount = ClientCounts.client(client.getAddress());
            if (!plane.clients().tryEnter(clientCount, perClient)) {
                clientCount = 0;
                refused = Drop.MAX_FLOWS_PER_CLIENT;
            }
        }
        if (refused == null && !tryEnter(terms, nowNanos)) {
            refused = Drop.MAX_FLOWS;
        }
        if (refused != null) {
            if (clientCount != 0) {
                plane.clients().leave(clientCount);
            }
            drop(refused, content);
            return null;
        }
        Association begun = connect(client, content, clientCount, terms, nowNanos);
        if (begun == null) {
            leave(clientCount);
        }
        return begun;
    }

    private boolean tryEnter(UdpPlane.Terms terms, long nowNanos) {
        if (plane.tryEnter(terms.spec().maxFlows())) {
            return true;
        }
        Association oldest = table.silentFor(EVICTABLE_NANOS, nowNanos);
        if (oldest == null) {
            return false;
        }
        plane.onEvicted();
        oldest.end(AssociationEnd.EVICTED, nowNanos);
        return plane.tryEnter(terms.spec().maxFlows());
    }

    private void leave(long clientCount) {
        plane.onLeft();
        if (clientCount != 0) {
            plane.clients().leave(clientCount);
        }
    }

    private @Nullable Association connect(
            InetSocketAddress client, ByteBuf content, long clientCount, UdpPlane.Terms terms, long nowNanos) {
        QuicRoutes quic = terms.quic();
        Endpoint chosen = quic == null ? null : quic.endpoint(content, terms.upstream());
        if (chosen == null || !EndpointChoice.tryBegin(chosen)) {
            chosen = choice.pick(terms.upstream(), client, nowNanos);
        }
        if (chosen == null) {
            drop(choice.hasFoundFull() ? Drop.FULL : Drop.NO_ENDPOINT, content);
            return null;
        }
        var association = new Association(this, terms, client, clientCount, chosen, nowNanos);
        try {
            association.begin(Datagrams.connect(loop, chosen.address(), space, association.answers()));
        } catch (ChannelException failed) {
            if (failed.getCause() != null && Datagrams.isUnreachable(failed.getCause())) {
                chosen.connectFailed(nowNanos);
            }
            chosen.end();
            chosen.connectionClosed();
            LOG.atDebug()
                    .addKeyValue("listener", terms.spec().name())
                    .addKeyValue("endpoint", chosen)
                    .addKeyValue("cause", String.valueOf(failed.getCause()))
                    .log("no socket for a flow");
            drop(Drop.NO_SOCKET, content);
            return null;
        }
        if (quic != null) {
            quic.adopt(content, association);
        }
        return association;
    }

    void drop(Drop why, ByteBuf content) {
        content.release();
        plane.onDropped(why);
    }

    void onNotSent(Throwable cause) {
        LOG.atDebug()
                .addKeyValue("listener", plane.spec().name())
                .setCause(cause)
                .log("a datagram was not sent");
        plane.onDropped(Drop.NOT_SENT);
    }

    void onPassedIn(Association association, int bytes, long nowNanos) {
        table.touch(association, nowNanos);
        plane.onPassedIn(association.endpoint(), bytes);
        if (!association.isUnflushed) {
            association.isUnflushed = true;
            association.nextUnflushed = unflushed;
            unflushed = association;
        }
    }

    void hide(Association association) {
        table.hide(association);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        Association each = unflushed;
        unflushed = null;
        while (each != null) {
            Association next = each.nextUnflushed;
            each.nextUnflushed = null;
            each.isUnflushed = false;
            each.flush();
            each = next;
        }
    }

    /// A datagram of an endpoint.
    void passOut(Association association, ByteBuf content, long nowNanos) {
        DatagramChannel to = socket;
        if (!content.isReadable()) {
            drop(Drop.EMPTY, content);
            return;
        }
        if (to == null || !to.isWritable()) {
            drop(Drop.CONGESTED, content);
            return;
        }
        QuicRoutes quic = association.terms().quic();
        if (quic != null) {
            quic.learn(content, association);
        }
        table.touch(association, nowNanos);
        plane.onPassedOut(association.endpoint(), content.readableBytes());
        to.write(new DatagramPacket(content, association.client()), to.voidPromise());
        if (!isFlushOutDue) {
            isFlushOutDue = true;
            loop.eventLoop().execute(flushOut);
        }
    }

    private void flushOut() {
        isFlushOutDue = false;
        if (socket != null) {
            socket.flush();
        }
    }

    void onAnswered(long nanos) {
        plane.onAnswered(nanos);
    }

    void onEnded(Association association, AssociationEnd how, long nowNanos) {
        table.remove(association);
        QuicRoutes quic = association.terms().quic();
        if (quic != null) {
            quic.forget(association);
        }
        if (plane.accessLog().isOn()) {
            AssociationRecord.write(association, how, nowNanos, plane.accessLog(), loop);
        }
        // Last: a flow that is counted is also in the log.
        plane.onEnded(how);
        leave(association.clientCount());
    }

    /// Ends what has been silent for too long, and comes back when the next one will have been.
    void sweep(long nowNanos) {
        long nanos = plane.silenceNanos();
        AssociationEnd how = plane.isDraining() ? AssociationEnd.DRAINED : AssociationEnd.IDLE;
        for (Association each = table.silentFor(nanos, nowNanos);
                each != null;
                each = table.silentFor(nanos, nowNanos)) {
            each.end(how, nowNanos);
        }
        Association next = table.oldest();
        if (next != null) {
            sweep.at(next.lastNanos() + nanos);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // A socket without a peer hears nothing of ICMP: this is a write that failed.
        onNotSent(cause);
    }

    void show(Greatest to, long nowNanos) {
        table.all().forEach(each -> to.add(each.look(nowNanos)));
    }

    /// Ends what is on this endpoint.
    void cut(Endpoint endpoint) {
        long now = System.nanoTime();
        for (Association each : table.all()) {
            if (each.endpoint().equals(endpoint)) {
                each.end(AssociationEnd.DRAINED, now);
            }
        }
    }

    /// Ends every association and closes the socket.
    void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        long now = System.nanoTime();
        for (Association each = table.oldest(); each != null; each = table.oldest()) {
            each.end(AssociationEnd.DRAINED, now);
        }
        sweep.end();
        if (socket != null) {
            socket.close();
        }
        space.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        close();
    }
}
