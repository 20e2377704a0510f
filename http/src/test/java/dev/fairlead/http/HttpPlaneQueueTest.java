package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.QueueSpec;
import dev.fairlead.http.Wire.Message;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Exchanges that wait because every endpoint is full.
@Timeout(60)
@ExtendWith(NoLeaks.class)
final class HttpPlaneQueueTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @RegisterExtension
    private final RunningPlane plane = new RunningPlane();

    private final AtomicInteger now = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    /// Fair, or whoever comes later could pass the same one again and again.
    private final Semaphore goOn = new Semaphore(0, true);

    /// Counts what it has at once, and answers each when it may.
    private Backend counting() throws Exception {
        return new Backend((wire, _) -> {
            while (true) {
                String target = wire.request().start().split(" ", -1)[1];
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                goOn.acquire();
                now.decrementAndGet();
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + target.length() + "\r\n\r\n" + target);
            }
        });
    }

    private void start(Backend backend, int maxConnections, int maxRequests) throws Exception {
        plane.start(List.of(new EndpointSpec(backend.address(), 1, maxConnections, maxRequests, 0, null)), List.of());
    }

    private long waits(String outcome) {
        return plane.metrics
                .counter(Metric.UPSTREAM_QUEUE_WAITS, "app", outcome)
                .value();
    }

    private int waiting() {
        return plane.upstreams.get("app").queue().length();
    }

    private void serveAHundred(int maxConnections, int maxRequests) throws Exception {
        plane.queue = new QueueSpec(1024, Duration.ofSeconds(30));
        try (Backend backend = counting()) {
            start(backend, maxConnections, maxRequests);
            List<Wire> clients = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Wire client = plane.connect();
                clients.add(client);
                client.send("GET /" + i + " HTTP/1.1\r\nHost: a\r\n\r\n");
                int come = i + 1;
                RunningPlane.until("it has come", () -> waiting() + now.get() == come);
            }
            assertThat(waiting()).isEqualTo(98);
            for (int i = 0; i < 100; i++) {
                goOn.release();
                int answered = i + 1;
                RunningPlane.until("one is answered", () -> plane.exchanges() == answered);
                if (i > 1) {
                    // The first two come in either order, and so may any two that are on it together.
                    Message answer = clients.get(i - 2).response();
                    assertThat(answer.body()).as(answer.field("Proxy-Status")).isEqualTo("/" + (i - 2));
                }
            }
            assertThat(clients.get(98).response().status()).isEqualTo(200);
            assertThat(clients.get(99).response().status()).isEqualTo(200);
            for (Wire client : clients) {
                client.close();
            }
            assertThat(most.get()).isEqualTo(2);
            assertThat(waits("served")).isEqualTo(98);
        }
    }

    @Test
    void servesAllInOrderAndNeverMoreThanMaxRequestsAtOnce() throws Exception {
        serveAHundred(0, 2);
    }

    @Test
    void servesAllInOrderOverMaxConnections() throws Exception {
        serveAHundred(2, 0);
    }

    @Test
    void answers503WhenItWaitedTooLong() throws Exception {
        plane.queue = new QueueSpec(10, Duration.ofMillis(100));
        try (Backend backend = counting()) {
            start(backend, 0, 1);
            try (Wire first = plane.connect()) {
                first.send(GET);
                RunningPlane.until("it is full", () -> now.get() == 1);
                Message late = plane.get("/late");
                assertThat(late.status()).isEqualTo(503);
                assertThat(late.field("Proxy-Status"))
                        .isEqualTo("fairlead; error=connection_limit_reached; details=\"queue.timeout\"");
                goOn.release();
                assertThat(first.response().status()).isEqualTo(200);
            }
            assertThat(waits("timeout")).isEqualTo(1);
            assertThat(waiting()).isZero();
        }
    }

    @Test
    void answers503AtOnceWhenTheQueueIsFull() throws Exception {
        plane.queue = new QueueSpec(1, Duration.ofSeconds(30));
        try (Backend backend = counting()) {
            start(backend, 0, 1);
            try (Wire first = plane.connect();
                    Wire second = plane.connect()) {
                first.send(GET);
                RunningPlane.until("it is full", () -> now.get() == 1);
                second.send(GET);
                RunningPlane.until("one waits", () -> waiting() == 1);
                Message third = plane.get("/third");
                assertThat(third.status()).isEqualTo(503);
                assertThat(third.field("Proxy-Status")).contains("connection_limit_reached");
                goOn.release(2);
                assertThat(first.response().status()).isEqualTo(200);
                assertThat(second.response().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void aClientThatLeavesIsNoLongerWaitedFor() throws Exception {
        plane.queue = new QueueSpec(10, Duration.ofSeconds(30));
        try (Backend backend = counting()) {
            start(backend, 0, 1);
            try (Wire first = plane.connect();
                    Wire last = plane.connect()) {
                first.send(GET);
                RunningPlane.until("it is full", () -> now.get() == 1);
                try (Wire leaving = plane.connect()) {
                    leaving.send(GET);
                    RunningPlane.until("one waits", () -> waiting() == 1);
                    last.send(GET);
                    RunningPlane.until("two wait", () -> waiting() == 2);
                }
                RunningPlane.until("it has left", () -> waiting() == 1);
                goOn.release(2);
                assertThat(first.response().status()).isEqualTo(200);
                assertThat(last.response().status()).isEqualTo(200);
            }
            assertThat(waits("left")).isEqualTo(1);
            assertThat(waits("served")).isEqualTo(1);
        }
    }

    @Test
    void aBodyIsReadOnlyOnceItHasAnEndpoint() throws Exception {
        plane.queue = new QueueSpec(10, Duration.ofSeconds(30));
        var goOnFirst = new CountDownLatch(1);
        String body = "x".repeat(1 << 20);
        try (Backend backend = new Backend((wire, _) -> {
            while (true) {
                if (wire.request().body().isEmpty()) {
                    goOnFirst.await();
                }
                wire.send(OK);
            }
        })) {
            start(backend, 0, 1);
            try (Wire first = plane.connect();
                    Wire second = plane.connect()) {
                first.send(GET);
                RunningPlane.until("it is full", () -> plane.endpoint().active() == 1);
                Thread.ofVirtual().start(() -> {
                    try {
                        second.send(
                                "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                    } catch (java.io.IOException _) {
                        // The response tells.
                    }
                });
                RunningPlane.until("one waits", () -> waiting() == 1);
                assertThat(plane.metrics
                                .counter(Metric.HTTP_REQUEST_BYTES, "web")
                                .value())
                        .isZero();
                goOnFirst.countDown();
                assertThat(first.response().status()).isEqualTo(200);
                assertThat(second.response().status()).isEqualTo(200);
            }
        }
    }
}
