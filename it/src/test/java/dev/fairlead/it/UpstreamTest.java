package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Which endpoint is next, and what is said of it, through the real program.
class UpstreamTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final int web = Repository.freePort();
    private final int raw = Repository.freePort();
    private volatile boolean isFailing;
    private ScriptedBackend one;
    private ScriptedBackend two;

    @BeforeEach
    void start() throws IOException {
        one = ScriptedBackend.answering(_ -> ScriptedBackend.ok("one"));
        two = ScriptedBackend.answering(
                _ -> isFailing ? "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n" : ScriptedBackend.ok("two"));
    }

    @AfterEach
    void stop() throws IOException {
        one.close();
        two.close();
    }

    /// An upstream `app` with these keys, by HTTP.
    private Fairlead http(String app) throws IOException {
        return Fairlead.start("""
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                upstreams:
                  app: {%s}
                """.formatted(web, app));
    }

    private Fairlead tcp(String app) throws IOException {
        return Fairlead.start("""
                listeners:
                  raw: {protocol: tcp, address: "127.0.0.1:%d", upstream: app}
                upstreams:
                  app: {%s}
                """.formatted(raw, app));
    }

    private String both(String more) {
        return "endpoints: [\"%s\", \"%s\"], %s".formatted(one.address(), two.address(), more);
    }

    private String ask(String fields) throws IOException {
        try (Wire wire = Wire.to(web)) {
            Message answer = wire.send("GET /name HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n")
                    .response();
            return answer.status() == 200 ? answer.text() : Integer.toString(answer.status());
        }
    }

    private void askUntil(Fairlead fairlead, String line) {
        await().atMost(SOON).until(() -> {
            ask("");
            return fairlead.log().contains(line);
        });
    }

    @Test
    void aHeaderNamesTheSubset() throws Exception {
        String endpoints =
                "endpoints: [{address: \"%s\", labels: {version: v1}}, {address: \"%s\", labels: {version: v2}}]"
                        .formatted(one.address(), two.address());
        try (Fairlead fairlead =
                http(endpoints + ", subset: {label: version, header: X-Version, value: v1, fallback: none}")) {
            for (int i = 0; i < 10; i++) {
                assertThat(ask("x-version: v2\r\n")).isEqualTo("two");
                assertThat(ask("X-Version: v1\r\n")).isEqualTo("one");
                assertThat(ask("")).isEqualTo("one");
                assertThat(ask("X-Version: v9\r\n")).isEqualTo("one");
            }
            assertThat(fairlead.admin("/upstreams"))
                    .contains("\"version\" : \"v2\"")
                    .contains("\"from\" : \"config\"");
            fairlead.reload(fairlead.yaml().replace("value: v1, ", ""), "done");
            assertThat(ask("X-Version: v2\r\n")).isEqualTo("two");
            assertThat(ask("")).isEqualTo("503");
        }
    }

    @Test
    void ejectionAndReturnAreInTheLog() throws Exception {
        isFailing = true;
        try (Fairlead fairlead = http(both("outliers: {faults: 3, ejection-time: 5s, ejected-max: 50}"))) {
            askUntil(fairlead, "endpoint ejected");
            assertThat(fairlead.log()).contains("endpoint=\"" + two.address() + "\" cause=\"faults\"");
            assertThat(Stream.of(ask(""), ask(""), ask(""))).containsOnly("one");
            isFailing = false;
            askUntil(fairlead, "endpoint back from its ejection");
            await().atMost(SOON).until(() -> ask("").equals("two"));
        }
    }

    @Test
    void panicIsInTheLogAndAllAreUsed() throws Exception {
        String dead = "127.0.0.1:" + Repository.freePort();
        String app =
                "endpoints: [\"%s\", \"%s\"], panic-threshold: 60, probe: {protocol: tcp, interval: 100ms, fall: 1}";
        try (Fairlead fairlead = http(app.formatted(one.address(), dead))) {
            await().atMost(SOON)
                    .until(() -> fairlead.log().contains("PANIC: too few endpoints may be used, so all are"));
            assertThat(fairlead.metric("fairlead_upstream_panic")).isEqualTo(1);
            double before = fairlead.metric("fairlead_endpoint_picks_total", dead);
            await().atMost(SOON).until(() -> {
                assertThat(ask("")).as("the next one is tried").isEqualTo("one");
                return fairlead.metric("fairlead_endpoint_picks_total", dead) > before;
            });
            fairlead.reload(fairlead.yaml().replace(dead, two.address()), "done");
            await().atMost(SOON).until(() -> fairlead.log().contains("panic is over"));
        }
    }

    @Test
    void theBreakerOpensAndCloses() throws Exception {
        isFailing = true;
        String breaker = "breaker: {failures: 50, outcomes-min: 5, window: 5s, open-time: 500ms, trials: 1}";
        try (Fairlead fairlead = http("endpoints: [\"" + two.address() + "\"], " + breaker)) {
            askUntil(fairlead, "breaker upstream=\"app\" state=\"open\"");
            isFailing = false;
            askUntil(fairlead, "breaker upstream=\"app\" state=\"closed\"");
            assertThat(ask("")).isEqualTo("two");
        }
    }

    @Test
    void adaptiveConcurrencyBoundsWhatIsInFlightAndLearns() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        ScriptedBackend counted = ScriptedBackend.answering(_ -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            Thread.onSpinWait();
            running.decrementAndGet();
            return ScriptedBackend.ok("counted");
        });
        String app = "endpoints: [\"%s\"], queue: {timeout: 60s}, adaptive-concurrency: {min: 1, initial: 2, max: %d}";
        try (counted;
                Fairlead fairlead = http(app.formatted(counted.address(), 2))) {
            Load load = Load.on(web, 16);
            try (load) {
                await().atMost(SOON).until(() -> load.answered() > 500);
                assertThat(most.get()).isLessThanOrEqualTo(2);
                assertThat(fairlead.metric("fairlead_endpoint_concurrency_limit"))
                        .isBetween(1.0, 2.0);
                fairlead.reload(fairlead.yaml().replace("max: 2}", "max: 100}"), "done");
                await().atMost(SOON).until(() -> fairlead.metric("fairlead_endpoint_concurrency_limit") > 2);
            }
            assertThat(load.failures()).as("whoever found no room waited").isEmpty();
        }
    }

    /// Clients that press all the time; the server gets twenty times as slow, and fast again. It never answers so fast
    /// that what this machine can do would be the limit.
    @Test
    void adaptiveConcurrencyFallsWhileTheServerIsSlowAndRisesAfterwards() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger millis = new AtomicInteger(40);
        ScriptedBackend slowing = ScriptedBackend.playing(connection -> {
            while (connection.request().isPresent()) {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                Thread.sleep(millis.get());
                running.decrementAndGet();
                connection.send(ScriptedBackend.ok("slowing"));
            }
        });
        String app = "endpoints: [\"%s\"], queue: {timeout: 30s}, adaptive-concurrency: {min: 1, initial: 20, max: 60}";
        try (slowing;
                Fairlead fairlead = http(app.formatted(slowing.address()))) {
            Load load = Load.on(web, 64);
            try (load) {
                await().atMost(SOON).until(() -> fairlead.metric("fairlead_endpoint_concurrency_limit") > 30);
                millis.set(800);
                await().atMost(SOON).until(() -> fairlead.metric("fairlead_endpoint_concurrency_limit") < 15);
                // What was sent before the limit fell has been answered by now, or soon is.
                await().atMost(SOON).until(() -> {
                    most.set(0);
                    long answered = load.answered();
                    await().atMost(SOON).until(() -> load.answered() > answered + 20);
                    return most.get() <= 20;
                });
                millis.set(40);
                await().atMost(SOON).until(() -> fairlead.metric("fairlead_endpoint_concurrency_limit") > 30);
            }
            assertThat(load.failures()).as("whoever found no room waited").isEmpty();
        }
    }

    @Test
    void listenersShareIdleConnections() throws Exception {
        String yaml = """
                loops: 1
                listeners:
                  web: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                  raw: {protocol: http, address: "127.0.0.1:%d", upstream: app}
                upstreams:
                  app: {endpoints: ["%s"]}
                """.formatted(web, raw, one.address());
        try (Fairlead fairlead = Fairlead.start(yaml);
                Wire first = Wire.to(web);
                Wire second = Wire.to(raw)) {
            for (int i = 0; i < 3; i++) {
                assertThat(first.get("/").text()).isEqualTo("one");
                assertThat(second.get("/").text()).isEqualTo("one");
            }
            assertThat(one.accepted()).isEqualTo(1);
            fairlead.reload(fairlead.yaml().replaceFirst("  raw: .*\n", ""), "done");
            assertThat(first.get("/").text()).isEqualTo("one");
            assertThat(one.accepted())
                    .as("the listener that left closed none of them")
                    .isEqualTo(1);
        }
    }

    /// What each of some clients got first.
    private interface Asking {
        String ask(String client) throws IOException;
    }

    private static void assertSticks(Asking asking) throws IOException {
        Map<String, String> first = new HashMap<>();
        for (int round = 0; round < 5; round++) {
            for (int i = 1; i <= 9; i++) {
                String client = "127.0.1." + i;
                String answer = asking.ask(client);
                assertThat(answer).isEqualTo(first.computeIfAbsent(client, _ -> answer));
            }
        }
        assertThat(first).containsValue("one").containsValue("two");
    }

    @Test
    void addressesStickThroughHttp() throws Exception {
        try (Fairlead fairlead = http(both("sticky: {source-address: {}}"))) {
            assertSticks(client -> {
                try (Wire wire = Wire.from(client, web)) {
                    return wire.get("/").text();
                }
            });
            assertThat(fairlead.metric("fairlead_upstream_sticky_sources")).isEqualTo(9);
        }
    }

    @Test
    void addressesStickThroughTcp() throws Exception {
        try (Fairlead fairlead = tcp(both("sticky: {source-address: {}}"))) {
            assertSticks(client -> {
                try (Wire wire = Wire.from(client, raw)) {
                    return wire.get("/").text();
                }
            });
            assertThat(fairlead.metric("fairlead_upstream_sticky_hits_total")).isEqualTo(36);
        }
    }

    private boolean isTurnedAway() throws IOException {
        try (Wire wire = Wire.to(raw)) {
            return wire.isEnded();
        } catch (ConnectException nobodyListens) {
            throw nobodyListens;
        } catch (SocketException resetBeforeConnectReturned) {
            return true;
        }
    }

    @Test
    void flowsWaitInTheQueueForAFullEndpoint() throws Exception {
        String app = "endpoints: [{address: \"%s\", max-connections: 1}], queue: {max: 2, timeout: 20s}";
        try (Fairlead fairlead = tcp(app.formatted(one.address()))) {
            Wire first = Wire.to(raw);
            assertThat(first.get("/").text()).isEqualTo("one");
            Wire second = Wire.to(raw).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            await().atMost(SOON).until(() -> fairlead.metric("fairlead_upstream_queue_length") == 1);
            Wire third = Wire.to(raw).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            await().atMost(SOON).until(() -> fairlead.metric("fairlead_upstream_queue_length") == 2);
            assertThat(isTurnedAway()).as("the queue is full").isTrue();
            assertThat(fairlead.metric("fairlead_upstream_queue_refusals_total"))
                    .isEqualTo(1);
            first.close();
            assertThat(second.response().text()).isEqualTo("one");
            second.close();
            assertThat(third.response().text()).isEqualTo("one");
            third.close();
            assertThat(one.accepted()).isEqualTo(3);
        }
    }
}
