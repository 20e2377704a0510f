package dev.fairlead.http.forward;

import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.http.compress.CompressionLane;
import dev.fairlead.http.compress.Recoding;
import dev.fairlead.http.compress.RouteCompression;
import dev.fairlead.http.exchange.Conduit;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Upload;
import dev.fairlead.http.filter.StickyFields;
import dev.fairlead.http.message.Bytes;
import dev.fairlead.http.message.Fields;
import dev.fairlead.net.Loop;
import dev.fairlead.net.tls.Origination;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Upstream;
import org.jspecify.annotations.Nullable;

/// Sends exchanges to endpoints, over the connections of one loop. This loop only.
public final class Forwarder {
    private final Loop loop;
    private final Originations originations;
    private final Bytes scratch = new Bytes(4096);
    private final Pool pool;
    private final Trunks trunks;
    private final CompressionLane compressing;
    private final StickyFields sticky = new StickyFields();

    public Forwarder(Loop loop, Originations originations) {
        this.loop = loop;
        this.originations = originations;
        this.pool = new Pool(loop);
        this.trunks = new Trunks(loop, scratch);
        this.compressing = new CompressionLane(loop);
    }

    /// Begins to forward; the answer may come before this returns.
    public Upload begin(Exchange exchange, Upstream upstream, Destination destination) {
        RouteCompression compression = destination.compression();
        if (compression == null) {
            return forward(exchange, upstream, destination);
        }
        Recoding recoding = compressing.begin(exchange, compression);
        return recoding.of(forward(exchange, upstream, destination));
    }

    private Upload forward(Exchange exchange, Upstream upstream, Destination destination) {
        sticky.read(exchange, upstream);
        var forwarding = new Forwarding(this, exchange, upstream, destination);
        forwarding.begin();
        return forwarding;
    }

    /// An attempt on the endpoint that is next, past those that are full, with all that it takes of it: a place, and
    /// an idle connection or the right to open one. Null when no endpoint is left.
    @Nullable
    Attempt take(Forwarding forwarding, Upstream upstream, boolean freshOnly, long nowNanos) {
        Exchange exchange = forwarding.exchange();
        exchange.forgetPassedOver();
        for (Endpoint endpoint = upstream.pick(exchange, nowNanos);
                endpoint != null;
                endpoint = upstream.pick(exchange, nowNanos)) {
            if (endpoint.isFull()) {
                // Nothing is taken that would be given back: that wakes who waits, this exchange among them.
                endpoint.passOver();
                exchange.passOver(endpoint);
                continue;
            }
            UpstreamSpec spec = upstream.spec();
            // Once for all that follows: a reload may change it meanwhile.
            Origination secured = origination(spec);
            Conduit there = there(endpoint, spec, secured, freshOnly, nowNanos);
            boolean opens = there == null && !(spec.http2() != null && trunks.isComing(endpoint, secured));
            if (opens && !endpoint.tryOpenConnection()) {
                exchange.passOver(endpoint);
                continue;
            }
            if (!endpoint.tryBegin()) {
                // Others filled it since it was picked.
                if (opens) {
                    endpoint.connectionClosed();
                } else if (there != null) {
                    there.free(spec.pool(), nowNanos);
                }
                exchange.passOver(endpoint);
                continue;
            }
            return new Attempt(forwarding, endpoint, secured, there);
        }
        return null;
    }

    /// A connection to the endpoint that can be used now, or a place on one; null: there is none.
    private @Nullable Conduit there(
            Endpoint endpoint, UpstreamSpec spec, @Nullable Origination secured, boolean freshOnly, long nowNanos) {
        if (spec.http2() != null) {
            return trunks.take(endpoint, secured, nowNanos);
        }
        return freshOnly ? null : pool.take(endpoint, secured);
    }

    /// Closes every idle connection, and what else is kept for the next exchange.
    public void closeIdle() {
        pool.close();
        trunks.close();
        compressing.close();
    }

    /// How TLS is spoken to the upstream's endpoints; null: not at all, or it cannot be.
    private @Nullable Origination origination(UpstreamSpec upstream) {
        return upstream.tls() == null ? null : originations.of(upstream.name());
    }

    Loop loop() {
        return loop;
    }

    /// What heads are put together in, by whoever is on this loop.
    public Bytes scratch() {
        return scratch;
    }

    /// Adds to the final head of a response what tells the client where it belongs.
    void stick(Exchange exchange, Upstream upstream, Destination destination, Endpoint endpoint, Fields fields) {
        sticky.answer(exchange, upstream, endpoint, fields);
        Split split = destination.split();
        if (split != null) {
            split.answer(exchange, fields, scratch);
        }
    }

    Pool pool() {
        return pool;
    }

    Trunks trunks() {
        return trunks;
    }
}
