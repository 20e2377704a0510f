package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Retries, splits, mirrors and the time-outs of routes, with a real nginx beside backends that fail.
class ForwardingTest {
    private static final int PORT = Repository.freePort();
    private static final AtomicInteger BUSY = new AtomicInteger();
    private static NginxBackend nginx;
    private static NginxBackend canary;
    private static ScriptedBackend busy;
    private static ScriptedBackend dying;
    private static ScriptedBackend silent;
    private static ScriptedBackend shadow;
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException {
        nginx = NginxBackend.start("one");
        canary = NginxBackend.start("canary");
        busy = ScriptedBackend.answering(_ -> {
            BUSY.incrementAndGet();
            return "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";
        });
        dying = ScriptedBackend.playing(connection -> {
            connection.request();
            connection.reset();
        });
        silent = ScriptedBackend.playing(ScriptedBackend.Connection::awaitEnd);
        shadow = ScriptedBackend.answering(_ -> ScriptedBackend.ok("shadow"));
        fairlead = Fairlead.start("""
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%1$d"
                    routes:
                      - {match: {path: /name}, upstream: mixed, mirror: {upstream: shadow, percent: 100}}
                      - {match: {path-prefix: /put}, upstream: mixed}
                      - {match: {path: /busy}, upstream: busy}
                      - {match: {path: /dying}, upstream: dying}
                      - {match: {path: /total}, upstream: silent, timeouts: {total: 300ms}}
                      - match: {path: /healthz}
                        split: [{upstream: nginx, weight: 3}, {upstream: canary, weight: 1}]
                        split-by: {cookie: share}
                upstreams:
                  mixed:
                    endpoints: ["%2$s", "%3$s", "%4$s"]
                    retry: {statuses: 503, backoff-base: 1ms}
                  busy: {endpoints: ["%3$s"], retry: {statuses: 500-599, backoff-base: 1ms}}
                  dying: {endpoints: ["%4$s"]}
                  silent: {endpoints: ["%5$s"]}
                  shadow: {endpoints: ["%6$s"]}
                  nginx: {endpoints: ["%2$s"]}
                  canary: {endpoints: ["%7$s"]}
                """.formatted(
                        PORT,
                        nginx.address(),
                        busy.address(),
                        dying.address(),
                        silent.address(),
                        shadow.address(),
                        canary.address()));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            nginx.close();
            canary.close();
            busy.close();
            dying.close();
            silent.close();
            shadow.close();
        }
    }

    private static Message get(String target) throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            return wire.get(target);
        }
    }

    @Test
    void ridesOverEndpointsThatAreBusyOrDie() throws IOException {
        double mirrored = fairlead.metric("fairlead_upstream_mirrored_total", "sent");
        int copies = shadow.requests().size();

        for (int i = 0; i < 30; i++) {
            Message answer = get("/name");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).isEqualTo("one");
        }

        assertThat(fairlead.metric("fairlead_upstream_retries_total", "mixed", "status"))
                .isPositive();
        assertThat(fairlead.metric("fairlead_upstream_retries_total", "mixed", "reset"))
                .isPositive();
        await().until(() -> shadow.requests().size() == copies + 30);
        assertThat(fairlead.metric("fairlead_upstream_mirrored_total", "sent") - mirrored)
                .isEqualTo(30);
        assertThat(shadow.requests().getLast().first("X-Mirrored")).hasValue("web/1");
    }

    @Test
    void sendsABodyToTheEndpointThatTakesIt() throws IOException {
        String body = "x".repeat(40_000);
        for (int i = 0; i < 6; i++) {
            try (Wire wire = Wire.to(PORT)) {
                Message answer = wire.send("PUT /put/kept HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n" + body)
                        .response();
                assertThat(answer.status()).isIn(201, 204);
            }
        }
        assertThat(nginx.file("put/kept")).hasContent(body);
    }

    @Test
    void passesOnTheLastAnswer() throws IOException {
        int before = BUSY.get();

        Message answer = get("/busy");

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.text()).isEqualTo("busy");
        assertThat(answer.first("Proxy-Status")).isEmpty();
        assertThat(BUSY.get() - before).isEqualTo(3);
    }

    @Test
    void asksNoEndpointTwiceThatDiedOfTheRequest() throws IOException {
        int before = dying.accepted();

        assertThat(get("/dying").status()).isEqualTo(502);
        assertThat(dying.accepted() - before).isEqualTo(1);
    }

    @Test
    void endsAnExchangeAtTheTotalOfItsRoute() throws IOException {
        Message answer = get("/total");

        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.first("Proxy-Status"))
                .hasValueSatisfying(why -> assertThat(why).contains("error=http_response_timeout", "timeouts.total"));
    }

    @Test
    void keepsAClientOnItsSideOfTheSplit() throws IOException {
        int canaries = 0;
        for (int i = 0; i < 60; i++) {
            Message first = get("/healthz");
            String cookie = first.first("Set-Cookie").orElseThrow();
            try (Wire wire = Wire.to(PORT)) {
                Message second = wire.send("GET /healthz HTTP/1.1\r\nHost: a\r\nCookie: "
                                + cookie.substring(0, cookie.indexOf(';')) + "\r\n\r\n")
                        .response();
                assertThat(second.first("X-Backend")).isEqualTo(first.first("X-Backend"));
            }
            canaries += first.first("X-Backend").equals(java.util.Optional.of("canary")) ? 1 : 0;
        }
        assertThat(canaries).isBetween(1, 40);
    }
}
