package dev.fairlead.http.forward;

import dev.fairlead.config.RouteTimeouts;
import dev.fairlead.http.exchange.Fault;
import dev.fairlead.net.Deadline;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// When an exchange must be over, and its request whole, as its route says. Made only where a route does. This loop
/// only.
final class RouteDeadline extends Deadline {
    private final Forwarding forwarding;
    private final @Nullable Duration total;
    private final long startNanos;
    private boolean awaitsRequest;

    private RouteDeadline(Forwarding forwarding, @Nullable Duration total) {
        super(forwarding.forwarder().loop());
        this.forwarding = forwarding;
        this.total = total;
        this.startNanos = forwarding.exchange().startNanos();
    }

    /// Null when the route bounds neither.
    static @Nullable RouteDeadline begin(Forwarding forwarding, @Nullable RouteTimeouts timeouts) {
        if (timeouts == null || (timeouts.request() == null && timeouts.total() == null)) {
            return null;
        }
        var deadline = new RouteDeadline(forwarding, timeouts.total());
        Duration request = timeouts.request();
        Duration total = timeouts.total();
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
            forwarding.onOverdue(Fault.REQUEST_TIMEOUT, "timeouts.request");
        } else {
            forwarding.onOverdue(Fault.TOTAL_TIMEOUT, "timeouts.total");
        }
    }
}
