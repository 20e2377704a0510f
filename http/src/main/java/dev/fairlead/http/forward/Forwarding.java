package dev.fairlead.http.forward;

import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.http.codec.UpstreamConnection;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.FaultResponses;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.Method;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.net.Waiting;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.limit.Waiter;
import dev.fairlead.upstream.limit.WaitingQueue;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// One exchange on its way to an endpoint: an [Attempt], and another one while that is safe. Safe is what the
/// endpoint cannot have begun, because no connection was made; and a connection that ended before the answer, when
/// the request may be asked twice (RFC 9110 §9.2.2) and none of its body is gone. This loop only.
final class Forwarding implements Upload, Waiting.Owner {
    private final Forwarder forwarder;
    private final Exchange exchange;
    private final Upstream upstream;
    private final UpstreamSpec spec;

    private @Nullable Attempt attempt;
    private @Nullable Waiting waiting;
    private boolean requestWhole;
    private @Nullable Fields trailers;
    private boolean bodyGone;
    private boolean responding;
    private boolean freshOnly;
    private boolean over;
    private Fault lastFault = Fault.NO_ENDPOINT;
    private String lastDetails = "no endpoint";

    Forwarding(Forwarder forwarder, Exchange exchange, Upstream upstream) {
        this.forwarder = forwarder;
        this.exchange = exchange;
        this.upstream = upstream;
        this.spec = upstream.spec();
    }

    Forwarder forwarder() {
        return forwarder;
    }

    Exchange exchange() {
        return exchange;
    }

    UpstreamSpec spec() {
        return spec;
    }

    /// The first attempt, or a place in the queue when others wait already.
    void begin() {
        WaitingQueue queue = upstream.queue();
        if (queue.isEmpty() || !queue.isOn()) {
            attempt();
        } else if (!await(queue)) {
            fail(Fault.CONNECTION_LIMIT, "queue.max");
        }
    }

    /// Goes to an endpoint, or waits for one that has room, or gives up.
    private void attempt() {
        if (!tryAttempt() && !(exchange.hasFoundFull() && await(upstream.queue()))) {
            fail(lastFault, lastDetails);
        }
    }

    /// The body is not read before an endpoint is there to take it.
    private boolean await(WaitingQueue queue) {
        waiting = Waiting.begin(forwarder.loop(), queue, this, System.nanoTime());
        if (waiting == null) {
            return false;
        }
        exchange.downstream().wantBody(false);
        return true;
    }

    @Override
    public Waiter.Turn onTurn() {
        if (!tryAttempt()) {
            if (exchange.hasFoundFull()) {
                return exchange.hasFailed() ? Waiter.Turn.PASSED : Waiter.Turn.FULL;
            }
            fail(lastFault, lastDetails);
        }
        waiting = null;
        return Waiter.Turn.OVER;
    }

    @Override
    public void onWaitedTooLong() {
        waiting = null;
        fail(Fault.CONNECTION_LIMIT, "queue.timeout");
    }

    /// Picks an endpoint and goes to it; past those that are full. False when none is left.
    private boolean tryAttempt() {
        long now = System.nanoTime();
        exchange.forgetPassedOver();
        for (Endpoint endpoint = upstream.pick(exchange, now);
                endpoint != null;
                endpoint = upstream.pick(exchange, now)) {
            UpstreamConnection idle = freshOnly ? null : forwarder.pool().take(endpoint);
            if (idle == null && !endpoint.tryOpenConnection()) {
                passOver(endpoint);
                continue;
            }
            if (!endpoint.tryBegin()) {
                // Others filled it since it was picked.
                giveBack(endpoint, idle, now);
                passOver(endpoint);
                continue;
            }
            begin(endpoint, idle, now);
            return true;
        }
        return false;
    }

    private void passOver(Endpoint endpoint) {
        exchange.passOver(endpoint);
        lastFault = Fault.CONNECTION_LIMIT;
        lastDetails = "every endpoint is full";
    }

    private void begin(Endpoint endpoint, @Nullable UpstreamConnection idle, long nowNanos) {
        exchange.attempt(endpoint);
        Attempt begun = new Attempt(this, endpoint);
        attempt = begun;
        if (idle == null) {
            exchange.downstream().wantBody(false);
            begun.connect(nowNanos);
            return;
        }
        begun.use(idle, nowNanos);
        onConnected();
        if (exchange.attempts() > 1 || waiting != null) {
            // Nobody else will: the client may have nothing more to send.
            begun.flush();
        }
    }

    private void giveBack(Endpoint endpoint, @Nullable UpstreamConnection idle, long nowNanos) {
        if (idle == null) {
            endpoint.connectionClosed();
        } else {
            PoolSpec pool = spec.pool();
            forwarder
                    .pool()
                    .put(idle, pool.idleMax(), nowNanos + pool.idleTimeout().toNanos());
        }
    }

    /// The attempt's connection is there, and the head is on it.
    void onConnected() {
        if (requestWhole) {
            sendEnd();
        }
        exchange.downstream().wantBody(true);
    }

    /// No connection could be made: nothing has reached the endpoint.
    void onConnectFailed(Endpoint endpoint, Fault fault, String details) {
        attempt = null;
        exchange.failed(endpoint);
        lastFault = fault;
        lastDetails = details;
        again();
    }

    /// The attempt broke off.
    void onBroken(Endpoint on, boolean reused, Fault fault, String details) {
        attempt = null;
        boolean unanswered = fault == Fault.CONNECTION_TERMINATED && !responding && !bodyGone;
        if (!unanswered || !exchange.request().method().isIdempotent()) {
            fail(fault, details);
            return;
        }
        if (reused) {
            // It died idle: the endpoint may be well, and other idle connections to it as dead as this one.
            freshOnly = true;
        } else {
            exchange.failed(on);
        }
        lastFault = fault;
        lastDetails = details;
        again();
    }

    private void again() {
        if (exchange.attempts() < spec.attempts()) {
            attempt();
        } else {
            fail(lastFault, lastDetails);
        }
    }

    void onResponse() {
        responding = true;
    }

    /// The endpoint's final head is about to be passed on.
    void stick(Endpoint to, ResponseHead head) {
        forwarder.sticky().answer(exchange, upstream, to, head.fields());
    }

    void onOver() {
        over = true;
        attempt = null;
    }

    private void fail(Fault fault, String details) {
        over = true;
        exchange.fault(fault, details);
        if (responding) {
            exchange.downstream().cut();
        } else {
            FaultResponses.send(
                    exchange.downstream(), fault, details, exchange.request().method() == Method.HEAD);
        }
    }

    // ---- the request's body ----

    @Override
    public void onBody(ByteBuf data) {
        Attempt on = attempt;
        if (over || on == null) {
            data.release();
            return;
        }
        bodyGone = true;
        on.body(data);
    }

    @Override
    public void onEnd(@Nullable Fields trailers) {
        requestWhole = true;
        this.trailers = trailers;
        if (attempt != null && attempt.isConnected()) {
            sendEnd();
        }
    }

    private void sendEnd() {
        Attempt on = attempt;
        assert on != null;
        on.end(trailers);
    }

    @Override
    public void onReadComplete() {
        if (attempt != null) {
            attempt.flush();
        }
    }

    @Override
    public void onWritable() {
        if (attempt != null) {
            attempt.wantAnswer();
        }
    }

    @Override
    public void onAborted() {
        over = true;
        Attempt on = attempt;
        attempt = null;
        if (on != null) {
            on.abandon();
        }
        if (waiting != null) {
            waiting.abandon();
            waiting = null;
        }
    }
}
