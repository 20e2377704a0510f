package dev.fairlead.l4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.QueueSpec;
import dev.fairlead.config.RetrySpec;
import dev.fairlead.config.UpstreamSpec;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.upstream.Upstream;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Flows whose endpoint cannot be connected, and the budget for trying others.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class RetryTest {
    private Door door;
    private Peer echo;

    @BeforeEach
    void open() throws IOException {
        door = new Door();
        echo = Peer.echo();
    }

    @AfterEach
    void close() throws IOException {
        door.close();
        echo.close();
    }

    /// Two endpoints that refuse, then one that serves; and this budget.
    private Upstream start(Duration connect, int budget, int budgetMin) throws IOException {
        var retry = new RetrySpec(List.of(), null, Duration.ofMillis(2), Duration.ofMillis(2), budget, budgetMin, 0, 0);
        door.upstreams.put(new UpstreamSpec(
                "db",
                List.of(
                        new EndpointSpec(Peer.dead(), 1, 0),
                        new EndpointSpec(Peer.dead(), 1, 0),
                        new EndpointSpec(echo.address(), 1, 0)),
                new BalancerSpec(BalancerSpec.Algorithm.FIRST, null, 0),
                null,
                new UpstreamTimeouts(connect, Duration.ofSeconds(10), Duration.ofSeconds(10)),
                new PoolSpec(0, Duration.ofSeconds(1)),
                QueueSpec.OFF,
                null,
                3,
                null,
                0,
                Duration.ZERO,
                null,
                null,
                null,
                null,
                retry));
        door.fallback("db").open();
        return door.upstreams.get("db");
    }

    private long retries() {
        return door.metrics.counter(Metric.UPSTREAM_RETRIES, "db", "connect").value();
    }

    private long refusals() {
        return door.metrics.counter(Metric.UPSTREAM_RETRY_REFUSALS, "db").value();
    }

    @Test
    void countsEachConnectThatIsTriedAgain() throws Exception {
        start(Duration.ofSeconds(5), 20, 3);
        try (Socket client = door.connect()) {
            client.getOutputStream().write(7);
            assertThat(client.getInputStream().read()).isEqualTo(7);
        }
        until(() -> door.ended() == 1);
        assertThat(retries()).isEqualTo(2);
        assertThat(refusals()).isZero();
        assertThat(door.log()).contains("\"attempts\":3").contains("client-fin");
        // Every place in the budget was given back.
        assertThat(door.upstreams.get("db").retries().underWay()).isZero();
    }

    @Test
    void endsAFlowThatTheBudgetNeverBears() throws Exception {
        start(Duration.ofMillis(50), 0, 0);
        try (Socket client = door.connect()) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        }
        until(() -> door.ended() == 1);
        assertThat(retries()).isZero();
        assertThat(refusals()).isEqualTo(1);
        assertThat(door.log()).contains("\"attempts\":1").contains("refused");
    }

    @Test
    void waitsUntilTheBudgetBearsIt() throws Exception {
        Upstream upstream = start(Duration.ofSeconds(30), 0, 1);
        assertThat(upstream.tryRetryPlace(true)).isTrue();
        upstream.retries().pauseOver();
        try (Socket client = door.connect()) {
            until(() -> upstream.endpoints().getFirst().connectFailures() == 1);
            assertThat(door.ended()).isZero();
            upstream.retries().end();
            client.getOutputStream().write(7);
            assertThat(client.getInputStream().read()).isEqualTo(7);
        }
        until(() -> door.ended() == 1);
        assertThat(retries()).isEqualTo(2);
        assertThat(refusals()).isZero();
    }

    @Test
    void forgetsAClientThatResetsWhileItWaits() throws Exception {
        Upstream upstream = start(Duration.ofSeconds(30), 0, 0);
        try (Socket client = door.connect()) {
            until(() -> upstream.endpoints().getFirst().connectFailures() == 1);
            client.setSoLinger(true, 0);
        }
        until(() -> door.count(Metric.FLOWS, "client-reset") == 1);
        until(() -> door.connections() == 0);
        assertThat(upstream.retries().underWay()).isZero();
    }

    private static void until(BooleanSupplier holds) {
        long giveUpNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - giveUpNanos).as("time left").isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }
}
