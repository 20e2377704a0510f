package dev.fairlead.http.forward;

import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.exchange.FaultResponses;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.net.Waiting;
import dev.fairlead.upstream.Retries;
import dev.fairlead.upstream.Upstream;
import dev.fairlead.upstream.limit.Waiter;
import dev.fairlead.upstream.limit.WaitingQueue;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One exchange on its way to an endpoint: an [Attempt], and another one while that is safe and allowed (see
/// `retry`). Safe is what the endpoint cannot have begun ([Fault#isUnprocessed]); and a request that may be asked
/// twice (RFC 9110 §9.2.2), of whose body all that was sent is kept, while the client has seen nothing of an answer.
///
/// What was never processed costs no place in the budget and no pause: it puts no more work on the upstream than
/// its clients asked for. Every endpoint is asked to accept once, and a dead idle connection is replaced once. This
/// loop only.
final class Forwarding implements Upload, Waiting.Owner {
    private final Forwarder forwarder;
    private final Exchange exchange;
    private final Upstream upstream;
    private final UpstreamSpec spec;
    private final Destination destination;

    private @Nullable Attempt attempt;
    private @Nullable Waiting waiting;
    private @Nullable Retrying retrying;
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
        Duration ofAttempt = attemptTimeout();
        Duration firstByte = destination.firstByte(spec);
        return (ofAttempt == null || ofAttempt.compareTo(firstByte) > 0 ? firstByte : ofAttempt).toNanos();
    }

    /// Only where another attempt may follow: else there is nothing better to do than to wait.
    private @Nullable Duration attemptTimeout() {
        Duration asked = spec.retry().attemptTimeout();
        return asked != null && hasAttemptsLeft() && isRepeatable() ? asked : null;
    }

    // ---- the next attempt ----

    void begin() {
        deadline = RouteDeadline.begin(this, destination.timeouts());
        Mirror mirror = destination.mirror();
        if (mirror != null && mirror.tryBegin(exchange.request())) {
            mirrored = new Mirrored(mirror, forwarder, exchange);
        }
        attemptOrAwait();
        if (mirrored != null && !mirrored.hasBody()) {
            mirrored.send();
        }
    }

    /// The first attempt, or a place in the queue when others wait already.
    private void attemptOrAwait() {
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

    /// Picks an endpoint and goes to it. False when none is left.
    private boolean tryAttempt() {
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
        if (!begun.isConnected()) {
            exchange.downstream().wantBody(false);
            begun.connect(now);
            return true;
        }
        begun.use(now);
        onConnected(begun);
        if (exchange.attempts() > 1 || waiting != null) {
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

    // ---- what came of an attempt ----

    /// Whether this answer goes to the client. Else another attempt follows.
    boolean takes(Attempt from, ResponseHead head) {
        if (spec.retry().isFor(head.status()) && isRepeatable() && tryAgain(Retries.Reason.STATUS, false)) {
            attempt = null;
            exchange.failed(from.endpoint(), upstream.endpoints());
            lastFault = Fault.NO_ENDPOINT;
            lastDetails = "no endpoint for the next attempt";
            return false;
        }
        responding = true;
        endRetrying();
        forwarder.stick(exchange, upstream, destination, from.endpoint(), head.fields());
        return true;
    }

    /// The attempt broke off, or never came about.
    void onBroken(Attempt on, boolean reused, Fault fault, String details) {
        attempt = null;
        lastFault = fault;
        lastDetails = details;
        if (fault.isUnprocessed()) {
            exchange.failed(on.endpoint());
            if (hasAttemptsLeft()) {
                atOnce(Retries.Reason.CONNECT);
                return;
            }
        } else if (isRepeatable()) {
            if (fault == Fault.CONNECTION_TERMINATED && reused) {
                // It died idle: the endpoint may be well, and other idle connections to it as dead as this one.
                freshOnly = true;
                exchange.forgive();
                atOnce(Retries.Reason.IDLE);
                return;
            }
            if (fault == Fault.CONNECTION_TERMINATED) {
                // Not there again: it may be this request that ends it.
                exchange.failed(on.endpoint());
                if (tryAgain(Retries.Reason.RESET, true)) {
                    return;
                }
            } else if (fault == Fault.RESPONSE_TIMEOUT && attemptTimeout() != null) {
                lastDetails = "retry.attempt-timeout";
                if (tryAgain(Retries.Reason.TIMEOUT, true)) {
                    exchange.failed(on.endpoint(), upstream.endpoints());
                    return;
                }
            }
        }
        fail(lastFault, lastDetails);
    }

    /// Asking again is as good as asking once, and everything that was sent can be sent again.
    private boolean isRepeatable() {
        return !responding && exchange.request().method().isIdempotent() && (replay == null || replay.isWhole());
    }

    private boolean hasAttemptsLeft() {
        return exchange.attempts() - exchange.forgiven() < spec.attempts();
    }

    private void atOnce(Retries.Reason reason) {
        upstream.retries().count(reason);
        exchange.retried(reason);
        attempt();
    }

    /// Another attempt after a pause, if the budget bears it.
    private boolean tryAgain(Retries.Reason reason, boolean isOver) {
        if (!hasAttemptsLeft()) {
            return false;
        }
        Retrying next = retrying;
        if (next == null) {
            next = new Retrying(this, forwarder.loop(), upstream);
            retrying = next;
        }
        if (!next.begin(reason, isOver)) {
            return false;
        }
        exchange.retried(reason);
        exchange.downstream().wantBody(false);
        return true;
    }

    void onPauseOver() {
        if (tryAttempt()) {
            return;
        }
        if (exchange.retried() != Retries.Reason.RESET) {
            // The others are down: where it was already is better than nowhere.
            exchange.forgetTried();
        }
        attempt();
    }

    private void endRetrying() {
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

    /// The route's time is up.
    void onOverdue(Fault fault, String details) {
        Attempt on = attempt;
        attempt = null;
        if (on != null) {
            on.giveUp();
        }
        stopWaiting();
        fail(fault, details);
    }

    private void stopWaiting() {
        if (waiting != null) {
            waiting.abandon();
            waiting = null;
        }
    }

    /// Lets go of everything that is not the attempt's.
    private void finish() {
        over = true;
        endRetrying();
        if (deadline != null) {
            deadline.end();
        }
        if (mirrored != null && !requestWhole) {
            mirrored.abandon();
        }
    }

    private void fail(Fault fault, String details) {
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
        if (!responding && exchange.request().method().isIdempotent()) {
            if (replay == null) {
                replay = new Replay(upstream.replayRoom());
            }
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
        stopWaiting();
    }
}
