package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.Address;
import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.RetrySpec;
import dev.fairlead.config.StatusRange;
import dev.fairlead.config.UpstreamTimeouts;
import dev.fairlead.http.Wire.Message;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Hedging;
import dev.fairlead.upstream.Upstream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Second attempts beside the first. `RunningPlane` checks after each that nothing is left on an endpoint.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneHedgeTest {
    private static final int ANSWERS = 100;

    @RegisterExtension
    private final RunningPlane plane = new RunningPlane();

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();
    private final CountDownLatch release = new CountDownLatch(1);

    /// So that the endpoint of the first attempt is certain.
    @BeforeEach
    void hedgeOfTheFirstEndpoint() {
        plane.balancer = new BalancerSpec(BalancerSpec.Algorithm.FIRST, null, 0);
        plane.retry = RetrySpec.DEFAULT.hedging(95, Duration.ofMillis(5));
    }

    @Test
    void theFasterAnswers() throws Exception {
        startMeasured(silent(), of("fast"));

        assertThat(plane.get("/slow").body()).isEqualTo("fast");

        RunningPlane.until("the slow one's connection is closed", () -> left.get() == 1);
        assertThat(sent()).isEqualTo(1);
        assertThat(won()).isEqualTo(1);
        assertThat(answers(plane.endpoint())).isEqualTo(ANSWERS);
        Endpoint fast = plane.endpoints().getLast();
        assertThat(answers(fast)).isEqualTo(1);
        assertThat(plane.logged(ANSWERS + 1))
                .last()
                .asString()
                .contains("\"endpoint\":\"" + fast.name() + "\",\"attempts\":2,\"hedged\":\"won\"");
    }

    @Test
    void theFirstMayWinYet() throws Exception {
        startMeasured(late("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate"), silent());

        try (Wire wire = plane.connect()) {
            wire.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            RunningPlane.until("both are asked", () -> asked.get() == 2);
            release.countDown();
            assertThat(wire.response().body()).isEqualTo("late");
        }

        RunningPlane.until("the hedge's connection is closed", () -> left.get() == 1);
        assertThat(sent()).isEqualTo(1);
        assertThat(won()).isZero();
        assertThat(plane.logged(ANSWERS + 1))
                .last()
                .asString()
                .contains("\"endpoint\":\"" + plane.endpoint().name() + "\",\"attempts\":2,\"hedged\":\"lost\"");
    }

    @Test
    void sendsTheBodyToBoth() throws Exception {
        startMeasured(silent(), new Backend((wire, _) -> {
            Message request = wire.request();
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n" + request.body());
        }));

        try (Wire wire = plane.connect()) {
            wire.send("PUT /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
            wire.send("def");
            assertThat(wire.response().body()).isEqualTo("abcdef");
        }
        RunningPlane.until("the body is let go", () -> app().replayRoom().kept() == 0);
    }

    @Test
    void isNotMadeOfABodyThatIsTooLargeToKeep() throws Exception {
        plane.retry = new RetrySpec(List.of(), null, Duration.ZERO, Duration.ZERO, 20, 3, 4, 4)
                .hedging(95, Duration.ofMillis(5));
        startMeasured(late("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate"), of("fast"));

        try (Wire large = plane.connect();
                Wire other = plane.connect()) {
            large.send("PUT /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde");
            RunningPlane.until("it is asked", () -> asked.get() == 1);
            other.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(other.response().body()).isEqualTo("fast");
            release.countDown();
            assertThat(large.response().body()).isEqualTo("late");
        }
        assertThat(sent()).isEqualTo(1);
    }

    @Test
    void isNeverMadeOfAPost() throws Exception {
        startMeasured(late("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate"), of("fast"));

        try (Wire post = plane.connect();
                Wire get = plane.connect()) {
            post.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
            RunningPlane.until("it is asked", () -> asked.get() == 1);
            get.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(get.response().body()).isEqualTo("fast");
            release.countDown();
            assertThat(post.response().body()).isEqualTo("late");
        }
        assertThat(sent()).isEqualTo(1);
    }

    @Test
    void isNotMadeWhenTheBudgetIsSpent() throws Exception {
        plane.retry = new RetrySpec(List.of(), null, Duration.ZERO, Duration.ZERO, 0, 0, 1024, 1024)
                .hedging(95, Duration.ofMillis(5));
        startMeasured(late("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate"), of("fast"));

        try (Wire wire = plane.connect()) {
            wire.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            RunningPlane.until("it is refused", () -> metric(Metric.UPSTREAM_RETRY_REFUSALS) == 1);
            release.countDown();
            assertThat(wire.response().body()).isEqualTo("late");
        }
        assertThat(sent()).isZero();
        assertThat(plane.logged(ANSWERS + 1))
                .last()
                .asString()
                .contains("\"attempts\":1")
                .doesNotContain("hedged");
    }

    @Test
    void isOneFaultWhenBothFail() throws Exception {
        plane.attempts = 2;
        startMeasured(
                new Backend((wire, _) -> {
                    if (wire.request().start().contains("/slow")) {
                        asked.incrementAndGet();
                        release.await();
                        return;
                    }
                    wire.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
                }),
                new Backend((wire, _) -> {
                    wire.request();
                    asked.incrementAndGet();
                }));

        try (Wire wire = plane.connect()) {
            wire.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            RunningPlane.until("both are asked", () -> asked.get() == 2);
            RunningPlane.until(
                    "the hedge has failed", () -> plane.endpoints().getLast().active() == 0);
            release.countDown();
            assertThat(wire.response().status()).isEqualTo(502);
        }
        assertThat(plane.faults("connection_terminated")).isEqualTo(1);
        assertThat(plane.logged(ANSWERS + 1))
                .hasSize(ANSWERS + 1)
                .last()
                .asString()
                .contains("\"attempts\":2");
    }

    @Test
    void goesOnAloneWhenTheFirstFails() throws Exception {
        plane.retry = new RetrySpec(
                        List.of(new StatusRange(503, 503)), null, Duration.ZERO, Duration.ZERO, 20, 3, 1024, 1024)
                .hedging(95, Duration.ofMillis(5));
        var second = new CountDownLatch(1);
        startMeasured(late("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"), new Backend((wire, _) -> {
            wire.request();
            asked.incrementAndGet();
            second.await();
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond");
        }));

        try (Wire wire = plane.connect()) {
            wire.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            RunningPlane.until("both are asked", () -> asked.get() == 2);
            release.countDown();
            RunningPlane.until("the first has failed", () -> plane.endpoint().active() == 0);
            second.countDown();
            assertThat(wire.response().body()).isEqualTo("second");
        }
        assertThat(won()).isEqualTo(1);
        assertThat(asked).hasValue(2);
    }

    @Test
    void endsWithTheClient() throws Exception {
        startMeasured(silent(), silent());

        try (Wire wire = plane.connect()) {
            wire.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
            RunningPlane.until("both are asked", () -> asked.get() == 2);
            assertThat(app().retries().underWay()).isEqualTo(1);
        }

        RunningPlane.until("both connections are closed", () -> left.get() == 2);
        RunningPlane.until("the budget is whole", () -> app().retries().underWay() == 0);
    }

    @Test
    void answersWhileTheFirstStillConnects() throws Exception {
        plane.upstreamTimeouts =
                new UpstreamTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(10));
        startMeasured(of("fast"));
        List<SocketChannel> inLine = new ArrayList<>();

        try (var full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // What more of them come than its queue takes gets no answer at all.
            for (int i = 0; i < 8; i++) {
                SocketChannel channel = SocketChannel.open();
                inLine.add(channel);
                channel.configureBlocking(false);
                channel.connect(full.getLocalSocketAddress());
            }
            List<EndpointSpec> endpoints = new ArrayList<>(app().spec().endpoints());
            var address = new Address(InetAddress.getLoopbackAddress(), full.getLocalPort());
            endpoints.addFirst(new EndpointSpec(address, 1, 0));
            plane.upstreams.put(app().spec().with(endpoints));

            assertThat(plane.get("/slow").body()).isEqualTo("fast");
        } finally {
            for (SocketChannel channel : inLine) {
                channel.close();
            }
        }
        assertThat(won()).isEqualTo(1);
    }

    /// Starts, and lets so many be answered by the first that it is known how long it mostly takes.
    private void startMeasured(Backend... backends) throws Exception {
        plane.start(backends);
        try (Wire wire = plane.connect()) {
            for (int i = 0; i < ANSWERS; i++) {
                wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").response();
            }
        }
        plane.upstreams.tick(System.nanoTime());
        assertThat(app().hedging().delayNanos()).isNotEqualTo(Hedging.NEVER);
    }

    private static Backend of(String body) throws Exception {
        return Backend.of("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    /// Answers at once, but never what is asked for as slow.
    private Backend silent() throws Exception {
        return new Backend((wire, _) -> {
            while (!wire.request().start().contains("/slow")) {
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
            asked.incrementAndGet();
            try {
                wire.rest();
            } finally {
                left.incrementAndGet();
            }
        });
    }

    /// Answers at once, but what is asked for as slow only when it is released.
    private Backend late(String answer) throws Exception {
        return new Backend((wire, _) -> {
            while (true) {
                if (!wire.request().start().contains("/slow")) {
                    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                    continue;
                }
                asked.incrementAndGet();
                release.await();
                wire.send(answer);
            }
        });
    }

    private Upstream app() {
        return plane.upstreams.get("app");
    }

    private static long answers(Endpoint endpoint) {
        return Objects.requireNonNull(endpoint.latency()).count();
    }

    private long sent() {
        return metric(Metric.UPSTREAM_HEDGES);
    }

    private long won() {
        return metric(Metric.UPSTREAM_HEDGES_WON);
    }

    private long metric(Metric metric) {
        return plane.metrics.counter(metric, "app").value();
    }
}
