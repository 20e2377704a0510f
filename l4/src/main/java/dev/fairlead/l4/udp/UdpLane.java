package dev.fairlead.l4.udp;

import dev.fairlead.l4.Greatest;
import dev.fairlead.net.Deadline;
import dev.fairlead.net.Loop;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Why;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a UDP plane has on one loop: its associations, and the [LaneSockets] that carry them. It decides which
/// association a datagram belongs to, and whether one may begin. One loop only.
final class UdpLane {
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
    private final Deadline sweep;

    /// Each in its place, which stays free when an address has left: associations are known by that number.
    private @Nullable LaneSockets[] sockets = new LaneSockets[1];

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

    /// Whether it matters how many datagrams there are, and not only how many bytes.
    boolean countsDatagrams() {
        return plane.terms().countsDatagrams();
    }

    /// It has these from now on, under this number.
    int open(LaneSockets its) {
        if (isClosed) {
            its.close();
            return 0;
        }
        int free = 0;
        while (free < sockets.length && sockets[free] != null) {
            free++;
        }
        if (free == sockets.length) {
            sockets = Arrays.copyOf(sockets, 2 * free);
        }
        sockets[free] = its;
        return free;
    }

    /// Accepts no more on an address.
    void release(InetSocketAddress address) {
        for (LaneSockets each : sockets.clone()) {
            if (each != null && address.equals(each.address())) {
                leave(each);
                each.close();
            }
        }
    }

    /// These are about to be closed, or are: their associations end, for they were the way back to the clients.
    void leave(LaneSockets its) {
        for (int number = 0; number < sockets.length; number++) {
            if (its.equals(sockets[number])) {
                sockets[number] = null;
                long now = System.nanoTime();
                for (Association each : table.all()) {
                    if (ClientAddress.number(each.port()) == number) {
                        each.end(AssociationEnd.DRAINED, now);
                    }
                }
            }
        }
    }

    /// Where a client's datagram belongs: to its association, or to one that begins with it. Null when it is not to be;
    /// then it was counted as dropped. `port` also has the number of the sockets that it came by. Where `client` is
    /// null it is made of the three numbers.
    @Nullable
    Association association(
            long high, long low, long port, @Nullable InetSocketAddress client, ByteBuf peeked, long nowNanos) {
        Association known = table.find(high, low, port);
        if (known != null
                && !known.endpoint().keepsFlows(known.terms().upstream().isPanicking())) {
            known.end(AssociationEnd.DOWN, nowNanos);
            known = null;
        }
        if (known == null) {
            LaneSockets its = sockets[ClientAddress.number(port)];
            known = its == null
                    ? null
                    : begin(its, client == null ? ClientAddress.of(high, low, port) : client, peeked, nowNanos);
            if (known == null) {
                return null;
            }
            table.add(known, high, low, port, nowNanos);
            if (table.size() == 1) {
                sweep.at(nowNanos + plane.silenceNanos());
            }
        }
        return known;
    }

    private @Nullable Association begin(LaneSockets sockets, InetSocketAddress client, ByteBuf peeked, long nowNanos) {
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
            drop(refused);
            return null;
        }
        Association begun = connect(sockets, client, peeked, clientCount, terms, nowNanos);
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
            LaneSockets sockets,
            InetSocketAddress client,
            ByteBuf peeked,
            long clientCount,
            UdpPlane.Terms terms,
            long nowNanos) {
        QuicRoutes quic = terms.quic();
        Endpoint chosen = quic == null ? null : quic.endpoint(peeked, terms.upstream());
        Why why = Why.CONNECTION_ID;
        if (chosen == null || !EndpointChoice.tryBegin(chosen)) {
            chosen = choice.pick(terms.upstream(), client, nowNanos);
            why = choice.why();
        }
        if (chosen == null) {
            drop(choice.hasFoundFull() ? Drop.FULL : Drop.NO_ENDPOINT);
            return null;
        }
        var association = new Association(
                this, terms, client, clientCount, chosen, sockets.address().getPort(), why, nowNanos);
        EndpointSocket socket = sockets.connect(association);
        if (socket == null) {
            chosen.end();
            chosen.connectionClosed();
            return null;
        }
        association.begin(socket);
        if (quic != null) {
            quic.adopt(peeked, association);
        }
        return association;
    }

    /// There was no socket to be had for the association. `isUnreachable`: for want of a way to its endpoint.
    void onNoSocket(Association association, boolean isUnreachable, String cause) {
        if (isUnreachable) {
            association.endpoint().connectFailed(System.nanoTime(), false);
        }
        LOG.atDebug()
                .addKeyValue("listener", plane.spec().name())
                .addKeyValue("endpoint", association.endpoint())
                .addKeyValue("cause", cause)
                .log("no socket for a flow");
        drop(Drop.NO_SOCKET);
    }

    /// A source had no port left, or is no address of this host: not one of the endpoint's failures.
    void onNoSource() {
        plane.onNoSource();
    }

    void drop(Drop why) {
        plane.onDropped(why);
    }

    void onNotSent(String cause) {
        LOG.atDebug()
                .addKeyValue("listener", plane.spec().name())
                .addKeyValue("cause", cause)
                .log("a datagram was not sent");
        drop(Drop.NOT_SENT);
    }

    void onPassedIn(Association association, int count, int bytes, long nowNanos) {
        table.touch(association, nowNanos);
        plane.onPassedIn(association.endpoint(), count, bytes);
    }

    void hide(Association association) {
        table.hide(association);
    }

    /// Of an endpoint, for the client.
    void onPassedOut(Association association, ByteBuf peeked, int count, long nowNanos) {
        QuicRoutes quic = association.terms().quic();
        if (quic != null) {
            quic.learn(peeked, association);
        }
        table.touch(association, nowNanos);
        plane.onPassedOut(association.endpoint(), count, peeked.readableBytes());
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

    void show(Greatest to, long nowNanos) {
        table.all().stream().filter(each -> to.concerns(each.client())).forEach(each -> to.add(each.look(nowNanos)));
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

    /// Ends every association and closes the sockets.
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
        for (LaneSockets each : sockets) {
            if (each != null) {
                each.close();
            }
        }
    }
}
