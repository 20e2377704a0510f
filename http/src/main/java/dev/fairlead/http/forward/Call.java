package dev.fairlead.http.forward;

import dev.fairlead.config.GrpcStatus;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.http.exchange.Exchange;
import dev.fairlead.http.exchange.Grpc;
import dev.fairlead.http.message.Fields;
import dev.fairlead.http.message.ResponseHead;
import dev.fairlead.upstream.Endpoint;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One attempt that is a call of gRPC: what its answer says of the call, and of the endpoint. Its status comes in the
/// head when there is nothing else, and mostly in the trailers, which may be hours later. This loop only.
final class Call {
    private static final long KNOWN = -1;

    private final Exchange exchange;
    private final Endpoint endpoint;
    private final UpstreamSpec spec;
    private @Nullable GrpcStatus status;
    /// How long the head took, of an answer that is not judged yet.
    private long headNanos = KNOWN;

    private Call(Exchange exchange, Endpoint endpoint, UpstreamSpec spec) {
        this.exchange = exchange;
        this.endpoint = endpoint;
        this.spec = spec;
    }

    /// Null: the request is none, or no call could go there.
    static @Nullable Call of(Exchange exchange, Endpoint endpoint, UpstreamSpec spec) {
        return isCall(exchange, spec) ? new Call(exchange, endpoint, spec) : null;
    }

    private static boolean isCall(Exchange exchange, UpstreamSpec spec) {
        return spec.http2() != null && Grpc.isCall(exchange.request());
    }

    /// How long its client waits; null: it is no call, or its client has time.
    static @Nullable Duration timeout(Forwarding forwarding) {
        Exchange exchange = forwarding.exchange();
        long nanos = isCall(exchange, forwarding.spec()) ? Grpc.timeoutNanos(exchange.request()) : Grpc.NO_TIMEOUT;
        return nanos == Grpc.NO_TIMEOUT ? null : Duration.ofNanos(nanos);
    }

    /// The final head has come after so long. Where it is no answer to a call, whatever the client calls its request,
    /// its status says all.
    void onHead(ResponseHead head, long waitedNanos, long nowNanos) {
        status = Grpc.status(head.fields());
        if (status == null && head.status() == 200 && Grpc.isOfCall(head.fields())) {
            headNanos = waitedNanos;
        } else {
            endpoint.answered(waitedNanos, head.status() >= 500 || (status != null && status.isFault()), nowNanos);
        }
    }

    /// Whoever configured it says that a call with such a status did nothing.
    boolean asksAgain() {
        return status != null && spec.retry().grpcStatuses().contains(status);
    }

    /// The answer goes to the client.
    void onTaken() {
        if (status != null) {
            exchange.grpcStatus(status);
        }
    }

    void onEnd(@Nullable Fields trailers, long nowNanos) {
        if (headNanos == KNOWN) {
            return;
        }
        GrpcStatus said = trailers == null ? null : Grpc.status(trailers);
        // As its clients take it.
        GrpcStatus ended = said == null ? GrpcStatus.UNKNOWN : said;
        exchange.grpcStatus(ended);
        endpoint.answered(headNanos, ended.isFault(), nowNanos);
        headNanos = KNOWN;
    }

    /// Its answer has begun, and nothing is said of the endpoint yet.
    boolean isOpen() {
        return headNanos != KNOWN;
    }
}
