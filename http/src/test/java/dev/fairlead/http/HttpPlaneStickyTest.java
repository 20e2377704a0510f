package dev.fairlead.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.config.EndpointSpec;
import dev.fairlead.config.StickySpec;
import dev.fairlead.leak.NoLeaks;
import dev.fairlead.metrics.Metric;
import dev.fairlead.upstream.Endpoint;
import dev.fairlead.upstream.Manual;
import dev.fairlead.upstream.health.Health;
import dev.fairlead.upstream.sticky.SigningKeys;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Clients that come back to their endpoint, by cookie and by header.
@ExtendWith(NoLeaks.class)
@Timeout(60)
final class HttpPlaneStickyTest {
    private static final StickySpec COOKIE = new StickySpec("at", null, null, null, null, null, null, null, null);
    private static final StickySpec HEADER = new StickySpec(null, "X-At", null, null, null, null, null, null, null);

    @RegisterExtension
    private final RunningPlane plane = new RunningPlane();

    private static Backend named(String name) throws IOException {
        return Backend.of("HTTP/1.1 200 OK\r\nX-At: own\r\nContent-Length: 1\r\n\r\n" + name);
    }

    private void start(StickySpec spec) throws IOException {
        plane.sticky = spec;
        plane.start(named("a"), named("b"), named("c"));
    }

    private Wire.Message with(String field) throws IOException {
        return plane.ask("GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n\r\n");
    }

    /// The `name=value` that the response sets.
    private static String set(Wire.Message response) {
        return response.field("Set-Cookie").split(";")[0];
    }

    private Endpoint endpoint(String name) {
        return plane.endpoints().get(name.charAt(0) - 'a');
    }

    private long count(Metric metric) {
        return plane.metrics.counter(metric, "app").value();
    }

    @Test
    void followsItsCookieAndSetsItOnce() throws Exception {
        start(COOKIE);
        Wire.Message first = plane.get("/");

        assertThat(first.field("Set-Cookie")).matches("at=[A-Za-z0-9_-]{40}; Path=/; HttpOnly; SameSite=Lax");
        for (int i = 0; i < 20; i++) {
            Wire.Message next = with("Cookie: x=1; " + set(first));
            assertThat(next.body()).isEqualTo(first.body());
            assertThat(next.field("Set-Cookie")).isNull();
        }
        assertThat(count(Metric.UPSTREAM_STICKY_HITS)).isEqualTo(20);
        assertThat(count(Metric.UPSTREAM_STICKY_MISSES)).isZero();
    }

    @Test
    void writesTheAttributesAsConfigured() throws Exception {
        start(new StickySpec("at", null, null, Duration.ofHours(1), "/x", StickySpec.SameSite.NONE, true, false, null));

        assertThat(plane.get("/").field("Set-Cookie"))
                .endsWith("; Path=/x; Max-Age=3600; Secure; SameSite=None")
                .doesNotContain("127.0.0.1");
    }

    @Test
    void ignoresAndReplacesAForgedCookie() throws Exception {
        start(COOKIE);
        String good = set(plane.get("/"));
        String forged = good.substring(0, good.length() - 1) + (good.endsWith("A") ? "B" : "A");

        assertThat(set(with("Cookie: " + forged))).isNotEqualTo(forged);
        assertThat(set(with("Cookie: at="))).startsWith("at=");
        assertThat(set(with("Cookie: at=;;=;at"))).startsWith("at=");
        assertThat(count(Metric.UPSTREAM_STICKY_HITS)).isZero();
    }

    @Test
    void takesTheFirstValidOfSeveralCookies() throws Exception {
        start(COOKIE);
        Wire.Message first = plane.get("/");
        String other = set(plane.get("/"));

        for (int i = 0; i < 6; i++) {
            Wire.Message next = with("Cookie: at=bad; AT=1\r\nCookie: b=2;" + set(first) + "; " + other);
            assertThat(next.body()).isEqualTo(first.body());
        }
    }

    @Test
    void choosesAnewAndRewritesWhenTheEndpointIsDown() throws Exception {
        start(COOKIE);
        Wire.Message first = plane.get("/");
        plane.upstreams.get("app").health(endpoint(first.body()), Health.DOWN);

        Wire.Message second = with("Cookie: " + set(first));

        assertThat(second.body()).isNotEqualTo(first.body());
        assertThat(with("Cookie: " + set(second)).body()).isEqualTo(second.body());
        assertThat(count(Metric.UPSTREAM_STICKY_MISSES)).isEqualTo(1);
    }

    @Test
    void namesTheEndpointThatFinallyAnswered() throws Exception {
        plane.sticky = COOKIE;
        Backend alive = named("b");
        plane.start(
                List.of(new EndpointSpec(Backend.dead(), 1, 0), new EndpointSpec(alive.address(), 1, 0)), List.of());
        try (alive) {
            Wire.Message first = plane.get("/");

            assertThat(first.body()).isEqualTo("b");
            assertThat(with("Cookie: " + set(first)).field("Set-Cookie")).isNull();
        }
    }

    @Test
    void keepsTheClientsOfADrainedEndpointAndGivesItNoOthers() throws Exception {
        start(COOKIE);
        Wire.Message first = plane.get("/");
        plane.upstreams.get("app").manual(endpoint(first.body()), Manual.DRAIN);

        for (int i = 0; i < 6; i++) {
            assertThat(with("Cookie: " + set(first)).body()).isEqualTo(first.body());
            assertThat(plane.get("/").body()).isNotEqualTo(first.body());
        }
    }

    @Test
    void acceptsAnOldKeyAndReplacesItsCookie() throws Exception {
        start(COOKIE);
        String one = "1".repeat(32);
        String two = "2".repeat(32);
        plane.upstreams.signingKeys(Map.of("app", SigningKeys.parse(one)));
        Wire.Message first = plane.get("/");
        plane.upstreams.signingKeys(Map.of("app", SigningKeys.parse(two + "\n" + one)));

        Wire.Message rotated = with("Cookie: " + set(first));

        assertThat(rotated.body()).isEqualTo(first.body());
        assertThat(set(rotated)).isNotEqualTo(set(first));
        assertThat(with("Cookie: " + set(rotated)).field("Set-Cookie")).isNull();
    }

    @Test
    void doesNotSetItOnAFaultOrAnInformationalResponse() throws Exception {
        plane.sticky = COOKIE;
        plane.start(Backend.of("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"));
        try (Wire client = plane.connect()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.response().field("Set-Cookie")).isNull();
            assertThat(client.response().field("Set-Cookie")).isNotNull();
        }
        plane.upstreams.get("app").manual(plane.endpoint(), Manual.DOWN);

        Wire.Message fault = plane.get("/");

        assertThat(fault.status()).isEqualTo(503);
        assertThat(fault.field("Set-Cookie")).isNull();
    }

    @Test
    void followsAHeaderAndAlwaysReturnsIt() throws Exception {
        start(HEADER);
        Wire.Message first = plane.get("/");
        assertThat(first.field("X-At")).matches("[A-Za-z0-9_-]{40}");

        for (int i = 0; i < 6; i++) {
            Wire.Message next = with("x-aT: " + first.field("X-At"));
            assertThat(next.body()).isEqualTo(first.body());
            assertThat(next.field("X-At")).isEqualTo(first.field("X-At"));
            assertThat(next.field("Set-Cookie")).isNull();
        }
    }
}
