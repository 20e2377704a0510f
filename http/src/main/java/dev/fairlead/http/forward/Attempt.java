package dev.fairlead.http.forward;

import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.http.codec.UpstreamConnection;
import dev.fairlead.http.exchange.Answers;
import dev.fairlead.http.exchange.Downstream;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.net.Connector;
import dev.fairlead.upstream.Endpoint;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// One try of an exchange on one endpoint: a connection, the request on it, and the answer passed on. This loop
/// only.
final class Attempt implements Answers {
    private final Forwarding forwarding;
    private final Exchange exchange;
    private final Downstream downstream;
    private final UpstreamSpec spec;
    private final Endpoint endpoint;

    private @Nullable UpstreamConnection connection;
    private boolean abandoned;
    private boolean bodyStopped;
    private boolean answerStopped;

    Attempt(Forwarding forwarding, Endpoint endpoint) {
        this.forwarding = forwarding;
        this.exchange = forwarding.exchange();
        this.downstream = exchange.downstream();
        this.spec = forwarding.spec();
        this.endpoint = endpoint;
    }

    /// The right to open a connection has been taken.
    void connect(long nowNanos) {
        Forwarder forwarder = forwarding.forwarder();
        var opening = new UpstreamConnection(forwarder.loop(), endpoint, forwarder.pool(), forwarder.scratch());
        int timeoutMillis = (int) spec.timeouts().connect().toMillis();
        try {
            Connector.connect(forwarder.loop(), endpoint.address(), timeoutMillis, false, opening)
                    .addListener(done -> onConnect(opening, done, nowNanos));
        } catch (ChannelException noDescriptor) {
            // It is not the endpoint's fault, and no other endpoint would do better.
            endpoint.connectionClosed();
            endpoint.end();
            forwarding.onBroken(endpoint, false, Fault.NO_DESCRIPTOR, "no descriptor left");
        }
    }

    private void onConnect(UpstreamConnection opened, Future<?> done, long begunNanos) {
        long now = System.nanoTime();
        exchange.connected(now - begunNanos);
        if (done.isSuccess()) {
            endpoint.connected();
            if (abandoned) {
                // Nobody waits for it any more; the next exchange may.
                keep(opened, now);
                return;
            }
            use(opened, now);
            forwarding.onConnected();
            flush();
            return;
        }
        endpoint.connectionClosed();
        endpoint.connectFailed(now);
        if (!abandoned) {
            endpoint.end();
            boolean late = done.cause() instanceof ConnectTimeoutException;
            forwarding.onConnectFailed(
                    endpoint,
                    late ? Fault.CONNECTION_TIMEOUT : Fault.CONNECTION_REFUSED,
                    late ? "timeouts.connect" : "no endpoint accepted a connection");
        }
    }

    boolean isConnected() {
        return connection != null;
    }

    /// Sends the head on this connection.
    void use(UpstreamConnection on, long nowNanos) {
        connection = on;
        exchange.sentAt(nowNanos);
        on.begin(exchange.request(), this);
    }

    // ---- the request ----

    void body(ByteBuf data) {
        UpstreamConnection on = open();
        on.body(data);
        if (!on.isWritable()) {
            bodyStopped = true;
            downstream.wantBody(false);
            on.awaitProgress(System.nanoTime() + spec.timeouts().idle().toNanos());
        }
    }

    void end(@Nullable Fields trailers) {
        open().end(trailers);
        if (exchange.firstByteNanos() == 0) {
            open().awaitResponse(System.nanoTime() + spec.timeouts().firstByte().toNanos());
        } else if (isAnswering()) {
            open().awaitProgress(System.nanoTime() + spec.timeouts().idle().toNanos());
        }
    }

    void flush() {
        if (connection != null) {
            connection.flush();
        }
    }

    @Override
    public void onWritable() {
        if (bodyStopped) {
            bodyStopped = false;
            if (isAnswering()) {
                open().awaitProgress(System.nanoTime() + spec.timeouts().idle().toNanos());
            } else {
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
        exchange.firstByteAt(now);
        endpoint.answered(now - exchange.sentNanos(), head.status() >= 500, now);
        forwarding.onResponse();
        forwarding.stick(endpoint, head);
        open().awaitProgress(now + spec.timeouts().idle().toNanos());
        downstream.respond(head);
    }

    @Override
    public void onBody(ByteBuf data) {
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
        downstream.flush();
        if (connection != null && isAnswering()) {
            connection.awaitProgress(System.nanoTime() + spec.timeouts().idle().toNanos());
        }
    }

    /// The response has begun, and it is the endpoint that is to go on with it.
    private boolean isAnswering() {
        return exchange.firstByteNanos() != 0 && !answerStopped;
    }

    /// The client takes bytes again.
    void wantAnswer() {
        if (answerStopped && connection != null) {
            answerStopped = false;
            connection.awaitProgress(System.nanoTime() + spec.timeouts().idle().toNanos());
            connection.wantAnswer(true);
        }
    }

    @Override
    public void onEnd(@Nullable Fields trailers) {
        UpstreamConnection free = open();
        connection = null;
        endpoint.end();
        forwarding.onOver();
        keep(free, System.nanoTime());
        downstream.end(trailers);
        downstream.flush();
    }

    @Override
    public void onBroken(Fault fault, String details) {
        boolean reused = open().isReused();
        connection = null;
        endpoint.end();
        if (!reused || fault != Fault.CONNECTION_TERMINATED || exchange.firstByteNanos() != 0) {
            // A pooled connection that died idle says nothing of the endpoint.
            long now = System.nanoTime();
            endpoint.broke(now - exchange.sentNanos(), now);
        }
        forwarding.onBroken(endpoint, reused, fault, details);
    }

    /// The client is gone: so is the reason for this.
    void abandon() {
        abandoned = true;
        endpoint.end();
        if (connection != null) {
            connection.abandon();
            connection = null;
        }
    }

    private void keep(UpstreamConnection free, long nowNanos) {
        if (free.isReusable()
                && !endpoint.isConnectionWantedElsewhere(
                        forwarding.forwarder().loop().eventLoop())) {
            free.wantAnswer(true);
            forwarding
                    .forwarder()
                    .pool()
                    .put(
                            free,
                            spec.pool().idleMax(),
                            nowNanos + spec.pool().idleTimeout().toNanos());
        } else {
            free.close();
        }
    }

    private UpstreamConnection open() {
        UpstreamConnection on = connection;
        assert on != null;
        return on;
    }
}
