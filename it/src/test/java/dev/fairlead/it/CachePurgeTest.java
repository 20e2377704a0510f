package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `fairlead cache purge` and `status`, with an endpoint that says the how-manieth answer each is.
class CachePurgeTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final int web = Repository.freePort();
    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private ScriptedBackend origin;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        origin = ScriptedBackend.playing(connection -> {
            for (var request = connection.request(); request.isPresent(); request = connection.request()) {
                String body = request.get().target() + " " + asked.incrementAndGet();
                if (request.get().first("If-None-Match").isPresent()) {
                    connection.send(
                            "HTTP/1.1 304 Not Modified\r\nETag: \"same\"\r\nCache-Control: max-age=600\r\n\r\n");
                    continue;
                }
                if (request.get().target().equals("/slow")) {
                    goOn.await();
                }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length()
                        + "\r\nCache-Control: max-age=600\r\nETag: \"same\"\r\nCache-Tag: all, page-"
                        + request.get().target().substring(1) + "\r\nSurrogate-Key: old  words\r\nVary: X-Kind\r\n\r\n"
                        + body);
            }
        });
        fairlead = Fairlead.start("""
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%d"
                    cache: {}
                    routes:
                      - {match: {path-prefix: /old}, upstream: app, rewrite: {prefix: /new}}
                      - {match: {path-prefix: /keyed}, upstream: app, cache: {key-query: [page, sort]}}
                    upstream: app
                upstreams:
                  app: {endpoints: ["%s"]}
                """.formatted(web, origin.address()));
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        goOn.countDown();
        fairlead.close();
        origin.close();
    }

    private String ask(String host, String target) throws IOException {
        return ask(host, target, "");
    }

    private String ask(String host, String target, String fields) throws IOException {
        try (Wire wire = Wire.to(web)) {
            return wire.send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n")
                    .response()
                    .text();
        }
    }

    private String purge(String... what) throws IOException, InterruptedException {
        String[] all = new String[what.length + 2];
        all[0] = "cache";
        all[1] = "purge";
        System.arraycopy(what, 0, all, 2, what.length);
        return fairlead.command(0, all).strip();
    }

    @Test
    void byUrl() throws Exception {
        ask("a.test", "/x");
        ask("a.test", "/x", "X-Kind: other\r\n");
        ask("a.test:8080", "/x");
        ask("b.test", "/x");
        ask("a.test", "/x?y");
        assertThat(purge("http://A.test/x")).isEqualTo("forgotten: 3");
        assertThat(ask("a.test", "/x")).isEqualTo("/x 6");
        assertThat(ask("b.test", "/x")).isEqualTo("/x 4");
        assertThat(ask("a.test", "/x?y")).isEqualTo("/x?y 5");
        assertThat(purge("/x")).isEqualTo("forgotten: 2");
        assertThat(purge("http://a.test/none")).isEqualTo("forgotten: 0");
        assertThat(fairlead.command(1, "cache", "purge", "http://")).contains("no URL");
        assertThat(fairlead.command(2, "cache", "purge")).contains("one of URL, --prefix");
        assertThat(fairlead.command(2, "cache", "purge", "/x", "--all")).contains("one of URL, --prefix");
    }

    @Test
    void byWhatAClientAsksForWhereARouteRewritesOrChooses() throws Exception {
        assertThat(ask("a.test", "/old/1")).isEqualTo("/new/1 1");
        assertThat(purge("http://a.test/old/1")).isEqualTo("forgotten: 1");
        assertThat(ask("a.test", "/old/1")).isEqualTo("/new/1 2");
        ask("a.test", "/keyed?page=1&ad=2");
        ask("a.test", "/keyed?page=2");
        assertThat(purge("http://a.test/keyed?ad=7&page=1")).isEqualTo("forgotten: 1");
        assertThat(ask("a.test", "/keyed?page=2")).isEqualTo("/keyed?page=2 4");
    }

    /// Or else a path could be made to look like another with a query.
    @Test
    void aPathIsNoQuery() throws Exception {
        assertThat(ask("a.test", "/keyed&page=1")).isEqualTo("/keyed&page=1 1");
        assertThat(ask("a.test", "/keyed?page=1")).isEqualTo("/keyed?page=1 2");
    }

    @Test
    void byPrefixTagAndAll() throws Exception {
        ask("a.test", "/img/1");
        ask("a.test", "/img/2");
        ask("a.test", "/css");
        assertThat(purge("--prefix", "http://a.test/img/")).isEqualTo("forgotten: 2");
        ask("a.test", "/img/1");
        assertThat(purge("--tag", "page-css")).isEqualTo("forgotten: 1");
        assertThat(purge("--tag", "page")).isEqualTo("forgotten: 0");
        assertThat(purge("--tag", "words")).isEqualTo("forgotten: 1");
        ask("a.test", "/css");
        ask("b.test", "/css");
        assertThat(purge("--tag", "all")).isEqualTo("forgotten: 2");
        ask("a.test", "/css");
        assertThat(purge("--all")).isEqualTo("forgotten: 1");
        assertThat(ask("a.test", "/css")).isEqualTo("/css 8");
    }

    @Test
    void softlyItIsAskedForAgain() throws Exception {
        assertThat(ask("a.test", "/x")).isEqualTo("/x 1");
        assertThat(purge("/x", "--soft")).isEqualTo("stale: 1");
        assertThat(ask("a.test", "/x"))
                .as("the endpoint says that it still holds")
                .isEqualTo("/x 1");
        assertThat(asked).hasValue(2);
        assertThat(ask("a.test", "/x")).isEqualTo("/x 1");
        assertThat(asked).hasValue(2);
    }

    @Test
    void whatIsUnderWayIsNotKept() throws Exception {
        try (Wire wire = Wire.to(web).send("GET /slow HTTP/1.1\r\nHost: a.test\r\n\r\n")) {
            await().atMost(SOON).until(() -> asked.get() == 1);
            assertThat(purge("--tag", "page-slow")).isEqualTo("forgotten: 0");
            goOn.countDown();
            assertThat(wire.response().text()).isEqualTo("/slow 1");
        }
        assertThat(ask("a.test", "/slow")).isEqualTo("/slow 2");
    }

    @Test
    void statusTellsWhatIsKept() throws Exception {
        ask("a.test", "/x");
        ask("a.test", "/x");
        ask("a.test", "/x", "X-Kind: other\r\n");
        ask("a.test", "/x");
        assertThat(fairlead.command(0, "cache", "status"))
                .contains("responses: 2\n", "keys: 1\n", "requests hit: 2\n", "requests miss: 2\n", "hit-ratio: 0.5\n");
        assertThat(fairlead.metric("fairlead_cache_requests_total", "route=\"\"", "outcome=\"hit\""))
                .isEqualTo(2);
    }
}
