package dev.fairlead.http.forward;

import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.FaultResponses;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.upstream.Retries;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.limit.WaitingQueue;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// One exchange on its way to an endpoint: an [Attempt], and another one while that is safe and allowed (see
/// `retry`). Safe is what the endpoint cannot have begun ([Fault#isUnprocessed]); and a request that may be asked
/// twice (RFC 9110 §9.2.2), of whose body all that was sent is kept, while the client has seen nothing of an answer.
///
/// What was never processed costs no place in the budget and no pause: it puts no more work on the upstream than
/// its clients asked for. Every endpoint is asked to accept once, and a dead idle connection is replaced once. This
/// loop only.
final class Forwarding implements Upload {
    private final Forwarder forwarder;
    private final Exchange exchange;
    private final Upstream upstream;
    private final UpstreamSpec spec;
    private final Destination destination;

    private @Nullable Attempt attempt;
    private @Nullable Queued queued;
    private @Nullable Retrying retrying;
    private @Nullable Hedge hedge;
    /// What the next attempt is made for; null when that is the first, or one is under way.
    private Retries.@Nullable Reason again;

    private @Nullable Replay replay;
    private @Nullable RouteDeadline deadline;
    private @Nullable Mirrored mirrored;
    private boolean requestWhole;
    private @Nullable Fields trailers;
    private boolean responding;
    private boolean freshOnly;
    private boolean over;
    private Fault lastFault = Fault.NO_ENDPOINT;
    private String lastDetails = "no endpoint";

    Forwarding(Forwarder forwarder, Exchange exchange, Upstream upstream, Destination destination) {
        this.forwarder = forwarder;
        this.destination = destination;
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

    long idleNanos() {
        return destination.idle(spec).toNanos();
    }

    /// How long an attempt waits for the answer's head.
    long answerNanos() {
        return destination.answer(spec, hasAttemptsLeft() && isRepeatable()).toNanos();
    }

    // ---- the next attempt ----

    void begin() {
        deadline = RouteDeadline.begin(this, destination.timeouts());
        mirrored = Mirrored.begin(destination.mirror(), forwarder, exchange);
        WaitingQueue queue = upstream.queue();
        if (queue.isEmpty() || !queue.isOn()) {
            attempt();
        } else if (!await(queue)) {
            // Others wait already.
            fail(Fault.CONNECTION_LIMIT, "queue.max");
        }
        if (mirrored != null && !mirrored.hasBody()) {
            mirrored.send();
        }
    }

    /// Goes to an endpoint, or waits for one that has room, or gives up.
    void attempt() {
        if (!tryAttempt() && !(exchange.hasFoundFull() && await(upstream.queue()))) {
            onNoneLeft();
        }
    }

    private boolean await(WaitingQueue queue) {
        queued = Queued.begin(this, queue);
        return queued != null;
    }

    /// No endpoint is left to try, nor to wait for.
    void onNoneLeft() {
        fail(lastFault, lastDetails);
    }

    /// Picks an endpoint and goes to it. False when none is left.
    boolean tryAttempt() {
        long now = System.nanoTime();
        Attempt begun = forwarder.take(this, upstream, freshOnly, now);
        if (begun == null) {
            if (exchange.hasFoundFull()) {
                lastFault = Fault.CONNECTION_LIMIT;
                lastDetails = "every endpoint is full";
            }
            return false;
        }
        exchange.attempt(begun.endpoint());
        attempt = begun;
        if (again != null) {
            upstream.retries().count(again);
            exchange.retried(again);
            again = null;
        }
        hedgeLater();
        if (!begun.isConnected()) {
            exchange.downstream().wantBody(false);
            begun.connect(now);
            return true;
        }
        begun.use(now);
        onConnected(begun);
        if (exchange.attempts() > 1 || queued != null) {
            // Nobody else will: the client may have nothing more to send.
            begun.flush();
        }
        return true;
    }

    /// The attempt's connection is there, and the head is on it.
    void onConnected(Attempt on) {
        ByteBuf sent = replay == null ? null : replay.copy();
        if (sent != null) {
            on.body(sent);
        }
        if (requestWhole) {
            on.end(trailers);
        }
        if (!on.hasStoppedBody()) {
            exchange.downstream().wantBody(true);
        }
    }

    /// Once the request is whole, its answer is awaited: a second attempt may be made beside the first.
    private void hedgeLater() {
        if (spec.retry().hedgePercentile() > 0 && requestWhole && hedge == null && isRepeatable()) {
            hedge = Hedge.later(this, upstream);
        }
    }

    /// The attempt that a hedge may be made of now; null when there is none.
    @Nullable
    Attempt awaited() {
        return isRepeatable() && hasAttemptsLeft() ? attempt : null;
    }

    // ---- what came of an attempt ----

    /// Whether this answer goes to the client. Else another attempt follows, or is there already.
    boolean takes(Attempt from, ResponseHead head) {
        boolean isFor = spec.retry().isFor(head.status());
        boolean isFailure = from.asksAgain() ? !responding && isResendable() : isFor && isRepeatable();
        if (isFailure && isBesideAnother(from)) {
            exchange.failed(from.endpoint());
            return false;
        }
        if (isFailure && tryAgain(Retries.Reason.STATUS, false)) {
            attempt = null;
            exchange.failed(from.endpoint(), upstream.endpoints());
            lastFault = Fault.NO_ENDPOINT;
            lastDetails = "no endpoint for the next attempt";
            return false;
        }
        responding = true;
        if (hedge != null) {
            hedge.answered(from, attempt);
            attempt = from;
        }
        endRetrying();
        forwarder.stick(exchange, upstream, destination, from.endpoint(), head.fields());
        return true;
    }

    /// The attempt broke off, or never came about.
    void onBroken(Attempt on, boolean reused, Fault fault, String details) {
        if (isBesideAnother(on)) {
            exchange.failed(on.endpoint());
            return;
        }
        attempt = null;
        lastFault = fault;
        lastDetails = details;
        boolean mayAsk =
                fault.isUnprocessed() ? isResendable() : isRepeatable() && fault == Fault.CONNECTION_TERMINATED;
        if (reused && !freshOnly && mayAsk) {
            // The connection was as good as gone: the endpoint may be well, and other idle connections to it as dead as
            // this one. Once for an exchange.
            freshOnly = true;
            exchange.forgive();
            again = Retries.Reason.IDLE;
            attempt();
            return;
        }
        if (fault.isUnprocessed() && isResendable()) {
            exchange.failed(on.endpoint(), fault == Fault.STREAM_REFUSED ? upstream.endpoints() : null);
            if (hasAttemptsLeft()) {
                again = Retries.Reason.CONNECT;
                attempt();
                return;
            }
        } else if (isRepeatable()) {
            if (fault == Fault.CONNECTION_TERMINATED) {
                // Not there again: it may be this request that ends it.
                exchange.failed(on.endpoint());
                if (tryAgain(Retries.Reason.RESET, true)) {
                    return;
                }
            } else if (fault == Fault.RESPONSE_TIMEOUT && spec.retry().attemptTimeout() != null && hasAttemptsLeft()) {
                lastDetails = "retry.attempt-timeout";
                if (tryAgain(Retries.Reason.TIMEOUT, true)) {
                    exchange.failed(on.endpoint(), upstream.endpoints());
                    return;
                }
            }
        }
        fail(lastFault, lastDetails);
    }

    /// Whether another attempt goes on when this one is over. It is the one from now on.
    private boolean isBesideAnother(Attempt over) {
        Attempt left = hedge == null ? null : hedge.without(over, attempt);
        attempt = left == null ? attempt : left;
        return left != null;
    }

    /// Asking again is as good as asking once, and everything that was sent can be sent again.
    private boolean isRepeatable() {
        return !responding && exchange.request().method().isIdempotent() && isResendable();
    }

    /// All that was sent of the body, if anything, can be sent again. Where [Fault#isUnprocessed] may come that late,
    /// it is kept whatever the method.
    private boolean isResendable() {
        return replay == null || replay.isWhole();
    }

    private boolean hasAttemptsLeft() {
        return exchange.attempts() - exchange.forgiven() < spec.attempts();
    }

    /// Another attempt after a pause, if the budget bears it.
    private boolean tryAgain(Retries.Reason reason, boolean isOver) {
        if (!hasAttemptsLeft()) {
            return false;
        }
        if (retrying == null) {
            retrying = new Retrying(this, upstream);
        }
        if (!retrying.begin(reason, isOver)) {
            return false;
        }
        again = reason;
        exchange.downstream().wantBody(false);
        return true;
    }

    private void endRetrying() {
        if (hedge != null) {
            hedge.end();
        }
        if (retrying != null) {
            retrying.end();
        }
        if (replay != null) {
            replay.end();
        }
    }

    void onOver() {
        attempt = null;
        finish();
    }

    /// The route's time is up, or the client's own.
    void onOverdue(Fault fault, String details, boolean isClients) {
        Attempt on = attempt;
        attempt = null;
        if (on != null) {
            on.giveUp(isClients);
        }
        if (hedge != null) {
            hedge.giveUp(isClients);
        }
        fail(fault, details);
    }

    /// Lets go of everything that is not the attempt's.
    private void finish() {
        over = true;
        endRetrying();
        if (queued != null) {
            queued.end();
        }
        if (deadline != null) {
            deadline.end();
        }
        if (mirrored != null && !requestWhole) {
            mirrored.abandon();
        }
    }

    void fail(Fault fault, String details) {
        finish();
        exchange.fault(fault, details);
        if (responding) {
            exchange.downstream().cut();
        } else {
            FaultResponses.send(exchange, fault, details);
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
        if (mirrored != null) {
            mirrored.peekPiece(data);
        }
        if (!responding && (spec.http2() != null || exchange.request().method().isIdempotent())) {
            replay = replay == null ? new Replay(upstream.replayRoom()) : replay;
            replay.peekPiece(data);
        }
        on.body(data);
    }

    @Override
    public void onEnd(@Nullable Fields trailers) {
        requestWhole = true;
        this.trailers = trailers;
        if (deadline != null) {
            deadline.onRequestWhole();
        }
        if (mirrored != null && mirrored.hasBody()) {
            mirrored.send();
        }
        if (attempt != null && attempt.isConnected()) {
            attempt.end(trailers);
        }
        if (attempt != null) {
            hedgeLater();
        }
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
        finish();
        Attempt on = attempt;
        attempt = null;
        if (on != null) {
            on.abandon();
        }
    }
}
