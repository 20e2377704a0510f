package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.HashKeySpec;
import dev.fairlead.config.HeaderRulesSpec;
import dev.fairlead.config.MatchSpec;
import dev.fairlead.config.MirrorSpec;
import dev.fairlead.config.PoolSpec;
import dev.fairlead.config.QueryChangeSpec;
import dev.fairlead.config.RewriteSpec;
import dev.fairlead.config.RouteSpec;
import dev.fairlead.config.RouteTimeouts;
import dev.fairlead.config.ShareSpec;
import dev.fairlead.http.Wire.Message;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.upstream.Manual;
import dev.fairlead.upstream.Upstream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Routes that split, mirror, and bound the time of what they forward.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneDestinationTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n";

    @RegisterExtension
    private final RunningPlane plane = new RunningPlane();

    private final List<Message> mirrored = new CopyOnWriteArrayList<>();
    private final List<String> mirroredHeads = new CopyOnWriteArrayList<>();

    // ---- split ----

    @Test
    void dealsOutExactShares() throws Exception {
        split(95, 5, null);

        int canary = 0;
        try (Wire wire = plane.connect()) {
            for (int i = 0; i < 1000; i++) {
                canary += wire.send(GET).response().body().equals("canary") ? 1 : 0;
            }
        }

        assertThat(canary).isBetween(48, 52);
    }

    @Test
    void keepsAClientWithItsShareByACookie() throws Exception {
        split(50, 50, new HashKeySpec(null, null, "share", null));
        boolean[] seen = new boolean[2];

        for (int i = 0; i < 40; i++) {
            Message first = plane.ask(GET);
            String cookie = first.field("Set-Cookie");
            assertThat(cookie).startsWith("share=").endsWith("; Path=/; HttpOnly; SameSite=Lax");
            String value = cookie.substring(0, cookie.indexOf(';'));
            Message second = plane.ask("GET / HTTP/1.1\r\nHost: a\r\nCookie: x=y; " + value + "\r\n\r\n");

            assertThat(second.body()).isEqualTo(first.body());
            assertThat(second.field("Set-Cookie")).isNull();
            seen[first.body().equals("canary") ? 1 : 0] = true;
        }
        assertThat(seen).containsOnly(true);
    }

    @Test
    void keepsAKeyWithItsShare() throws Exception {
        split(1, 1, new HashKeySpec(null, "X-User", null, null));

        int canary = 0;
        for (int user = 0; user < 40; user++) {
            String request = "GET / HTTP/1.1\r\nHost: a\r\nX-User: user-" + user + "\r\n\r\n";
            String body = plane.ask(request).body();
            assertThat(plane.ask(request).body()).isEqualTo(body);
            canary += body.equals("canary") ? 1 : 0;
        }
        assertThat(canary).isBetween(8, 32);
    }

    @Test
    void givesTheOthersTheShareOfAnUpstreamThatIsOut() throws Exception {
        split(1, 1, null);
        Upstream canary = plane.upstreams.get("canary");

        canary.manual(canary.endpoints().getFirst(), Manual.DRAIN);
        for (int i = 0; i < 10; i++) {
            assertThat(plane.ask(GET).body()).isEqualTo("app");
        }
        canary.manual(canary.endpoints().getFirst(), Manual.AUTO);
        int back = 0;
        for (int i = 0; i < 10; i++) {
            back += plane.ask(GET).body().equals("canary") ? 1 : 0;
        }
        assertThat(back).isEqualTo(5);
    }

    private void split(int app, int canary, @Nullable HashKeySpec by) throws IOException {
        plane.upstream("app", says("app"));
        plane.upstream("canary", says("canary"));
        List<ShareSpec> shares = List.of(new ShareSpec("app", app), new ShareSpec("canary", canary));
        route(new RouteSpec("r", new MatchSpec(null, null, null), null, shares, by, null, null));
    }

    // ---- mirror ----

    @Test
    void mirrorsARequestAndDropsTheAnswer() throws Exception {
        mirror(new MirrorSpec("shadow", 100, 1024, 10), shadow(new CountDownLatch(0)));

        Message response = plane.ask("POST /x HTTP/1.1\r\nHost: shop.test\r\nX-Mirrored: no\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");

        assertThat(response.body()).isEqualTo("app");
        RunningPlane.until("it is mirrored", () -> mirrored.size() == 1);
        Message copy = mirrored.getFirst();
        assertThat(copy.start()).isEqualTo("POST /x HTTP/1.1");
        assertThat(copy.body()).isEqualTo("abcde");
        assertThat(copy.field("Host")).isEqualTo("shop.test");
        assertThat(copy.field("X-Mirrored")).isEqualTo("r");
        assertThat(outcome("sent")).isEqualTo(1);
        RunningPlane.until("only the request is an exchange", () -> plane.exchanges() == 1);
    }

    /// Or else the shadow is asked for what it does not have, by the name that it has.
    @Test
    void mirrorsWhatTheEndpointIsAsked() throws Exception {
        List<Message> asked = new CopyOnWriteArrayList<>();
        plane.upstream("app", new Backend((wire, _) -> {
            asked.add(wire.request());
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\napp");
        }));
        plane.upstream("shadow", shadow(new CountDownLatch(0)));
        route(rewrittenAndMirrored(new RewriteSpec(
                null,
                "/v1",
                "app.internal",
                false,
                false,
                null,
                null,
                new QueryChangeSpec(Map.of(), Map.of(), List.of()))));

        assertThat(plane.get("/api/a?b=c").body()).isEqualTo("app");

        RunningPlane.until("it is mirrored", () -> mirrored.size() == 1);
        Message copy = mirrored.getFirst();
        assertThat(copy.start())
                .isEqualTo("GET /v1/a HTTP/1.1")
                .isEqualTo(asked.getFirst().start());
        assertThat(copy.field("Host")).isEqualTo("app.internal");
        assertThat(copy.field("X-Forwarded-Host")).isEqualTo("a");
    }

    private static RouteSpec rewrittenAndMirrored(RewriteSpec rewrite) {
        var unruled = new HeaderRulesSpec(Map.of(), Map.of(), List.of());
        return new RouteSpec(
                "r",
                new MatchSpec(null, null, "/api"),
                "app",
                List.of(),
                null,
                new MirrorSpec("shadow", 100, 1024, 10),
                null,
                null,
                null,
                rewrite,
                0,
                unruled,
                unruled,
                0,
                List.of(),
                null,
                null);
    }

    @Test
    void mirrorsThePercentageThatIsAskedFor() throws Exception {
        mirror(new MirrorSpec("shadow", 10, 1024, 100), shadow(new CountDownLatch(0)));

        try (Wire wire = plane.connect()) {
            for (int i = 0; i < 200; i++) {
                wire.send(GET).response();
            }
        }

        assertThat(outcome("sent")).isBetween(19L, 21L);
        RunningPlane.until("all are there", () -> mirrored.size() == outcome("sent"));
    }

    @Test
    void neverWaitsForTheShadow() throws Exception {
        var release = new CountDownLatch(1);
        mirror(new MirrorSpec("shadow", 100, 1024, 3), shadow(release));

        for (int i = 0; i < 10; i++) {
            assertThat(plane.ask(GET).body()).isEqualTo("app");
        }

        RunningPlane.until("three are under way", () -> mirroredHeads.size() == 3);
        assertThat(outcome("too_many")).isEqualTo(7);
        release.countDown();
        RunningPlane.until("they are over", () -> mirrored.size() == 3);
        RunningPlane.until("there is room again", () -> {
            try {
                plane.ask(GET);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return outcome("sent") > 3;
        });
    }

    @Test
    void mirrorsNoBodyThatIsTooLarge() throws Exception {
        mirror(new MirrorSpec("shadow", 100, 4, 10), shadow(new CountDownLatch(0)));

        assertThat(plane.ask("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde")
                        .body())
                .isEqualTo("app");
        assertThat(plane.ask("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + "4\r\nabcd\r\n1\r\ne\r\n0\r\n\r\n")
                        .body())
                .isEqualTo("app");

        assertThat(outcome("too_large")).isEqualTo(2);
        assertThat(outcome("sent")).isZero();
    }

    @Test
    void answersWhenTheShadowIsDead() throws Exception {
        plane.upstream("app", says("app"));
        plane.upstream("shadow", new Backend((_, _) -> {})).close();
        route(mirrorRoute(new MirrorSpec("shadow", 100, 1024, 2)));

        for (int i = 0; i < 10; i++) {
            assertThat(plane.ask(GET).body()).isEqualTo("app");
        }
        RunningPlane.until(
                "none is under way",
                () -> plane.upstreams.get("shadow").endpoints().getFirst().active() == 0);
    }

    private void mirror(MirrorSpec spec, Backend shadow) throws IOException {
        plane.upstream("app", says("app"));
        plane.upstream("shadow", shadow);
        route(mirrorRoute(spec));
    }

    private static RouteSpec mirrorRoute(MirrorSpec spec) {
        return new RouteSpec("r", new MatchSpec(null, null, null), "app", List.of(), null, spec, null);
    }

    private Backend shadow(CountDownLatch release) throws IOException {
        return new Backend((wire, _) -> {
            while (true) {
                Message request = wire.request();
                mirroredHeads.add(request.start());
                release.await();
                mirrored.add(request);
                wire.send("HTTP/1.1 500 Oh\r\nContent-Length: 6\r\nSet-Cookie: a=b\r\n\r\nshadow");
            }
        });
    }

    private long outcome(String outcome) {
        return plane.metrics
                .counter(Metric.UPSTREAM_MIRRORED, "shadow", outcome)
                .value();
    }

    // ---- timeouts ----

    @Test
    void endsAnAttemptAtTheRoutesFirstByte() throws Exception {
        plane.upstream("app", new Backend((wire, _) -> wire.rest()));
        route(timeouts(new RouteTimeouts(null, Duration.ofMillis(100), null, null)));

        Message response = plane.ask(GET);

        assertThat(response.status()).isEqualTo(504);
        assertThat(response.field("Proxy-Status")).contains("http_response_timeout", "timeouts.first-byte");
    }

    @Test
    void cutsAResponseAtTheRoutesIdle() throws Exception {
        plane.upstream("app", halfAnswer());
        route(timeouts(new RouteTimeouts(null, null, Duration.ofMillis(100), null)));

        Message response = plane.ask(GET);

        assertThat(response.isWhole()).isFalse();
        RunningPlane.until("it is counted", () -> plane.faults("CONNECTION_READ_TIMEOUT") == 1);
    }

    @Test
    void endsAnExchangeAtItsTotal() throws Exception {
        plane.upstream("app", new Backend((wire, _) -> wire.rest()));
        route(timeouts(new RouteTimeouts(null, null, null, Duration.ofMillis(100))));

        Message response = plane.ask(GET);

        assertThat(response.status()).isEqualTo(504);
        assertThat(response.field("Proxy-Status"))
                .isEqualTo("fairlead; error=http_response_timeout; details=\"timeouts.total\"");
        RunningPlane.until("it is counted", () -> plane.faults("TOTAL_TIMEOUT") == 1);
    }

    @Test
    void cutsAResponseAtTheTotalOfItsExchange() throws Exception {
        plane.upstream("app", halfAnswer());
        route(timeouts(new RouteTimeouts(null, null, null, Duration.ofSeconds(1))));

        assertThat(plane.ask(GET).isWhole()).isFalse();
        RunningPlane.until("it is counted", () -> plane.faults("TOTAL_TIMEOUT") == 1);
    }

    @Test
    void refusesARequestThatIsNotWholeInTime() throws Exception {
        plane.upstream("app", says("app"));
        route(timeouts(new RouteTimeouts(Duration.ofMillis(100), null, null, Duration.ofSeconds(10))));

        Message response = plane.ask("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");

        assertThat(response.status()).isEqualTo(408);
        assertThat(response.field("Proxy-Status")).contains("timeouts.request");
    }

    private static RouteSpec timeouts(RouteTimeouts timeouts) {
        return new RouteSpec("r", new MatchSpec(null, null, null), "app", List.of(), null, null, timeouts);
    }

    // ---- pools ----

    @Test
    void closesAConnectionThatIsTooOld() throws Exception {
        plane.pool = new PoolSpec(64, Duration.ofSeconds(10), Duration.ofMillis(1));
        Backend backend = new Backend((wire, _) -> {
            while (true) {
                wire.request();
                long oldNanos = System.nanoTime() + 2_000_000;
                RunningPlane.until("it is older than that", () -> System.nanoTime() - oldNanos > 0);
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        plane.start(backend);

        plane.get("/");
        plane.get("/");

        assertThat(backend.accepted()).isEqualTo(2);
    }

    private void route(RouteSpec route) throws IOException {
        plane.startRoutes(route);
    }

    private static Backend halfAnswer() throws IOException {
        return new Backend((wire, _) -> {
            wire.request();
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf");
            wire.rest();
        });
    }

    private static Backend says(String text) throws IOException {
        return Backend.of("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
    }
}
