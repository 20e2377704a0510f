package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.BalancerSpec;
import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.RetrySpec;
import dev.fairlead.config.StatusRange;
import dev.fairlead.http.Wire.Message;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is tried again, how often, and what is not.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneRetryTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String BUSY =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nX-From: it\r\n\r\nbusy";

    @RegisterExtension
    private final RunningPlane plane = new RunningPlane();

    private final AtomicInteger asked = new AtomicInteger();

    /// So that the endpoint of the first attempt is certain.
    @BeforeEach
    void goToTheFirstEndpointFirst() {
        plane.balancer = new BalancerSpec(BalancerSpec.Algorithm.FIRST, null, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
    void triesAgainOnAChosenStatus(String method) throws Exception {
        plane.retry = retry("503");
        plane.start(busyThenGood(1));

        try (Wire wire = plane.connect()) {
            wire.send(method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
            Message response = method.equals("HEAD") ? wire.responseToHead() : wire.response();
            assertThat(response.status()).isEqualTo(200);
        }
        assertThat(asked).hasValue(2);
        assertThat(retries("status")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PATCH", "BREW"})
    void passesOnTheStatusOfWhatMayNotBeAskedTwice(String method) throws Exception {
        plane.retry = retry("503");
        plane.start(busyThenGood(1));

        Message response = plane.ask(method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");

        assertThat(response.status()).isEqualTo(503);
        assertThat(asked).hasValue(1);
    }

    @Test
    void triesNoStatusAgainUnlessAsked() throws Exception {
        plane.start(busyThenGood(1));

        assertThat(plane.get("/").status()).isEqualTo(503);
        assertThat(asked).hasValue(1);
    }

    @Test
    void passesOnTheLastAnswerAsItCame() throws Exception {
        plane.retry = retry("500-599");
        plane.start(busyThenGood(100));

        Message response = plane.get("/");

        assertThat(response.start()).isEqualTo("HTTP/1.1 503 Service Unavailable");
        assertThat(response.field("X-From")).isEqualTo("it");
        assertThat(response.field("Proxy-Status")).isNull();
        assertThat(response.body()).isEqualTo("busy");
        assertThat(asked).hasValue(3);
    }

    @Test
    void goesToAnotherEndpointFirst() throws Exception {
        plane.retry = retry("503");
        Backend busy = busyThenGood(100);
        plane.start(busy, Backend.echo());

        for (int i = 0; i < 4; i++) {
            assertThat(plane.get("/x").body()).isEqualTo("/x");
        }
        assertThat(asked).hasValue(4);
    }

    @Test
    void keepsTheConnectionWhoseAnswerWasDropped() throws Exception {
        plane.retry = retry("503");
        Backend backend = busyThenGood(1);
        plane.start(backend);

        assertThat(plane.get("/").body()).isEqualTo("ok");
        assertThat(plane.get("/").body()).isEqualTo("ok");

        assertThat(backend.accepted()).isEqualTo(1);
    }

    @Test
    void endsADroppedAnswerThatIsTooLong() throws Exception {
        plane.retry = retry("503");
        int size = 1 << 20;
        Backend backend = new Backend((wire, number) -> {
            wire.request();
            asked.incrementAndGet();
            wire.send(number == 1 ? "HTTP/1.1 503 No\r\nContent-Length: " + size + "\r\n\r\n" + "x".repeat(size) : OK);
        });
        plane.start(backend);

        assertThat(plane.get("/").body()).isEqualTo("ok");
        assertThat(backend.accepted()).isEqualTo(2);
    }

    @Test
    void sendsTheBodyAgain() throws Exception {
        plane.retry = retry("503");
        List<String> bodies = new ArrayList<>();
        plane.start(new Backend((wire, _) -> {
            while (true) {
                Message request = wire.request();
                bodies.add(request.body() + request.trailers());
                wire.send(asked.incrementAndGet() == 1 ? BUSY : OK);
            }
        }));

        Message response = plane.ask("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n");

        assertThat(response.body()).isEqualTo("ok");
        assertThat(bodies).hasSize(2).containsOnly("abcde[X-Sum: 5]");
        assertThat(plane.upstreams.get("app").replayRoom().kept()).isZero();
    }

    @Test
    void sendsTheRestOfABodyToTheNextEndpoint() throws Exception {
        var half = new CountDownLatch(1);
        Backend dying = new Backend((wire, _) -> {
            wire.head();
            wire.input().readNBytes(3);
            half.countDown();
            wire.reset();
        });
        Backend good = new Backend((wire, _) -> {
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"
                    + wire.request().body());
        });
        plane.start(dying, good);

        try (Wire wire = plane.connect()) {
            wire.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
            half.await();
            RunningPlane.until("it is tried again", () -> retries("reset") == 1);
            wire.send("def");
            assertThat(wire.response().body()).isEqualTo("abcdef");
        }
    }

    @Test
    void triesNoBodyAgainThatIsTooLargeToKeep() throws Exception {
        plane.retry = retry(RetrySpec.DEFAULT.statuses(), null, 20, 3, 4, 100);
        plane.start(diesOnce());

        Message response = plane.ask("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde");

        assertThat(response.status()).isEqualTo(502);
        assertThat(replayOver("replay-bytes")).isEqualTo(1);
    }

    @Test
    void keepsNoMoreThanTheTotalOverAllExchanges() throws Exception {
        plane.retry = retry(List.of(new StatusRange(503, 503)), null, 20, 3, 8, 10);
        var release = new CountDownLatch(1);
        plane.start(new Backend((wire, _) -> {
            wire.request();
            asked.incrementAndGet();
            release.await();
            wire.send(OK);
        }));
        String request = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabcdef";

        try (Wire first = plane.connect();
                Wire second = plane.connect()) {
            first.send(request);
            RunningPlane.until("the first is there", () -> asked.get() == 1);
            second.send(request);
            RunningPlane.until("the second is there", () -> asked.get() == 2);
            assertThat(plane.upstreams.get("app").replayRoom().kept()).isEqualTo(6);
            release.countDown();
            assertThat(first.response().body()).isEqualTo("ok");
            assertThat(second.response().body()).isEqualTo("ok");
        }
        assertThat(replayOver("replay-bytes-total")).isEqualTo(1);
        assertThat(plane.upstreams.get("app").replayRoom().kept()).isZero();
    }

    @Test
    void goesElsewhereWhenAConnectionBreaksBeforeTheAnswer() throws Exception {
        plane.start(diesOnce(), Backend.echo());

        assertThat(plane.get("/x").body()).isEqualTo("/x");

        assertThat(retries("reset")).isEqualTo(1);
        assertThat(plane.logged(1)).singleElement().asString().contains("\"attempts\":2,\"retry\":\"reset\"");
    }

    @Test
    void chargesNoClientForADeadIdleConnection() throws Exception {
        plane.attempts = 1;
        plane.retry = retry(List.of(), null, 0, 0, 1024, 1024);
        var ended = new CountDownLatch(1);
        Backend backend = new Backend((wire, number) -> {
            wire.request();
            wire.send(OK);
            if (number == 1) {
                wire.request();
                wire.reset();
                ended.countDown();
            }
        });
        plane.start(backend);

        assertThat(plane.get("/").body()).isEqualTo("ok");
        assertThat(plane.get("/").body()).isEqualTo("ok");

        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(retries("idle")).isEqualTo(1);
    }

    @Test
    void asksAnotherWhenOneTakesTooLong() throws Exception {
        plane.retry = retry(List.of(), Duration.ofSeconds(2), 20, 3, 1024, 1024);
        plane.start(new Backend((wire, _) -> wire.rest()), Backend.echo());

        assertThat(plane.get("/x").body()).isEqualTo("/x");
        assertThat(retries("timeout")).isEqualTo(1);
    }

    @Test
    void saysWhyWhenAllTakeTooLong() throws Exception {
        plane.attempts = 2;
        plane.upstreamTimeouts = new dev.fairlead.config.UpstreamTimeouts(
                Duration.ofMillis(500), Duration.ofMillis(200), Duration.ofSeconds(10));
        plane.retry = retry(List.of(), Duration.ofMillis(100), 20, 3, 1024, 1024);
        plane.start(new Backend((wire, _) -> wire.rest()));

        Message response = plane.get("/");

        assertThat(response.status()).isEqualTo(504);
        assertThat(response.field("Proxy-Status")).contains("error=http_response_timeout", "timeouts.first-byte");
        assertThat(retries("timeout")).isEqualTo(1);
    }

    @Test
    void waitsForTheAnswerToWhatCannotBeAskedTwice() throws Exception {
        plane.retry = retry(List.of(), Duration.ofMillis(50), 20, 3, 1024, 1024);
        var asked = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        plane.start(new Backend((wire, _) -> {
            wire.request();
            asked.countDown();
            release.await();
            wire.send(OK);
        }));

        try (Wire wire = plane.connect();
                Wire other = plane.connect()) {
            wire.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
            asked.await();
            other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            RunningPlane.until("the other ran out of time", () -> retries("timeout") >= 1);
            release.countDown();
            assertThat(wire.response().body()).isEqualTo("ok");
            assertThat(other.response().body()).isEqualTo("ok");
        }
    }

    @Test
    void refusesWhatTheBudgetDoesNotBear() throws Exception {
        plane.retry = retry(List.of(new StatusRange(503, 503)), null, 0, 0, 1024, 1024);
        plane.start(busyThenGood(1));

        assertThat(plane.get("/").status()).isEqualTo(503);
        assertThat(plane.metrics.counter(Metric.UPSTREAM_RETRY_REFUSALS, "app").value())
                .isEqualTo(1);
    }

    @Test
    void ridesOverDeadEndpointsWithoutABudget() throws Exception {
        plane.retry = retry(List.of(), null, 0, 0, 1024, 1024);
        Backend good = Backend.echo();
        plane.start(
                List.of(
                        new EndpointSpec(Backend.dead(), 1, 0),
                        new EndpointSpec(Backend.dead(), 1, 0),
                        new EndpointSpec(good.address(), 1, 0)),
                List.of());

        assertThat(plane.get("/x").body()).isEqualTo("/x");
        assertThat(retries("connect")).isEqualTo(2);
        good.close();
    }

    @Test
    void countsNoRetryThatFindsNoEndpoint() throws Exception {
        plane.start(List.of(new EndpointSpec(Backend.dead(), 1, 0), new EndpointSpec(Backend.dead(), 1, 0)), List.of());

        assertThat(plane.get("/").status()).isEqualTo(502);

        assertThat(retries("connect")).isEqualTo(1);
        assertThat(plane.logged(1)).singleElement().asString().contains("\"attempts\":2,\"retry\":\"connect\"");
    }

    @Test
    void countsNoRetryOfTheOnlyEndpoint() throws Exception {
        plane.start(List.of(new EndpointSpec(Backend.dead(), 1, 0)), List.of());

        assertThat(plane.get("/").status()).isEqualTo(502);

        assertThat(retries("connect")).isZero();
        assertThat(plane.logged(1))
                .singleElement()
                .asString()
                .contains("\"attempts\":1")
                .doesNotContain("retry");
    }

    /// A storm: everything fails. All exchanges are in their first attempt when the first answer comes, and every
    /// retry is held until no first attempt is left, so what the retries are a share of is certain.
    @Test
    void asksAFailingUpstreamAFifthMoreAndTheFloorAtMost() throws Exception {
        int clients = 100;
        plane.retry = retry("503");
        var first = new CountDownLatch(clients);
        var noFirstLeft = new CountDownLatch(1);
        plane.start(new Backend((wire, _) -> {
            while (true) {
                wire.request();
                if (asked.incrementAndGet() > clients) {
                    noFirstLeft.await();
                }
                first.countDown();
                first.await();
                wire.send(BUSY);
            }
        }));
        var answered = new AtomicInteger();

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Message>> responses = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                responses.add(threads.submit(() -> {
                    Message response = plane.get("/");
                    answered.incrementAndGet();
                    return response;
                }));
            }
            RunningPlane.until("no first attempt is left", () -> answered.get() + retries("status") == clients);
            noFirstLeft.countDown();
            for (Future<Message> response : responses) {
                assertThat(response.get().status()).isEqualTo(503);
            }
        }

        assertThat(asked.get()).isBetween(clients + 3, clients * 12 / 10 + 3);
        assertThat(plane.upstreams.get("app").retries().underWay()).isZero();
    }

    @Test
    void forgetsTheRetryOfAClientThatLeaves() throws Exception {
        plane.retry = new RetrySpec(
                List.of(new StatusRange(503, 503)),
                null,
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                20,
                3,
                1024,
                1024);
        plane.start(busyThenGood(1));

        try (Wire wire = plane.connect()) {
            wire.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
            RunningPlane.until(
                    "it pauses", () -> plane.upstreams.get("app").retries().underWay() == 1);
        }

        RunningPlane.until(
                "it is forgotten", () -> plane.upstreams.get("app").retries().underWay() == 0);
        RunningPlane.until(
                "so is the body", () -> plane.upstreams.get("app").replayRoom().kept() == 0);
        assertThat(asked).hasValue(1);
    }

    private Backend busyThenGood(int busy) throws Exception {
        return new Backend((wire, _) -> {
            while (true) {
                boolean isHead = wire.request().start().startsWith("HEAD");
                String answer = asked.incrementAndGet() <= busy ? BUSY : OK;
                wire.send(isHead ? answer.substring(0, answer.indexOf("\r\n\r\n") + 4) : answer);
            }
        });
    }

    private static Backend diesOnce() throws Exception {
        return new Backend((wire, number) -> {
            wire.head();
            if (number > 1) {
                wire.send(OK);
            }
        });
    }

    private static RetrySpec retry(String status) {
        int from = Integer.parseInt(status.substring(0, 3));
        int to = status.length() == 3 ? from : Integer.parseInt(status.substring(4));
        return retry(List.of(new StatusRange(from, to)), null, 20, 3, 64 << 10, 1 << 20);
    }

    private static RetrySpec retry(
            List<StatusRange> statuses, Duration attemptTimeout, int budget, int budgetMin, int bytes, long total) {
        return new RetrySpec(
                statuses, attemptTimeout, Duration.ofMillis(1), Duration.ofMillis(10), budget, budgetMin, bytes, total);
    }

    private long retries(String reason) {
        return plane.metrics.counter(Metric.UPSTREAM_RETRIES, "app", reason).value();
    }

    private long replayOver(String limit) {
        return plane.metrics.counter(Metric.UPSTREAM_REPLAY_OVER, "app", limit).value();
    }
}
