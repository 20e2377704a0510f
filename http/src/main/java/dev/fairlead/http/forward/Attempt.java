package dev.fairlead.http.forward;

import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.http.codec.UpstreamConnection;
import dev.fairlead.http.exchange.Answers;
import dev.fairlead.http.exchange.Conduit;
import dev.fairlead.http.exchange.Downstream;
import dev.fairlead.http.exchange.ErrorPage;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.TunnelSide;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.net.Connector;
import dev.fairlead.net.tls.Origination;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Hedging;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// One try of an exchange on one endpoint: a connection, the request on it, and the answer passed on, or dropped when
/// another attempt is to follow it. This loop only.
final class Attempt implements Answers {
    /// Bytes of an answer that is dropped: up to here they are read to the end, since that saves a connection.
    private static final int DROPPED_MAX = 64 << 10;

    private enum State {
        /// The answer has not begun.
        ASKING,
        ANSWERING,
        /// The answer has begun, and nobody wants it.
        DROPPING,
        /// Nobody waits for it any more.
        ABANDONED
    }

    private final Forwarding forwarding;
    private final Exchange exchange;
    private final Downstream downstream;
    private final UpstreamSpec spec;
    private final Endpoint endpoint;
    private final @Nullable Origination secured;
    private final @Nullable Call call;

    private State state = State.ASKING;
    private @Nullable Conduit connection;
    private long sentNanos;
    private int dropped;
    private boolean requestWhole;
    private boolean bodyStopped;
    private boolean answerStopped;

    /// With a connection to the endpoint, or the right to open one, or to wait for one that others have opened.
    /// `secured`: how TLS is spoken there; null: not at all, or it cannot be.
    Attempt(Forwarding forwarding, Endpoint endpoint, @Nullable Origination secured, @Nullable Conduit there) {
        this.forwarding = forwarding;
        this.exchange = forwarding.exchange();
        this.downstream = exchange.downstream();
        this.spec = forwarding.spec();
        this.endpoint = endpoint;
        this.secured = secured;
        this.connection = there;
        this.call = Call.of(exchange, endpoint, spec);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    void connect(long nowNanos) {
        Forwarder forwarder = forwarding.forwarder();
        if (secured == null && spec.tls() != null) {
            endpoint.connectionClosed();
            endpoint.end();
            forwarding.onBroken(this, false, Fault.TLS_UNPREPARED, "a file of the upstream's tls cannot be used");
            return;
        }
        try {
            if (spec.http2() == null) {
                open(forwarder, nowNanos);
            } else {
                forwarder.trunks().reach(this, spec, spec.http2(), secured, nowNanos);
            }
        } catch (ChannelException noDescriptor) {
            // It is not the endpoint's fault, and no other endpoint would do better.
            endpoint.connectionClosed();
            endpoint.end();
            forwarding.onBroken(this, false, Fault.NO_DESCRIPTOR, "no descriptor left");
        }
    }

    private void open(Forwarder forwarder, long nowNanos) {
        var opening = new UpstreamConnection(forwarder.loop(), endpoint, forwarder.pool(), forwarder.scratch());
        int timeoutMillis = (int) spec.timeouts().connect().toMillis();
        Future<Void> connecting = secured == null
                ? Connector.connect(forwarder.loop(), endpoint.address(), timeoutMillis, false, opening)
                : secured.connect(
                        forwarder.loop(), endpoint.address(), endpoint.origin().serverName(), timeoutMillis, opening);
        connecting.addListener(done -> {
            long now = System.nanoTime();
            if (done.isSuccess()) {
                endpoint.connected();
                onReached(opening, nowNanos, now);
            } else {
                endpoint.connectionClosed();
                endpoint.connectFailed(now, false);
                onUnreached(done.cause(), nowNanos, now);
            }
        });
    }

    /// The connection is there that was awaited since then.
    void onReached(Conduit opened, long begunNanos, long nowNanos) {
        exchange.connected(nowNanos - begunNanos);
        if (state == State.ABANDONED) {
            // Nobody waits for it any more; the next exchange may.
            opened.free(spec.pool(), nowNanos);
            return;
        }
        connection = opened;
        use(nowNanos);
        forwarding.onConnected(this);
        flush();
    }

    void onUnreached(@Nullable Throwable cause, long begunNanos, long nowNanos) {
        exchange.connected(nowNanos - begunNanos);
        if (state != State.ABANDONED) {
            endpoint.end();
            Fault fault = Unreached.fault(cause);
            forwarding.onBroken(this, false, fault, Unreached.details(fault));
        }
    }

    boolean isConnected() {
        return connection != null;
    }

    /// Sends the head.
    void use(long nowNanos) {
        sentNanos = nowNanos;
        exchange.sentAt(nowNanos);
        open().begin(exchange.request(), this);
    }

    // ---- the request ----

    void body(ByteBuf data) {
        Conduit on = open();
        endpoint.bytes().in().add(data.readableBytes());
        on.body(data);
        if (!on.isWritable()) {
            bodyStopped = true;
            downstream.wantBody(false);
            on.awaitProgress(System.nanoTime() + forwarding.idleNanos());
        }
    }

    void end(@Nullable Fields trailers) {
        requestWhole = true;
        open().end(trailers);
        if (state == State.ASKING) {
            open().awaitResponse(System.nanoTime() + forwarding.answerNanos());
        } else if (isAnswering()) {
            open().awaitProgress(System.nanoTime() + forwarding.idleNanos());
        }
    }

    void flush() {
        if (connection != null) {
            connection.flush();
        }
    }

    /// It takes no more of the body for now, and asks for it again itself.
    boolean hasStoppedBody() {
        return bodyStopped;
    }

    @Override
    public void onWritable() {
        if (bodyStopped && state != State.DROPPING) {
            bodyStopped = false;
            if (isAnswering()) {
                open().awaitProgress(System.nanoTime() + forwarding.idleNanos());
            } else if (!requestWhole) {
                open().awaitNothing();
            }
            downstream.wantBody(true);
        }
    }

    // ---- the answer ----

    @Override
    public void onHead(ResponseHead head) {
        if (head.isInformational()) {
            downstream.respond(head);
            downstream.flush();
            return;
        }
        long now = System.nanoTime();
        if (call == null) {
            endpoint.answered(now - sentNanos, head.status() >= 500, now);
        } else {
            call.onHead(head, now - sentNanos, now);
        }
        if (!forwarding.takes(this, head)) {
            drop();
            return;
        }
        if (call != null) {
            call.onTaken();
        }
        exchange.answered(endpoint, sentNanos, now);
        ErrorPage page = exchange.pageInstead(head.status());
        if (page != null) {
            drop();
            forwarding.onOver();
            page.instead(exchange, head).send();
            return;
        }
        state = State.ANSWERING;
        open().awaitProgress(now + forwarding.idleNanos());
        downstream.respond(head);
    }

    /// Another attempt is to follow, or a page to be shown instead. The endpoint's answer is read on, so that the
    /// connection can be used again.
    private void drop() {
        state = State.DROPPING;
        endpoint.end();
        if (requestWhole) {
            open().awaitProgress(System.nanoTime() + forwarding.idleNanos());
        } else {
            close();
        }
    }

    @Override
    public void onSwitched(ResponseHead head, TunnelSide side) {
        long now = System.nanoTime();
        endpoint.answered(now - sentNanos, false, now);
        boolean taken = forwarding.takes(this, head);
        assert taken : "no 101 is asked again";
        state = State.ANSWERING;
        exchange.answered(endpoint, sentNanos, now);
        connection = null;
        forwarding.onOver();
        // The tunnel is on the endpoint as the exchange was, until it ends.
        downstream.tunnel(head, side, endpoint::end);
    }

    @Override
    public void onBody(ByteBuf data) {
        if (state == State.DROPPING) {
            dropped += data.readableBytes();
            data.release();
            if (dropped > DROPPED_MAX) {
                close();
            }
            return;
        }
        endpoint.bytes().out().add(data.readableBytes());
        downstream.body(data);
        if (connection != null && !downstream.isWritable()) {
            // It is not the endpoint that is slow now.
            answerStopped = true;
            connection.wantAnswer(false);
            connection.awaitNothing();
        }
    }

    @Override
    public void onReadComplete() {
        if (state == State.DROPPING) {
            return;
        }
        downstream.flush();
        if (connection != null && isAnswering()) {
            connection.awaitProgress(System.nanoTime() + forwarding.idleNanos());
        }
    }

    /// The response has begun, and it is the endpoint that is to go on with it.
    private boolean isAnswering() {
        return state == State.ANSWERING && !answerStopped;
    }

    /// The client takes bytes again.
    void wantAnswer() {
        if (answerStopped && connection != null) {
            answerStopped = false;
            connection.awaitProgress(System.nanoTime() + forwarding.idleNanos());
            connection.wantAnswer(true);
        }
    }

    @Override
    public void onEnd(@Nullable Fields trailers) {
        Conduit free = open();
        connection = null;
        if (state == State.DROPPING) {
            free.free(spec.pool(), System.nanoTime());
            return;
        }
        if (call != null) {
            call.onEnd(trailers, System.nanoTime());
        }
        endpoint.end();
        forwarding.onOver();
        free.free(spec.pool(), System.nanoTime());
        downstream.end(trailers);
        downstream.flush();
    }

    /// Its answer is one that another attempt is to be made for, as the upstream's `retry` says of gRPC.
    boolean asksAgain() {
        return call != null && call.asksAgain();
    }

    @Override
    public void onBroken(Fault fault, String details) {
        boolean reused = open().isReused();
        connection = null;
        if (state == State.DROPPING) {
            return;
        }
        endpoint.end();
        boolean hasLeft = reused && (fault == Fault.CONNECTION_TERMINATED || fault == Fault.STREAM_REFUSED);
        if (fault == Fault.NOT_IMPLEMENTED || hasLeft && state == State.ASKING) {
            // What it does not offer, a connection that died idle, or that it ended in good order, says nothing of it.
            endpoint.passUnused();
        } else {
            long now = System.nanoTime();
            endpoint.broke(now - sentNanos, now);
        }
        forwarding.onBroken(this, reused, fault, details);
    }

    /// The exchange has taken too long. If the endpoint was asked, and nothing else is awaited, it is its fault, unless
    /// the time is one that the client has chosen.
    void giveUp(boolean isClients) {
        if (!isClients && state == State.ASKING && requestWhole) {
            long now = System.nanoTime();
            endpoint.broke(now - sentNanos, now);
            state = State.ABANDONED;
        }
        abandon();
    }

    /// Another attempt has answered first. That says nothing against the endpoint.
    void outrun(Hedging hedging) {
        if (connection != null) {
            hedging.outrun(System.nanoTime() - sentNanos);
        }
        abandon();
    }

    /// The client is gone, or has its answer: so is the reason for this.
    void abandon() {
        if (state == State.ASKING || (call != null && call.isOpen())) {
            endpoint.passUnused();
        }
        state = State.ABANDONED;
        endpoint.end();
        close();
    }

    private void close() {
        if (connection != null) {
            connection.abandon();
            connection = null;
        }
    }

    private Conduit open() {
        Conduit on = connection;
        assert on != null;
        return on;
    }
}
