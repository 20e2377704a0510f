package dev.fairlead.http.exchange;

import dev.fairlead.config.GrpcStatus;
import dev.fairlead.http.message.RequestHead;
import dev.fairlead.upstream.Choice;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.HashKey;
import dev.fairlead.upstream.Retries;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One request with its response: who asks, what was decided, what it took. Its loop only.
public final class Exchange implements Choice {
    // immutable
    private final RequestHead request;
    private final Identity identity;
    private final long startNanos;

    // what was decided
    private Client client;
    private Downstream downstream;
    private @Nullable ResponseFilter filter;
    private ErrorPage @Nullable [] pages;
    private long bodyBytesMax = Long.MAX_VALUE;
    private String route = "";
    private String upstream = "";
    private @Nullable Endpoint endpoint;
    private @Nullable List<Endpoint> tried;
    private @Nullable Endpoint stuckTo;
    private boolean isProofStale;
    private @Nullable List<Endpoint> full;
    private int attempts;
    private int forgiven;
    private long splitId;
    private Retries.@Nullable Reason retried;
    private @Nullable Endpoint asking;
    private @Nullable Hedged hedged;
    private @Nullable Fault fault;
    private String details = "";
    private @Nullable String tunnelEnd;
    private @Nullable String cached;
    private @Nullable GrpcStatus grpcStatus;

    // what it took
    private int status;
    private long requestBytes;
    private long responseBytes;
    private long connectNanos;
    private long sentNanos;
    private long firstByteNanos;

    public Exchange(Client client, Downstream downstream, RequestHead request, Identity identity, long startNanos) {
        this.client = client;
        this.downstream = downstream;
        this.request = request;
        this.identity = identity;
        this.startNanos = startNanos;
    }

    /// Who asks: whoever the connection comes from, or the one for whom a trusted proxy says that it asks.
    public Client client() {
        return client;
    }

    public void client(Client client) {
        this.client = client;
    }

    public Downstream downstream() {
        return downstream;
    }

    /// Its response goes this way from now on. Before anybody has asked for the way.
    public void downstream(Downstream through) {
        downstream = through;
    }

    public RequestHead request() {
        return request;
    }

    /// What we call ourselves towards this client.
    public Identity identity() {
        return identity;
    }

    /// What changes the response's head before it is sent, or null.
    public @Nullable ResponseFilter filter() {
        return filter;
    }

    public void filter(@Nullable ResponseFilter filter) {
        this.filter = filter;
    }

    /// The pages of its route, which go before the listener's.
    public void pages(ErrorPage @Nullable [] ofRoute) {
        pages = ofRoute;
    }

    /// What the client is to be shown with this status, or null.
    public @Nullable ErrorPage page(int status) {
        ErrorPage own = ErrorPage.of(pages, status, false);
        return own == null ? ErrorPage.of(identity.pages(), status, false) : own;
    }

    /// What it is to be shown instead of what an endpoint says with this status, or null.
    public @Nullable ErrorPage pageInstead(int status) {
        if (pages == null && identity.pages() == null) {
            return null;
        }
        ErrorPage own = ErrorPage.of(pages, status, true);
        return own == null ? ErrorPage.of(identity.pages(), status, true) : own;
    }

    /// Bytes that the request's body may have.
    public long bodyBytesMax() {
        return bodyBytesMax;
    }

    public void bodyBytesMax(long bytes) {
        bodyBytesMax = bytes;
    }

    /// When the first byte of the request came.
    public long startNanos() {
        return startNanos;
    }

    public String route() {
        return route;
    }

    public String upstream() {
        return upstream;
    }

    public void routed(String route, String upstream) {
        this.route = route;
        this.upstream = upstream;
    }

    public @Nullable Endpoint endpoint() {
        return endpoint;
    }

    public int attempts() {
        return attempts;
    }

    /// An attempt begins.
    public void attempt(Endpoint on) {
        endpoint = on;
        attempts++;
    }

    /// The last attempt does not count: a pooled connection was dead already.
    public void forgive() {
        forgiven++;
    }

    /// Attempts that do not count towards the upstream's `attempts`.
    public int forgiven() {
        return forgiven;
    }

    /// The attempt failed before its endpoint did anything: the next one goes elsewhere.
    public void failed(Endpoint on) {
        if (tried == null) {
            tried = new ArrayList<>(2);
        }
        tried.add(on);
    }

    /// As [#failed(Endpoint)]; and once every one of `all`, unless that is null, has failed, the next attempt may go
    /// back to one, last of all to this.
    public void failed(Endpoint on, @Nullable List<Endpoint> all) {
        failed(on);
        if (all == null) {
            return;
        }
        for (int i = 0; i < all.size(); i++) {
            if (!hasTried(all.get(i))) {
                return;
            }
        }
        forgetTried();
        if (all.size() > 1) {
            failed(on);
        }
    }

    /// Every endpoint may be tried again.
    public void forgetTried() {
        if (tried != null) {
            tried.clear();
        }
    }

    /// Why the last attempt was not the first; null when it was.
    public Retries.@Nullable Reason retried() {
        return retried;
    }

    public void retried(Retries.Reason reason) {
        retried = reason;
    }

    /// The next picks are for a hedge of the attempt on this endpoint: they go elsewhere. Null: they are not any more.
    public void asking(@Nullable Endpoint on) {
        asking = on;
    }

    /// What came of the hedge; null when there was none.
    public @Nullable Hedged hedged() {
        return hedged;
    }

    public void hedged(Hedged how) {
        hedged = how;
    }

    /// It is full: this pick goes elsewhere, and the next one may come back to it.
    public void passOver(Endpoint on) {
        if (full == null) {
            full = new ArrayList<>(2);
        }
        full.add(on);
    }

    /// A new pick begins.
    public void forgetPassedOver() {
        if (full != null) {
            full.clear();
        }
    }

    @Override
    public boolean hasTried(Endpoint endpoint) {
        return endpoint == asking
                || (tried != null && tried.contains(endpoint))
                || (full != null && full.contains(endpoint));
    }

    /// Whether an attempt has failed: not every endpoint is one for this exchange any more.
    public boolean hasFailed() {
        return tried != null;
    }

    @Override
    public boolean hasFoundFull() {
        return full != null && !full.isEmpty();
    }

    /// The client has proved that it belongs to this endpoint; a stale proof is valid, and has to be replaced.
    public void stick(Endpoint to, boolean isStale) {
        stuckTo = to;
        isProofStale = isStale;
    }

    @Override
    public @Nullable Endpoint stuckTo() {
        return stuckTo;
    }

    /// Whether the client has to be told that it belongs to this endpoint.
    public boolean needsProof(Endpoint of) {
        return stuckTo != of || isProofStale;
    }

    @Override
    public long hash(HashKey key) {
        return KeyHash.of(key, client.address(), request);
    }

    /// What a client without a cookie is to be told by one, which of the shares of a split it belongs to; 0: nothing.
    public long splitId() {
        return splitId;
    }

    public void splitId(long id) {
        splitId = id;
    }

    public @Nullable Fault fault() {
        return fault;
    }

    public String details() {
        return details;
    }

    /// The first fault is the one that counts: what follows is its consequence.
    public void fault(Fault fault, String details) {
        if (this.fault == null) {
            this.fault = fault;
            this.details = details;
        }
    }

    /// How the tunnel ended that the exchange became; null when it became none. Its bytes are those of the bodies.
    public @Nullable String tunnelEnd() {
        return tunnelEnd;
    }

    public void tunnelEnded(String how) {
        tunnelEnd = how;
    }

    /// What the cache did for it; null when its route has none.
    public @Nullable String cached() {
        return cached;
    }

    public void cached(String how) {
        cached = how;
    }

    /// How the call ended that it carried, as the client was told; null: it was none, or broke off.
    public @Nullable GrpcStatus grpcStatus() {
        return grpcStatus;
    }

    public void grpcStatus(GrpcStatus status) {
        grpcStatus = status;
    }

    /// Its response is that of another exchange, which asked in its name.
    public void tookFrom(Exchange other) {
        endpoint = other.endpoint;
        attempts = other.attempts;
        retried = other.retried;
        connectNanos = other.connectNanos;
        sentNanos = other.sentNanos;
        firstByteNanos = other.firstByteNanos;
    }

    /// The status the client was sent, or 0.
    public int status() {
        return status;
    }

    public void status(int status) {
        this.status = status;
    }

    public long requestBytes() {
        return requestBytes;
    }

    public void received(long bytes) {
        requestBytes += bytes;
    }

    public long responseBytes() {
        return responseBytes;
    }

    public void sent(long bytes) {
        responseBytes += bytes;
    }

    /// Spent on connecting, failed attempts included; 0 when a pooled connection was at hand.
    public long connectNanos() {
        return connectNanos;
    }

    public void connected(long nanos) {
        connectNanos += nanos;
    }

    /// When the request's head went to the endpoint, and when the response's came.
    public long sentNanos() {
        return sentNanos;
    }

    public void sentAt(long nanos) {
        sentNanos = nanos;
    }

    public long firstByteNanos() {
        return firstByteNanos;
    }

    /// The endpoint whose answer goes to the client, when it was asked, and when the answer came.
    public void answered(Endpoint by, long askedNanos, long nanos) {
        endpoint = by;
        sentNanos = askedNanos;
        firstByteNanos = nanos;
    }
}
