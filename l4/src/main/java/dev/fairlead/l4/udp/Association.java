package dev.fairlead.l4.udp;

import dev.fairlead.l4.Rate;
import dev.fairlead.net.Datagrams;
import dev.fairlead.net.Deadline;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.LiveFlow;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// One client's flow of datagrams to one endpoint: a socket of its own, connected to the endpoint, so that every
/// answer finds its way back and an ICMP error tells whom it is about. It keeps its endpoint to its end; a client
/// that sends on after that begins another. One loop only.
final class Association extends FlowTable.Entry {
    /// So many answers in a row without a question: then it is worth to read them in batches.
    private static final int BATCH_ANSWERS = 32;

    // immutable
    private final UdpLane lane;
    private final UdpPlane.Terms terms;
    private final InetSocketAddress client;
    private final long clientCount;
    private final Endpoint endpoint;
    private final long startNanos;

    // this loop only
    private @Nullable DatagramChannel channel;
    private @Nullable Deadline responseDeadline;
    private @Nullable Rate rate;

    @Nullable
    Association nextUnflushed;

    boolean isUnflushed;

    /// Other loops ask for it when the client comes from another address.
    private volatile @Nullable ConnectionId learned;

    private long datagramsIn;
    private long datagramsOut;
    private long bytesIn;
    private long bytesOut;
    private long paceNanos;
    private long askedNanos;
    private boolean isAsking;
    private boolean isBatched;
    private boolean ended;
    private int answersInRow;

    /// `clientCount` is what the plane counts the client under; 0 when it does not.
    Association(
            UdpLane lane,
            UdpPlane.Terms terms,
            InetSocketAddress client,
            long clientCount,
            Endpoint endpoint,
            long nowNanos) {
        this.lane = lane;
        this.terms = terms;
        this.client = client;
        this.clientCount = clientCount;
        this.endpoint = endpoint;
        this.startNanos = nowNanos;
        this.paceNanos = nowNanos;
    }

    void begin(DatagramChannel connected) {
        channel = connected;
        if (terms.spec().responses() > 0) {
            responseDeadline = new Deadline(lane.loop()) {
                @Override
                protected void onExpired(long nowNanos) {
                    onResponsesLate(nowNanos);
                }
            };
        }
    }

    InetSocketAddress client() {
        return client;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    UdpPlane.Terms terms() {
        return terms;
    }

    /// The QUIC connection id by which the server is known here.
    @Nullable
    ConnectionId learned() {
        return learned;
    }

    void learned(ConnectionId id) {
        learned = id;
    }

    long clientCount() {
        return clientCount;
    }

    long startNanos() {
        return startNanos;
    }

    long datagramsIn() {
        return datagramsIn;
    }

    long datagramsOut() {
        return datagramsOut;
    }

    long bytesIn() {
        return bytesIn;
    }

    long bytesOut() {
        return bytesOut;
    }

    /// How it stands now.
    LiveFlow look(long nowNanos) {
        Rate seen = rate == null ? new Rate(startNanos) : rate;
        rate = seen;
        return new LiveFlow(
                terms.spec().name(),
                AssociationRecord.text(client),
                terms.upstream().name(),
                endpoint.name(),
                nowNanos - startNanos,
                bytesIn,
                bytesOut,
                seen.look(bytesIn + bytesOut, nowNanos));
    }

    /// A datagram of the client.
    void take(ByteBuf content, long nowNanos) {
        DatagramChannel to = channel;
        if (ended || to == null) {
            content.release();
            return;
        }
        int rate = terms.spec().maxRate();
        if (rate > 0) {
            long spent = Pace.spend(paceNanos, rate, nowNanos);
            if (spent == Pace.REFUSED) {
                lane.drop(Drop.MAX_RATE, content);
                return;
            }
            paceNanos = spent;
        }
        if (!to.isWritable()) {
            lane.drop(Drop.CONGESTED, content);
            return;
        }
        datagramsIn++;
        answersInRow = 0;
        int bytes = content.readableBytes();
        bytesIn += bytes;
        lane.onPassedIn(this, bytes, nowNanos);
        // Void: a write that fails is reported to exceptionCaught, without an object for each.
        to.write(content, to.voidPromise());
        expect(nowNanos);
    }

    private void expect(long nowNanos) {
        if (!isAsking && (responseDeadline != null || datagramsOut == 0)) {
            isAsking = true;
            askedNanos = nowNanos;
            if (responseDeadline != null) {
                responseDeadline.at(nowNanos + terms.responseNanos());
            }
        }
        if (datagramsIn == terms.spec().requests()) {
            lane.hide(this);
        }
    }

    void flush() {
        DatagramChannel to = channel;
        if (to != null && !ended) {
            to.flush();
        }
    }

    private void onAnswer(ByteBuf content) {
        if (ended) {
            content.release();
            return;
        }
        long now = System.nanoTime();
        datagramsOut++;
        if (isAsking) {
            onAnswered(now);
        }
        if (++answersInRow == BATCH_ANSWERS && !isBatched && channel != null) {
            isBatched = true;
            Datagrams.batch(channel);
        }
        bytesOut += content.readableBytes();
        lane.passOut(this, content, now);
        if (responseDeadline != null
                && datagramsOut >= datagramsIn * terms.spec().responses()) {
            end(AssociationEnd.ANSWERED, now);
        }
    }

    private void onAnswered(long nowNanos) {
        isAsking = false;
        long waited = nowNanos - askedNanos;
        endpoint.connected();
        endpoint.answered(waited, false, nowNanos);
        lane.onAnswered(waited);
        if (responseDeadline != null
                && datagramsOut < datagramsIn * terms.spec().responses()) {
            // There are more to come: each has its time.
            isAsking = true;
            askedNanos = nowNanos;
            responseDeadline.at(nowNanos + terms.responseNanos());
        }
    }

    private void onResponsesLate(long nowNanos) {
        endpoint.broke(nowNanos - askedNanos, nowNanos);
        end(AssociationEnd.UNANSWERED, nowNanos);
    }

    private void onFailed(Throwable cause) {
        if (ended) {
            return;
        }
        if (Datagrams.isUnreachable(cause)) {
            long now = System.nanoTime();
            endpoint.connectFailed(now);
            end(AssociationEnd.UNREACHABLE, now);
        } else {
            lane.onNotSent(cause);
        }
    }

    /// Closes its socket and tells the lane, once.
    void end(AssociationEnd how, long nowNanos) {
        if (ended) {
            return;
        }
        ended = true;
        if (responseDeadline != null) {
            responseDeadline.end();
        }
        if (channel != null) {
            channel.close();
        }
        endpoint.end();
        endpoint.connectionClosed();
        lane.onEnded(this, how, nowNanos);
    }

    /// The handler of its socket.
    ChannelHandler answers() {
        return new Answers();
    }

    private final class Answers extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            onAnswer(((DatagramPacket) message).content());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            onFailed(cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            // Closed by us, or with its loop.
            end(AssociationEnd.DRAINED, System.nanoTime());
        }
    }
}
