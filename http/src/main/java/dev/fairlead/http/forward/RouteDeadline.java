package dev.fairlead.http.forward;

import dev.fairlead.config.RouteTimeouts;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.net.Deadline;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// When an exchange must be over, and its request whole, as its route says, or a gRPC call that its client waits no
/// longer for. Made only where one of them does. This loop only.
final class RouteDeadline extends Deadline {
    private final Forwarding forwarding;
    private final @Nullable Duration total;
    /// The client says in how long, and not the route.
    private final boolean isClients;
    private final long startNanos;
    private boolean awaitsRequest;

    private RouteDeadline(Forwarding forwarding, @Nullable Duration total, boolean isClients) {
        super(forwarding.forwarder().loop());
        this.forwarding = forwarding;
        this.total = total;
        this.isClients = isClients;
        this.startNanos = forwarding.exchange().startNanos();
    }

    /// Null when nobody bounds either.
    static @Nullable RouteDeadline begin(Forwarding forwarding, @Nullable RouteTimeouts timeouts) {
        Duration ofCall = Call.timeout(forwarding);
        if (timeouts == null && ofCall == null) {
            return null;
        }
        Duration request = timeouts == null ? null : timeouts.request();
        Duration total = timeouts == null ? null : timeouts.total();
        boolean isCall = ofCall != null && (total == null || ofCall.compareTo(total) < 0);
        total = isCall ? ofCall : total;
        if (request == null && total == null) {
            return null;
        }
        var deadline = new RouteDeadline(forwarding, total, isCall);
        if (request != null && (total == null || request.compareTo(total) < 0)) {
            deadline.awaitsRequest = true;
            deadline.at(deadline.startNanos + request.toNanos());
        } else {
            deadline.awaitTotal();
        }
        return deadline;
    }

    private void awaitTotal() {
        if (total == null) {
            clear();
        } else {
            at(startNanos + total.toNanos());
        }
    }

    void onRequestWhole() {
        if (awaitsRequest) {
            awaitsRequest = false;
            awaitTotal();
        }
    }

    @Override
    protected void onExpired(long nowNanos) {
        if (awaitsRequest) {
            forwarding.onOverdue(Fault.REQUEST_TIMEOUT, "timeouts.request", false);
        } else {
            forwarding.onOverdue(Fault.TOTAL_TIMEOUT, isClients ? "grpc-timeout" : "timeouts.total", isClients);
        }
    }
}
