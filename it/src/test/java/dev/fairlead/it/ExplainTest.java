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
