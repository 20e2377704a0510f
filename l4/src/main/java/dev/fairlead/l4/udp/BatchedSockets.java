package dev.fairlead.l4.udp;

import dev.fairlead.net.BareDatagrams;
import dev.fairlead.net.BareSockets;
import dev.fairlead.net.Loop;
import dev.fairlead.net.Loops;
import dev.fairlead.net.SourceAddresses;
import dev.fairlead.sys.DatagramBatch;
import dev.fairlead.sys.Transfer;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Sockets without channels, read and written many datagrams at a time, which lie where they were received until they
/// are sent. What comes from a client is sent to its endpoint at once. The answers of all endpoints gather, and leave
/// with one call when the loop has seen to all that were ready, each from the address that its client spoke to. Trains
/// go on as trains, unless datagrams are counted. Epoll only. One loop only.
final class BatchedSockets implements LaneSockets, BareDatagrams.Taker {
    /// After these, other sockets have their turn.
    private static final int TURN_MAX = 64;

    /// Of one endpoint's answers, once they come in great numbers.
    private static final int ANSWERS_MAX = 16;

    private static final int EIO = -5;
    private static final int EINVAL = -22;
    private static final int EMSGSIZE = -90;

    // immutable
    private final UdpLane lane;
    private final Loop loop;
    private final InetSocketAddress address;
    private final int number;
    private final boolean isIpv6;
    private final BareDatagrams clients;
    private final Batches batches = Batches.ofThisLoop();
    private final Slots in = batches.in();
    private final Slots out = batches.out();
    private final Runnable flush = this::flush;

    // this loop only
    /// The slot of what goes to an endpoint now.
    private int passing;
    /// Answers that are to leave, in the first slots.
    private int waiting;
    private boolean isFlushDue;
    private boolean isClosed;

    private BatchedSockets(UdpLane lane, int socket, InetSocketAddress address, boolean isIpv6) {
        this.lane = lane;
        this.loop = lane.loop();
        this.address = address;
        this.isIpv6 = isIpv6;
        this.clients = BareDatagrams.register(loop, socket, this);
        this.number = lane.open(this);
    }

    /// One for each loop. Throws when the address cannot be had. Control thread; blocks shortly.
    static InetSocketAddress bind(InetSocketAddress address, Loops loops, Function<Loop, UdpLane> lanes)
            throws IOException {
        BareDatagrams.Bound bound = BareDatagrams.bind(address, loops.count());
        for (Loop loop : loops.all()) {
            int socket = bound.sockets().get(loop.index());
            UdpLane lane = lanes.apply(loop);
            loop.eventLoop().execute(() -> new BatchedSockets(lane, socket, bound.address(), bound.isIpv6()));
        }
        return bound.address();
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    // ---- clients ----

    @Override
    public void onReadable() {
        long now = System.nanoTime();
        int seen = 0;
        int count;
        do {
            count = in.batch().receive(clients.socket(), 0, Slots.COUNT);
            for (int slot = 0; slot < count; slot++) {
                take(slot, now);
            }
            seen += count;
        } while (count == Slots.COUNT && seen < TURN_MAX);
    }

    private void take(int slot, long nowNanos) {
        int length = in.batch().length(slot);
        int segment = in.batch().segment(slot);
        if (segment == 0 || !lane.countsDatagrams()) {
            pass(slot, 0, length, segment, nowNanos);
            return;
        }
        for (int at = 0; at < length; at += segment) {
            pass(slot, at, Math.min(segment, length - at), 0, nowNanos);
        }
    }

    private void pass(int slot, int offset, int length, int segment, long nowNanos) {
        DatagramBatch batch = in.batch();
        ByteBuf content = in.view(slot, offset, length);
        long port = ClientAddress.by(number, ClientAddress.port(batch.peerPort(slot), batch.peerScope(slot)));
        Association to = lane.association(batch.peerHigh(slot), batch.peerLow(slot), port, null, content, nowNanos);
        if (to != null) {
            passing = slot;
            to.spokenTo(batch.localHigh(slot), batch.localLow(slot));
            to.take(content, segment, nowNanos);
        }
    }

    @Override
    public void onLoopEnded() {
        lane.close();
    }

    // ---- endpoints ----

    @Override
    public @Nullable EndpointSocket connect(Association association) {
        int socket = open(addressOf(association.endpoint()), association.terms().sources());
        if (socket < 0) {
            lane.onNoSocket(association, BareDatagrams.isUnreachable(socket), "errno " + -socket);
            return null;
        }
        return new Connected(association, socket);
    }

    /// From any of the sources; one that cannot be had is passed over for the next.
    private int open(InetSocketAddress to, SourceAddresses sources) {
        int first = sources.any();
        int count = sources.countFor(to.getAddress());
        int socket = 0;
        for (int i = 0; i < Math.max(1, count); i++) {
            socket = BareSockets.ofThisLoop().connectDatagrams(to, sources, first + i);
            if (count == 0 || !BareSockets.hasNoSource(socket)) {
                return socket;
            }
            lane.onNoSource();
        }
        return socket;
    }

    private final class Connected implements EndpointSocket, BareDatagrams.Taker {
        private final Association association;
        private final BareDatagrams datagrams;
        private int most = 1;

        Connected(Association association, int socket) {
            this.association = association;
            this.datagrams = BareDatagrams.register(loop, socket, this);
        }

        @Override
        public boolean send(ByteBuf content, int segment) {
            int from = content.readerIndex();
            int length = content.readableBytes();
            int result = send(from, length, segment);
            if (segment > 0 && isNoTrain(result)) {
                for (int at = 0; at < length; at += segment) {
                    result = send(from + at, Math.min(segment, length - at), 0);
                }
            }
            if (result < 0) {
                onFailed(result);
            }
            return result >= 0;
        }

        private int send(int offset, int length, int segment) {
            return in.batch().sendToPeer(datagrams.socket(), passing, offset, length, segment);
        }

        @Override
        public void batch() {
            most = ANSWERS_MAX;
            BareSockets.ofThisLoop().joinTrains(datagrams.socket());
        }

        @Override
        public void onReadable() {
            batches.claim(BatchedSockets.this);
            if (waiting + most > Slots.COUNT) {
                flush();
            }
            int first = waiting;
            int count = out.batch().receive(datagrams.socket(), first, most);
            if (count < 0) {
                if (count != Transfer.EAGAIN) {
                    onFailed(count);
                }
                return;
            }
            long now = System.nanoTime();
            for (int slot = first; slot < first + count && answer(slot, now); slot++) {
                waiting++;
            }
        }

        /// False once the flow is over: then nothing more is passed on.
        private boolean answer(int slot, long nowNanos) {
            int length = out.batch().length(slot);
            int segment = out.batch().segment(slot);
            if (!association.onAnswer(out.view(slot, 0, length), segment, nowNanos)) {
                return false;
            }
            out.prepare(slot, length, segment);
            out.batch()
                    .to(
                            slot,
                            isIpv6,
                            association.high(),
                            association.low(),
                            (int) (association.port() & 0xffff),
                            ClientAddress.scope(association.port()));
            if (association.localLow() != 0) {
                out.batch().from(slot, isIpv6, association.localHigh(), association.localLow());
            }
            flushSoon();
            return true;
        }

        private void onFailed(int errno) {
            if (BareDatagrams.isUnreachable(errno)) {
                association.onUnreachable(BareSockets.isRefused(errno));
            } else if (errno == Transfer.EAGAIN) {
                lane.drop(Drop.CONGESTED);
            } else {
                lane.onNotSent("errno " + -errno);
            }
        }

        @Override
        public void onLoopEnded() {
            association.end(AssociationEnd.DRAINED, System.nanoTime());
        }

        @Override
        public void close() {
            datagrams.end();
        }
    }

    // ---- answers ----

    private void flushSoon() {
        if (!isFlushDue) {
            isFlushDue = true;
            loop.eventLoop().execute(flush);
        }
    }

    void flush() {
        isFlushDue = false;
        int at = 0;
        while (at < waiting && !isClosed) {
            int sent = out.batch().send(clients.socket(), at, waiting - at);
            if (sent > 0) {
                at += sent;
            } else if (sent == Transfer.EAGAIN) {
                for (; at < waiting; at++) {
                    lane.drop(Drop.CONGESTED);
                }
            } else if (sent != Transfer.EINTR) {
                onNotSent(at++, sent);
            }
        }
        waiting = 0;
    }

    /// The first of those that were to be sent was not.
    private void onNotSent(int slot, int errno) {
        int segment = out.segment(slot);
        int length = out.length(slot);
        int result = errno;
        if (segment > 0 && isNoTrain(errno)) {
            for (int at = 0; at < length; at += segment) {
                out.batch().shift(slot, at, Math.min(segment, length - at));
                result = out.batch().send(clients.socket(), slot, 1);
            }
        }
        if (result < 0) {
            lane.onNotSent("errno " + -result);
        }
    }

    /// The way out cannot take trains apart, or their datagrams are too large for it whole.
    private static boolean isNoTrain(int errno) {
        return errno == EIO || errno == EINVAL || errno == EMSGSIZE;
    }

    @Override
    public void close() {
        flush();
        isClosed = true;
        batches.leave(this);
        clients.end();
    }
}
