package dev.fairlead.server;

import dev.fairlead.admin.EndpointOrder;
import dev.fairlead.admin.EndpointOrder.Told;
import dev.fairlead.admin.EndpointOrder.Wish;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Manual;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The drains of endpoints that have a deadline: when it comes, the flows that are left are cut. Control thread; any
/// may read.
final class EndpointDrains {
    private static final Logger LOG = LoggerFactory.getLogger(EndpointDrains.class);

    private final Topology topology;
    private final ScheduledExecutorService control;
    private final Map<Endpoint, Long> deadlines = new ConcurrentHashMap<>();

    EndpointDrains(Topology topology, ScheduledExecutorService control) {
        this.topology = topology;
        this.control = control;
    }

    @Nullable
    Long deadlineNanos(Endpoint endpoint) {
        return deadlines.get(endpoint);
    }

    Told follow(EndpointOrder order) {
        Told told = order.follow(topology.upstreams());
        if (told instanceof Told.Done(Endpoint endpoint) && order.wish() instanceof Wish.State(var _, int seconds)) {
            deadlines.remove(endpoint);
            if (seconds > 0) {
                Long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
                deadlines.put(endpoint, deadline);
                control.schedule(() -> end(endpoint, deadline), seconds, TimeUnit.SECONDS);
            }
        }
        return told;
    }

    private void end(Endpoint endpoint, Long deadline) {
        // Another order may have come since.
        if (!deadlines.remove(endpoint, deadline) || endpoint.manual() != Manual.DRAIN || endpoint.active() == 0) {
            return;
        }
        LOG.atWarn()
                .addKeyValue("endpoint", endpoint)
                .addKeyValue("flows", endpoint.active())
                .log("drain of an endpoint is over: flows cut");
        topology.cut(endpoint);
    }
}
