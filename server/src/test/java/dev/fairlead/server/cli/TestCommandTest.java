package dev.fairlead.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestCommandTest {
    private static final String CONFIG = """
            listeners:
              web:
                protocol: http
                address: "127.0.0.1:8080"
                upstream: rest
                routes:
                  - {name: old, match: {host: old.test}, redirect: {scheme: https, host: new.test, status: 308}}
                  - {name: text, match: {path: /text}, respond: {body: hello, status: 203}}
                  - name: users
                    match: {path-prefix: /users}
                    upstream: app
                    rewrite: {prefix: /people, host: inner.test}
                    request-headers: {set: {X-By: "{route} {client}"}, remove: [Cookie]}
                    response-headers: {set: {X-Route: "{route}"}}
                  - {match: {path: /turns}, split: [{upstream: app}, {upstream: rest}]}
            upstreams:
              app: {endpoints: ["127.0.0.1:1"]}
              rest: {endpoints: ["127.0.0.1:2"]}
            tests:
            """;

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void passesWhatIsAsExpected() throws IOException {
        int status = test("""
                  - title: all of a forwarded request
                    url: http://a.test/users/7?b=c
                    method: POST
                    headers: {Cookie: [a=b, c=d], Content-Length: "3"}
                    client: 10.1.2.3
                    expect:
                      route: users
                      upstream: app
                      target: /people/7?b=c
                      request-headers: {x-by: users 10.1.2.3, Host: inner.test, Cookie: {present: false}}
                      response-headers: {X-Route: {prefix: us}}
                  - {url: "http://old.test/x", expect: {route: old, status: 308, location: "https://new.test/x"}}
                  - {url: "http://a.test/text", expect: {status: 203, response-headers: {Content-Type: {regex: "text/.*"}}}}
                  - {url: "http://a.test/turns", expect: {upstream: [rest, app], route: web/4}}
                  - {url: "http://a.test/", expect: {upstream: rest}}
                  - {url: "http://a.test/../x", listener: web, expect: {status: 400}}
                """);

        assertThat(err.toString()).isEmpty();
        assertThat(out.toString())
                .contains("ok", "all of a forwarded request", "to app or rest", "308 https://new.test/x")
                .contains("fairlead.yaml: 6 passed, 0 failed")
                .doesNotContain("FAILED");
        assertThat(status).isZero();
    }

    @Test
    void tellsEveryDifferenceAtItsLine() throws IOException {
        int status = test("""
                  - url: http://a.test/users/7
                    expect:
                      route: text
                      upstream: rest
                      status: 200
                      target: /users/7
                      request-headers: {X-By: me}
                      response-headers: {X-Route: {present: false}}
                  - {url: "http://old.test/x", expect: {location: "https://old.test/", request-headers: {Host: a}}}
                  - {url: "http://a.test/turns", expect: {upstream: app}}
                  - {url: "http://a.test/text", expect: {status: 203}}
                """);

        assertThat(out.toString())
                .contains(
                        ":22:14: error: GET http://a.test/users/7: expected the route `text`, found users\n",
                        ":23:17: error: GET http://a.test/users/7: expected the upstream `rest`, found to app\n",
                        ":24:15: error: GET http://a.test/users/7: expected the status 200, found to app\n",
                        ":25:15: error: GET http://a.test/users/7: expected `/users/7`, found `/people/7`\n",
                        ":26:31: error: GET http://a.test/users/7: expected X-By: `me`, found `users 127.0.0.1`\n",
                        ":27:26: error: GET http://a.test/users/7: expected X-Route: none, found `users`\n",
                        "expected `https://old.test/`, found `https://new.test/x`\n",
                        "expected Host: `a`, found 308 https://new.test/x\n",
                        "expected the upstream `app`, found to app or rest\n")
                .contains("fairlead.yaml: 1 passed, 3 failed")
                .containsPattern("FAILED +GET http://a.test/turns +web/4 +to app or rest");
        assertThat(status).isEqualTo(1);
    }

    @Test
    void asksForTheListenerWhereTheUrlDoesNotTell() throws IOException {
        int status =
                run(CONFIG.replace("upstreams:", """
                  other: {protocol: http, address: "127.0.0.1:8081", upstream: app}
                upstreams:""") + "  - {url: \"http://a.test/\", expect: {upstream: app}}\n");

        assertThat(out.toString()).contains("expected one listener for it, found no listener", "other (port 8081)");
        assertThat(status).isEqualTo(1);
    }

    @Test
    void takesAnEndpointByItsName() throws IOException {
        int status = run("""
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:8080"
                    routes:
                      - {match: {path: /own}, upstream: app, rewrite: {endpoint-host: true}}
                      - {match: {path: /two}, upstream: two, rewrite: {endpoint-host: true}}
                    upstream: app
                upstreams:
                  app: {endpoints: ["app.test:80"]}
                  two: {endpoints: ["app.test:8080"]}
                tests:
                  - {url: "http://a.test/own", expect: {upstream: app, request-headers: {Host: app.test}}}
                  - {url: "http://a.test/two", expect: {upstream: two, request-headers: {Host: "app.test:8080"}}}
                  - {url: "http://a.test/", expect: {upstream: app, request-headers: {Host: a.test}}}
                """);

        assertThat(out.toString()).contains("3 passed, 0 failed");
        assertThat(status).isZero();
    }

    @Test
    void failsWithoutTestsAndWithABrokenFile() throws IOException {
        assertThat(run(CONFIG.replace("tests:\n", ""))).isEqualTo(1);
        assertThat(err.toString()).contains("there are no `tests`");
        assertThat(test("  - {url: \"http://a.test/\"}\n")).isEqualTo(1);
        assertThat(err.toString()).contains("nothing is expected");
    }

    private int test(String tests) throws IOException {
        return run(CONFIG + tests.indent(0));
    }

    private int run(String config) throws IOException {
        Path file = Files.writeString(folder.resolve("fairlead.yaml"), config);
        return FairleadCommand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute("test", file.toString());
    }
}
