package dev.fairlead.l4.udp;

import dev.fairlead.l4.Rate;
import dev.fairlead.net.Deadline;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.LiveFlow;
import dev.fairlead.upstream.Why;
import io.netty.buffer.ByteBuf;
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
    private final int askedPort;
    private final Why why;
    private final long startNanos;

    // this loop only
    private @Nullable EndpointSocket socket;
    private @Nullable Deadline responseDeadline;
    private @Nullable Rate rate;

    /// Other loops ask for it when the client comes from another address.
    private volatile @Nullable ConnectionId learned;

    private long datagramsIn;
    private long datagramsOut;
    private long bytesIn;
    private long bytesOut;
    private long paceNanos;
    private long askedNanos;
    private long localHigh;
    private long localLow;
    private boolean isAsking;
    private boolean isBatched;
    private boolean ended;
    private int answersInRow;

    /// `clientCount` is what the plane counts the client under; 0 when it does not. `askedPort`: to which the client
    /// sends.
    Association(
            UdpLane lane,
            UdpPlane.Terms terms,
            InetSocketAddress client,
            long clientCount,
            Endpoint endpoint,
            int askedPort,
            Why why,
            long nowNanos) {
        this.lane = lane;
        this.terms = terms;
        this.client = client;
        this.clientCount = clientCount;
        this.endpoint = endpoint;
        this.askedPort = askedPort;
        this.why = why;
        this.startNanos = nowNanos;
        this.paceNanos = nowNanos;
    }

    void begin(EndpointSocket connected) {
        socket = connected;
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

    /// Where that is, by name and by the port that this goes to.
    String place() {
        return endpoint.spec().address().place(askedPort);
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
                place(),
                nowNanos - startNanos,
                bytesIn,
                bytesOut,
                seen.look(bytesIn + bytesOut, nowNanos),
                why);
    }

    /// On which address of this machine the client is answered; 0 and 0: on that which the listener has.
    void spokenTo(long high, long low) {
        localHigh = high;
        localLow = low;
    }

    long localHigh() {
        return localHigh;
    }

    long localLow() {
        return localLow;
    }

    /// A datagram of the client, or a train of those with `segment` bytes each.
    void take(ByteBuf content, int segment, long nowNanos) {
        EndpointSocket to = socket;
        if (ended || to == null) {
            content.release();
            return;
        }
        int rate = terms.spec().maxRate();
        if (rate > 0) {
            long spent = Pace.spend(paceNanos, rate, nowNanos);
            if (spent == Pace.REFUSED) {
                content.release();
                lane.drop(Drop.MAX_RATE);
                return;
            }
            paceNanos = spent;
        }
        int bytes = content.readableBytes();
        if (to.send(content, segment)) {
            int count = datagrams(bytes, segment);
            datagramsIn += count;
            answersInRow = 0;
            bytesIn += bytes;
            lane.onPassedIn(this, count, bytes, nowNanos);
            expect(nowNanos);
        }
    }

    private static int datagrams(int bytes, int segment) {
        return segment == 0 ? 1 : (bytes + segment - 1) / segment;
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

    /// The endpoint has answered. True when that is to be passed on, even if the flow is over by it.
    boolean onAnswer(ByteBuf content, int segment, long nowNanos) {
        EndpointSocket from = socket;
        if (ended || from == null) {
            return false;
        }
        int bytes = content.readableBytes();
        int count = datagrams(bytes, segment);
        datagramsOut += count;
        if (isAsking) {
            onAnswered(nowNanos);
        }
        answersInRow += count;
        if (answersInRow >= BATCH_ANSWERS && !isBatched) {
            isBatched = true;
            from.batch();
        }
        bytesOut += bytes;
        lane.onPassedOut(this, content, count, nowNanos);
        if (responseDeadline != null
                && datagramsOut >= datagramsIn * terms.spec().responses()) {
            end(AssociationEnd.ANSWERED, nowNanos);
        }
        return true;
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

    /// Nobody takes datagrams there, or, where it `isRefused`, at that port.
    void onUnreachable(boolean isRefused) {
        if (!ended) {
            long now = System.nanoTime();
            endpoint.connectFailed(now, isRefused);
            end(AssociationEnd.UNREACHABLE, now);
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
        if (socket != null) {
            socket.close();
        }
        endpoint.end();
        endpoint.connectionClosed();
        lane.onEnded(this, how, nowNanos);
    }
}
