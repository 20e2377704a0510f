package dev.fairlead.server;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The end of the process, begun once: nothing new is accepted, what has begun goes on until it is over or the
/// drain timeout has come.
final class Drain {
    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);
    private static final long POLL_MILLIS = 20;

    /// `timeout` and terminals signal the process and its group: one wish that comes twice.
    private static final long SAME_WISH_NANOS = 500_000_000;

    private final Topology topology;
    private final ScheduledExecutorService control;
    private final CountDownLatch over = new CountDownLatch(1);

    // control thread only
    private long begunNanos;

    // written by the control thread, read by any
    private volatile boolean begun;

    Drain(Topology topology, ScheduledExecutorService control) {
        this.topology = topology;
        this.control = control;
    }

    boolean hasBegun() {
        return begun;
    }

    void await() throws InterruptedException {
        over.await();
    }

    /// Begins; when that was done before, ends it at once. Control thread.
    void begin() {
        long now = System.nanoTime();
        if (begun) {
            if (now - begunNanos > SAME_WISH_NANOS) {
                LOG.warn("drain cut short");
                topology.cut();
                over.countDown();
            }
            return;
        }
        begun = true;
        begunNanos = now;
        Duration timeout = topology.config().drainTimeout();
        topology.leaveAll();
        LOG.atInfo()
                .addKeyValue("connections", topology.leavingOpen())
                .addKeyValue("timeout", timeout.toMillis() + "ms")
                .log("drain begun");
        poll();
    }

    private void poll() {
        if (topology.isEmpty()) {
            over.countDown();
        } else {
            control.schedule(this::poll, POLL_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
