package dev.fairlead.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a request that changes something makes forgotten, where it goes another way than those that read (RFC 9111
/// §4.4). The endpoint says the how-manieth answer each is.
class CacheChangeTest {
    private final int web = Repository.freePort();
    private final AtomicInteger asked = new AtomicInteger();
    private ScriptedBackend origin;
    private Fairlead fairlead;

    @BeforeEach
    void start() throws IOException {
        origin = ScriptedBackend.playing(connection -> {
            for (var request = connection.request(); request.isPresent(); request = connection.request()) {
                String body = request.get().target() + " " + asked.incrementAndGet();
                String status = request.get().target().equals("/failing") ? "500 Oh" : "200 OK";
                String first = request.get().start().startsWith("GET") ? "200 OK" : status;
                connection.send("HTTP/1.1 " + first + "\r\nContent-Length: " + body.length()
                        + "\r\nCache-Control: max-age=600\r\nLocation: /named\r\n\r\n" + body);
            }
        });
        fairlead = Fairlead.start("""
                listeners:
                  web:
                    protocol: http
                    address: "127.0.0.1:%1$d"
                    cache: {}
                    routes:
                      - {match: {method: [POST, DELETE]}, upstream: app, cache: {enabled: false}}
                      - match: {path-prefix: /split}
                        split: [{upstream: app, weight: 1}, {upstream: other, weight: 1}]
                      - {match: {host: b.test, path-prefix: /kept}, upstream: app}
                      - {match: {headers: {X-Kind: beta}}, upstream: app}
                    upstream: app
                upstreams:
                  app: {endpoints: ["%2$s"]}
                  other: {endpoints: ["%2$s"]}
                """.formatted(web, origin.address()));
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        fairlead.close();
        origin.close();
    }

    private String ask(String method, String host, String target, String fields) throws IOException {
        try (Wire wire = Wire.to(web)) {
            return wire.send(method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n")
                    .response()
                    .text();
        }
    }

    private String get(String target) throws IOException {
        return ask("GET", "a.test", target, "");
    }

    @Test
    void byAnotherRoute() throws Exception {
        assertThat(get("/x")).isEqualTo("/x 1");
        assertThat(get("/x")).isEqualTo("/x 1");
        assertThat(ask("DELETE", "a.test", "/x", "")).isEqualTo("/x 2");
        assertThat(get("/x")).isEqualTo("/x 3");
    }

    @Test
    void byARouteOfOtherClients() throws Exception {
        assertThat(get("/x")).isEqualTo("/x 1");
        assertThat(ask("GET", "a.test", "/x", "X-Kind: beta\r\n")).isEqualTo("/x 2");
        assertThat(ask("PUT", "a.test", "/x", "Content-Length: 0\r\n")).isEqualTo("/x 3");
        assertThat(get("/x")).isEqualTo("/x 4");
        assertThat(ask("GET", "a.test", "/x", "X-Kind: beta\r\n")).isEqualTo("/x 5");
    }

    @Test
    void byTheOtherShareOfASplit() throws Exception {
        get("/split");
        get("/split");
        assertThat(asked).as("one for each share").hasValue(2);
        get("/split");
        get("/split");
        assertThat(asked).hasValue(2);
        ask("PUT", "a.test", "/split", "Content-Length: 0\r\n");
        get("/split");
        get("/split");
        assertThat(asked).hasValue(5);
    }

    @Test
    void whatTheAnswerNames() throws Exception {
        assertThat(get("/named")).isEqualTo("/named 1");
        ask("POST", "a.test", "/x", "Content-Length: 0\r\n");
        assertThat(get("/named")).isEqualTo("/named 3");
    }

    @Test
    void nothingElse() throws Exception {
        ask("GET", "b.test", "/kept", "");
        get("/kept");
        get("/y");
        get("/failing");
        ask("POST", "a.test", "/kept", "Content-Length: 0\r\n");
        ask("POST", "a.test", "/failing", "Content-Length: 0\r\n");
        assertThat(ask("GET", "b.test", "/kept", "")).isEqualTo("/kept 1");
        assertThat(ask("GET", "b.test.", "/kept", "")).isEqualTo("/kept 7");
        assertThat(get("/y")).isEqualTo("/y 3");
        assertThat(get("/failing")).isEqualTo("/failing 4");
        assertThat(get("/kept")).isEqualTo("/kept 8");
    }
}
