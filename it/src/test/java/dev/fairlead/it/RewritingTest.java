package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What endpoints are asked for: paths in their normal form find their routes, and routes make other paths and queries
/// of them.
class RewritingTest {
    private static final int PORT = Repository.freePort();
    private static ScriptedBackend backend;
    private static Fairlead fairlead;

    @BeforeAll
    static void start() throws IOException {
        backend = ScriptedBackend.answering(_ -> ScriptedBackend.ok("well"));
        fairlead = Fairlead.start("""
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%1$d"
                    upstream: app
                    routes:
                      - {match: {path-prefix: /admin}, respond: {status: 403}}
                      - {match: {path: /caf\u00e9}, respond: {status: 418}}
                      - {match: {path: "/a%%2fb"}, respond: {status: 419}}
                      - {match: {path-template: "/users/{id}"}, upstream: app, rewrite: {template: "/v2/people/{id}"}}
                      - match: {path-regex: "/shop/(?P<shop>[a-z]+)/(.*)"}
                        upstream: app
                        rewrite: {template: "/{2}/in/{shop}", query: {remove: [debug], set: {who: "{client}&x"}}}
                      - {match: {path-prefix: /strip}, upstream: app, rewrite: {prefix: /}}
                      - {match: {path-regex: "/tear(.*)"}, upstream: app, rewrite: {template: "/{1}/x"}}
                      - {match: {path-template: "/old/{id}"}, redirect: {template: "/new/{id}/"}}
                upstreams:
                  app: {endpoints: ["%2$s"]}
                """.formatted(PORT, backend.address()));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        try {
            fairlead.close();
        } finally {
            backend.close();
        }
    }

    @BeforeEach
    void forget() {
        backend.forgetRequests();
    }

    private static int status(String target) throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            return wire.get(target).status();
        }
    }

    private static String asked(String target) throws IOException {
        assertThat(status(target)).isEqualTo(200);
        return backend.requests().getLast().target();
    }

    @Test
    void protectsAPathHoweverItIsEscaped() throws IOException {
        for (String target : new String[] {
            "/admin", "/%61dmin", "/%61%64%6d%69%6E/x", "/admin?x", "/adm%69n/%2e%2ex", "http://a.test/%61dmin"
        }) {
            assertThat(status(target)).as(target).isEqualTo(403);
        }
        assertThat(status("/caf%C3%A9")).isEqualTo(418);
        assertThat(status("/caf%c3%a9")).isEqualTo(418);
        assertThat(status("/a%2Fb")).isEqualTo(419);
        assertThat(status("/a%2fb")).isEqualTo(419);
        assertThat(backend.requests()).isEmpty();
    }

    @Test
    void passesAPathOnAsItIsWrittenWhereNothingChangesIt() throws IOException {
        assertThat(asked("/%7Euser/%2f%61?%61=%2f")).isEqualTo("/%7Euser/%2f%61?%61=%2f");
        assertThat(asked("/admi")).isEqualTo("/admi");
        assertThat(asked("/a/b")).isEqualTo("/a/b");
    }

    @Test
    void makesPathsAndQueriesOfTheirParts() throws IOException {
        assertThat(asked("/users/7?a=b")).isEqualTo("/v2/people/7?a=b");
        assertThat(asked("/%75sers/a%2fb")).isEqualTo("/v2/people/a%2Fb");
        assertThat(asked("/shop/berlin/x/y?%64ebug=1&a=%20&who=me"))
                .isEqualTo("/x/y/in/berlin?a=%20&who=127.0.0.1%26x");
        assertThat(asked("/%73trip/%41?q")).isEqualTo("/A?q");
    }

    @Test
    void refusesToSendWhatWouldBeNoPath() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            Message answer = wire.get("/tear..");
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.first("Proxy-Status"))
                    .contains("fairlead; error=http_request_error; details=\"rewrite\"");
        }
        assertThat(backend.requests()).isEmpty();
        assertThat(asked("/tear-a")).isEqualTo("/-a/x");
    }

    @Test
    void redirectsToAPathOfParts() throws IOException {
        try (Wire wire = Wire.to(PORT)) {
            assertThat(wire.get("/old/7?a=b").first("Location")).contains("http://a.test/new/7/?a=b");
        }
    }
}
