package dev.fairlead.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.AccessLogSpec;
import dev.fairlead.config.Address;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.QueueSpec;
import dev.fairlead.config.RetrySpec;
import dev.fairlead.config.TcpListenerSpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.metrics.Metrics;
import dev.fairlead.net.AccessLog;
import dev.fairlead.net.Loops;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Upstreams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Flows that wait because every endpoint is full.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class FlowQueueTest {
    @TempDir
    private Path folder;

    private final Metrics metrics = new Metrics();
    private final Upstreams upstreams = new Upstreams(metrics);
    private final AtomicInteger now = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private Loops loops;
    private AccessLog log;
    private Peer peer;
    private TcpPlane plane;

    @BeforeEach
    void open() throws IOException {
        loops = new Loops(2);
        log = AccessLog.open(
                new AccessLogSpec(folder.resolve("access.log").toString(), AccessLogSpec.Format.JSON), metrics);
        peer = new Peer(socket -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            int one = socket.getInputStream().read();
            now.decrementAndGet();
            socket.getOutputStream().write(one);
            socket.getInputStream().readAllBytes();
        });
    }

    @AfterEach
    void everythingIsGivenBack() throws Exception {
        plane.close();
        until(() -> plane.open() == 0);
        Endpoint endpoint = upstreams.get("db").endpoints().getFirst();
        until(() -> endpoint.active() == 0 && endpoint.connections() == 0);
        assertThat(waiting()).isZero();
        peer.close();
        log.close();
        loops.close();
    }

    private void start(QueueSpec queue, int maxConnections, int maxRequests) throws IOException {
        var timeouts = new UpstreamTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(10));
        upstreams.put(new UpstreamSpec(
                "db",
                List.of(new EndpointSpec(peer.address(), 1, maxConnections, maxRequests, 0, null)),
                BalancerSpec.ROUND_ROBIN,
                null,
                timeouts,
                new PoolSpec(0, Duration.ofSeconds(1)),
                queue,
                null,
                3,
                null,
                0,
                Duration.ZERO,
                null,
                null,
                null,
                null,
                RetrySpec.DEFAULT));
        var address = new Address(InetAddress.getLoopbackAddress(), 0);
        plane = new TcpPlane(
                new TcpListenerSpec("db", address, "db", 1000, Duration.ofMinutes(1)), loops, upstreams, metrics, log);
        plane.start();
    }

    private Socket connect() throws IOException {
        var socket = new Socket();
        socket.connect(plane.boundAddress());
        return socket;
    }

    private int waiting() {
        return upstreams.get("db").queue().length();
    }

    private long waits(String outcome) {
        return metrics.counter(Metric.UPSTREAM_QUEUE_WAITS, "db", outcome).value();
    }

    @Test
    void servesAHundredFlowsInOrderTwoAtATime() throws Exception {
        serveAHundred(0, 2);
    }

    @Test
    void servesAHundredFlowsOverTwoConnections() throws Exception {
        serveAHundred(2, 0);
    }

    private void serveAHundred(int maxConnections, int maxRequests) throws Exception {
        start(new QueueSpec(1024, Duration.ofSeconds(30)), maxConnections, maxRequests);
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            clients.add(connect());
            int come = i + 1;
            until(() -> waiting() + now.get() == come);
        }
        for (int i = 0; i < 100; i++) {
            try (Socket client = clients.get(i)) {
                // Only those that are on it answer: each is served in its turn.
                client.setSoTimeout(10_000);
                client.getOutputStream().write(i);
                assertThat(client.getInputStream().read()).isEqualTo(i);
            }
        }
        assertThat(most.get()).isLessThanOrEqualTo(2);
        assertThat(waits("served")).isEqualTo(98);
    }

    @Test
    void resetsAFlowThatWaitedTooLong() throws Exception {
        start(new QueueSpec(10, Duration.ofMillis(100)), 0, 1);
        try (Socket first = connect()) {
            until(() -> now.get() == 1);
            try (Socket late = connect()) {
                assertThatThrownBy(() -> late.getInputStream().read()).isInstanceOf(IOException.class);
            }
            first.getOutputStream().write(7);
            assertThat(first.getInputStream().read()).isEqualTo(7);
        }
        until(() -> metrics.counter(Metric.FLOWS, "db", "full").value() == 1);
        assertThat(waits("timeout")).isEqualTo(1);
    }

    @Test
    void forgetsAClientThatResets() throws Exception {
        start(new QueueSpec(10, Duration.ofSeconds(30)), 0, 1);
        try (Socket first = connect()) {
            until(() -> now.get() == 1);
            try (Socket leaving = connect()) {
                until(() -> waiting() == 1);
                leaving.setSoLinger(true, 0);
            }
            until(() -> waiting() == 0);
            first.getOutputStream().write(7);
            assertThat(first.getInputStream().read()).isEqualTo(7);
        }
        assertThat(waits("left")).isEqualTo(1);
    }

    private static void until(BooleanSupplier holds) {
        long giveUpNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - giveUpNanos).as("time left").isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }
}
