package dev.fairlead.http.forward;

import dev.fairlead.config.UpstreamHttp2Spec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.http.exchange.Conduit;
import dev.fairlead.http.h2.H2Trunk;
import dev.fairlead.net.Connector;
import dev.fairlead.net.Loop;
import dev.fairlead.net.tls.Origination;
import dev.fairlead.upstream.Endpoint;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An HTTP/2 connection on its way to an endpoint, and the attempts that wait for it. This loop only.
final class Reaching {
    private final Trunks trunks;
    private final Loop loop;
    private final Endpoint endpoint;
    private final UpstreamHttp2Spec spec;
    private final @Nullable Origination origination;
    private final H2Trunk trunk;
    private final long begunNanos;
    private final List<Attempt> waiting = new ArrayList<>();

    Reaching(Trunks trunks, H2Trunk trunk, UpstreamHttp2Spec spec, @Nullable Origination origination, long nowNanos) {
        this.trunks = trunks;
        this.loop = trunk.loop();
        this.trunk = trunk;
        this.endpoint = trunk.endpoint();
        this.spec = spec;
        this.origination = origination;
        this.begunNanos = nowNanos;
    }

    /// Throws [io.netty.channel.ChannelException] when there is no descriptor for it.
    void begin(UpstreamSpec upstream) {
        int timeoutMillis = (int) upstream.timeouts().connect().toMillis();
        Future<Void> connecting = origination == null
                ? Connector.connect(loop, endpoint.address(), timeoutMillis, false, trunk.handler())
                : origination.connect(
                        loop, endpoint.address(), endpoint.origin().serverName(), timeoutMillis, trunk.handler());
        connecting.addListener(this::onDone);
    }

    boolean hasRoom(@Nullable Origination by) {
        return origination == by && waiting.size() < spec.streams();
    }

    void join(Attempt attempt) {
        waiting.add(attempt);
    }

    private void onDone(Future<?> done) {
        long now = System.nanoTime();
        if (done.isSuccess()) {
            endpoint.connected();
        } else {
            endpoint.connectionClosed();
            endpoint.connectFailed(now, false);
        }
        trunks.reached(this, done.isSuccess() ? trunk : null);
        for (Attempt attempt : waiting) {
            Conduit place = done.isSuccess() ? trunk.take() : null;
            // Not now: the handler has not heard of the connection yet, and its preface comes first.
            loop.eventLoop().execute(() -> {
                if (place != null) {
                    attempt.onReached(place, begunNanos, now);
                } else {
                    attempt.onUnreached(done.cause(), begunNanos, now);
                }
            });
        }
        if (done.isSuccess()) {
            trunk.begin();
        }
    }

    Endpoint endpoint() {
        return endpoint;
    }
}
