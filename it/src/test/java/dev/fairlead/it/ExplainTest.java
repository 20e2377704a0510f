package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `fairlead explain` of the running program says what then happens.
class ExplainTest {
    private final int web = Repository.freePort();
    private ScriptedBackend one;
    private ScriptedBackend two;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        one = ScriptedBackend.answering(_ -> ScriptedBackend.ok("one"));
        two = ScriptedBackend.answering(_ -> ScriptedBackend.ok("two"));
        fairlead = Fairlead.start("""
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%d"
                    routes:
                      - {name: all, match: {path-prefix: /a}, upstream: app}
                      - name: kept
                        match: {path: /kept}
                        upstream: app
                        cache: {key-query: page, key-cookies: currency, bypass-cookies: session, default-ttl: 60s}
                      - {name: gone, match: {path: /old}, redirect: {path: /a/new, status: 301}}
                upstreams:
                  app: {endpoints: ["%s", "%s"], balancer: {algorithm: maglev, key: path}}
                """.formatted(web, one.address(), two.address()));
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            one.close();
            two.close();
        }
    }

    @Test
    void namesTheEndpointThatThenAnswers() throws IOException, InterruptedException {
        for (String path : new String[] {"/a/1", "/a/2", "/a/3"}) {
            String told = fairlead.command(0, "explain", "http://127.0.0.1:" + web + path);
            try (Wire wire = Wire.to(web)) {
                String answering = wire.get(path).text().equals("one") ? one.address() : two.address();
                assertThat(told).contains("route     all", "endpoint  " + answering + "\n");
            }
        }
    }

    @Test
    void countsNothing() throws IOException, InterruptedException {
        fairlead.command(0, "explain", "http://127.0.0.1:" + web + "/a/1");

        assertThat(fairlead.admin("/upstreams"))
                .containsPattern("\"picks\" : 0")
                .doesNotContainPattern("\"picks\" : [1-9]");
    }

    @Test
    void saysWhatTheCacheWouldDo() throws IOException, InterruptedException {
        String url = "http://127.0.0.1:" + web + "/kept?page=1&ad=2";
        assertThat(fairlead.command(0, "explain", url))
                .contains(
                        "cache     ask: nothing is kept; the answer is, if it allows it\n",
                        "    by target /kept\n",
                        "    by query [page]: &page=1\n",
                        "    by cookie currency: none\n");
        try (Wire wire = Wire.to(web)) {
            wire.send("GET /kept?ad=3&page=1 HTTP/1.1\r\nHost: 127.0.0.1:" + web + "\r\n\r\n")
                    .response();
        }
        assertThat(fairlead.command(0, "explain", url))
                .containsPattern("cache     hit: fresh for [0-9]+ s, age [0-9]+ s\n");
        assertThat(fairlead.command(0, "explain", url, "-H", "Cache-Control: no-cache"))
                .containsPattern("cache     ask: fresh for .*, asked for again\n");
        assertThat(fairlead.command(0, "explain", url, "-H", "Cookie: session=1"))
                .contains("cache     pass: it has a cookie or a field that bypasses the cache\n");
        assertThat(fairlead.command(0, "explain", "POST", url)).contains("cache     pass: only GET and HEAD");
        assertThat(fairlead.metric("fairlead_cache_requests_total"))
                .as("explaining counts nothing")
                .isEqualTo(1);
    }

    @Test
    void seesWhatAnOperatorHasSaid() throws IOException, InterruptedException {
        fairlead.command(0, "down", "app", one.address());

        assertThat(fairlead.command(0, "explain", "http://127.0.0.1:" + web + "/a/1"))
                .contains("down by hand", "endpoint  " + two.address() + "\n");
    }

    @Test
    void computesARedirect() throws IOException, InterruptedException {
        String told = fairlead.command(0, "explain", "http://127.0.0.1:" + web + "/old?x=1");

        assertThat(told)
                .contains("route     gone", "answer    301")
                .containsIgnoringCase("location: http://127.0.0.1:" + web + "/a/new?x=1");
    }

    @Test
    void namesTheListenersWhenItCannotTell() throws IOException, InterruptedException {
        assertThat(fairlead.command(1, "explain", "http://127.0.0.1/", "--listener", "wep"))
                .contains("no listener", "web (port " + web + ")");
    }
}
